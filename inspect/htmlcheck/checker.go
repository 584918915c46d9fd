package htmlcheck

import "github.com/pastedev/pastedev/inspect"

// Checker takes a document in pieces, as it passes by. The zero value checks a whole page.
// It keeps no more than is checked. One goroutine may use it at a time.
type Checker struct {
	Options Options

	doc  []byte
	more bool // there were bytes beyond the bound
}

// Write takes the next piece. It never fails and takes p whole, whatever is kept of it.
func (c *Checker) Write(p []byte) (int, error) {
	limit := c.Options.MaxBytes
	if limit <= 0 {
		limit = MaxBytes
	}
	room := limit - len(c.doc)
	if len(p) > room {
		c.more = true
	}
	c.doc = append(c.doc, p[:min(len(p), room)]...)
	return len(p), nil
}

// Report checks what was written. More may be written after it.
func (c *Checker) Report() inspect.HTMLCheck {
	opts := c.Options
	opts.Partial = opts.Partial || c.more
	return Report(c.doc, opts)
}
