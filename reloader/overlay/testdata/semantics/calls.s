// Functions without a body are allowed in a package with such a file.
