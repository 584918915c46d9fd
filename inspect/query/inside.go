package query

import (
	"iter"
	"regexp"

	"github.com/pastedev/pastedev/inspect"
)

// insideTerm tests the texts that get yields of an exchange. Those of which some says
// that there are none are not read. With != no text may be equal.
func insideTerm(some func(*inspect.Sums) bool, get func(*inspect.Exchange) iter.Seq[string]) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		negated := op == "!="
		if negated {
			op = "="
		}
		test, err := textTest(name, op, v)
		return func(c *candidate) bool {
			if !some(&c.s.Sums) {
				return negated
			}
			if ex := c.exchange(); ex != nil {
				for s := range get(ex) {
					if test(s) {
						return !negated
					}
				}
			}
			return negated
		}, err
	}
}

// colour is an SGR sequence (ECMA-48 8.3.117), which a printed line may hold.
var colour = regexp.MustCompile("\x1b\\[[0-9;:]*m")

// printed yields the log lines of ex without their colours, and the values of their
// attributes.
func printed(ex *inspect.Exchange) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range ex.Logs {
			o := &ex.Logs[i]
			if !yield(colour.ReplaceAllString(o.Text, "")) {
				return
			}
			for _, a := range o.Attrs {
				if !yield(a.Value) {
					return
				}
			}
		}
	}
}

func levels(ex *inspect.Exchange) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range ex.Logs {
			if l := ex.Logs[i].Level; l != "" && !yield(l) {
				return
			}
		}
	}
}

func statements(ex *inspect.Exchange) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range ex.Spans {
			if q := ex.Spans[i].SQL; q != nil && q.Statement != "" && !yield(q.Statement) {
				return
			}
		}
	}
}

// findings yields code and message of what the HTML check found.
func findings(ex *inspect.Exchange) iter.Seq[string] {
	return func(yield func(string) bool) {
		if ex.HTML == nil {
			return
		}
		for i := range ex.HTML.Diagnostics {
			d := &ex.HTML.Diagnostics[i]
			if !yield(d.Code) || !yield(d.Message) {
				return
			}
		}
	}
}

func hasHTML(s *inspect.Sums) bool { return s.HTMLErrors+s.HTMLWarnings > 0 }
func hasLogs(s *inspect.Sums) bool { return s.Logs > 0 }
func hasSQL(s *inspect.Sums) bool  { return s.SQL > 0 }
