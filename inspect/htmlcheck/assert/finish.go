package assert

// finish reports what only the whole page shows; nobody knows of a tree that ends early.
func (c *checker) finish() {
	if c.page.Doc.Truncated {
		return
	}
	c.finishHeadings()
	c.finishReferences()
}
