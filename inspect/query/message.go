package query

import (
	"bytes"
	"slices"
	"strings"
)

// headerTerm tests the values of the header field that stands after the last dot of
// the prefix, on the given sides. With != no value may be equal.
func headerTerm(sides ...side) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		_, header, _ := strings.Cut(name, "header.")
		negated := op == "!="
		if negated {
			op = "="
		}
		test, err := textTest(name, op, v)
		return func(c *candidate) bool {
			ex := c.exchange()
			if ex == nil {
				return false
			}
			for _, sd := range sides {
				for field, values := range sd.of(ex).Header {
					if strings.EqualFold(field, header) && slices.ContainsFunc(values, test) {
						return !negated
					}
				}
			}
			return negated
		}, err
	}
}

// bodyTerm tests the bodies of the given sides.
func bodyTerm(sides ...side) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		test, err := bodyTest(name, op, v)
		return func(c *candidate) bool {
			return slices.ContainsFunc(sides, func(sd side) bool {
				b := c.body(sd)
				return len(b) > 0 && test(b)
			})
		}, err
	}
}

func bodyTest(name, op string, v value) (func([]byte) bool, error) {
	switch op {
	case "~":
		re, err := compile(v)
		if err != nil {
			return nil, err
		}
		return re.Match, nil
	case ":":
		if v.text == "" {
			return nil, v.errorf("", "%s: needs a value", name)
		}
		if !v.quoted && v.text == "*" {
			return func([]byte) bool { return true }, nil
		}
		want := bytes.ToLower([]byte(v.text))
		return func(b []byte) bool { return bytesContainFold(b, want) }, nil
	}
	return nil, v.errorf("", "%s is searched with : or ~, not with %s", name, op)
}

// bytesContainFold is containsFold for bodies, with want in lower case. It jumps from
// one place of the first byte to the next, which is what makes large bodies bearable.
func bytesContainFold(b, want []byte) bool {
	first := want[0]
	upper := first
	if 'a' <= first && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for len(b) >= len(want) {
		i := bytes.IndexByte(b, first)
		if upper != first {
			if j := bytes.IndexByte(b[:max(i, 0)], upper); j >= 0 {
				i = j
			} else if i < 0 {
				i = bytes.IndexByte(b, upper)
			}
		}
		if i < 0 || i+len(want) > len(b) {
			return false
		}
		if bytes.EqualFold(b[i:i+len(want)], want) {
			return true
		}
		b = b[i+1:]
	}
	return false
}
