package query

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// node is a part of a query.
type node interface {
	match(c *candidate) bool
	// dear reports whether match may read headers or bodies.
	dear() bool
	String() string
}

// candidate is the exchange that is being matched.
type candidate struct {
	s      *inspect.Summary
	load   func() *inspect.Exchange
	decode func(inspect.Header, inspect.Body) []byte

	asked  bool
	ex     *inspect.Exchange
	bodies [2][]byte // decoded, by side
	known  [2]bool
}

// exchange loads the details once. nil when there are none.
func (c *candidate) exchange() *inspect.Exchange {
	if !c.asked {
		c.asked = true
		if c.load != nil {
			c.ex = c.load()
		}
	}
	return c.ex
}

// body returns a decoded body, decoding it once.
func (c *candidate) body(sd side) []byte {
	ex := c.exchange()
	if ex == nil {
		return nil
	}
	if c.known[sd] {
		return c.bodies[sd]
	}
	m := sd.of(ex)
	data := m.Body.Data
	if c.decode != nil && len(data) > 0 {
		if d := c.decode(m.Header, m.Body); d != nil {
			data = d
		}
	}
	c.bodies[sd], c.known[sd] = data, true
	return data
}

// side is one of the two messages.
type side int

const (
	request side = iota
	response
)

func (sd side) of(ex *inspect.Exchange) *inspect.Message {
	if sd == request {
		return &ex.Request
	}
	return &ex.Response
}

type (
	and []node
	or  []node
	not struct{ node }
)

// newAnd and newOr put the parts that only look at the summary first, so that the
// others are reached only when those leave the matter open.
func newAnd(parts []node) node {
	if len(parts) == 1 {
		return parts[0]
	}
	return and(cheapFirst(parts))
}

func newOr(parts []node) node {
	if len(parts) == 1 {
		return parts[0]
	}
	return or(cheapFirst(parts))
}

func cheapFirst(parts []node) []node {
	slices.SortStableFunc(parts, func(a, b node) int {
		switch {
		case a.dear() == b.dear():
			return 0
		case a.dear():
			return 1
		}
		return -1
	})
	return parts
}

func (n and) match(c *candidate) bool {
	for _, p := range n {
		if !p.match(c) {
			return false
		}
	}
	return true
}

func (n or) match(c *candidate) bool {
	for _, p := range n {
		if p.match(c) {
			return true
		}
	}
	return false
}

func (n not) match(c *candidate) bool { return !n.node.match(c) }

func (n and) dear() bool { return slices.ContainsFunc(n, node.dear) }
func (n or) dear() bool  { return slices.ContainsFunc(n, node.dear) }

func (n and) String() string { return join(n, " ") }
func (n or) String() string  { return join(n, " OR ") }
func (n not) String() string { return "-" + inParens(n.node) }

func join(parts []node, sep string) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(inParens(p))
	}
	return b.String()
}

func inParens(n node) string {
	switch n.(type) {
	case and, or:
		return "(" + n.String() + ")"
	}
	return n.String()
}

// term is a leaf: a test with the text it was written as.
type term struct {
	text  string
	reads bool // looks beyond the summary
	test  func(c *candidate) bool
}

func (t term) match(c *candidate) bool { return t.test(c) }
func (t term) dear() bool              { return t.reads }
func (t term) String() string          { return t.text }
