package assert

// finish reports what only the whole page shows.
func (c *checker) finish() {
	c.finishHeadings()
	c.finishReferences()
}
