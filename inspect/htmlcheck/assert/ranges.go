package assert

import (
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// number returns the value of an attribute as a number, and whether it is one.
func number(n *parse.Node, name string) (float64, bool) {
	v, ok := value(n, name)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.Trim(v, spaces), 64)
	return f, err == nil || strings.Contains(err.Error(), "range")
}

// meterRange reports values of a meter outside its range (4.10.14).
func meterRange(c *checker, n *parse.Node) {
	low, hasMin := number(n, "min")
	high, hasMax := number(n, "max")
	if !hasMax {
		high = 1
	}
	for _, name := range [...]string{"value", "low", "high", "optimum"} {
		v, ok := number(n, name)
		if !ok {
			continue
		}
		if v > high && (hasMax || n.Attr("max") == nil) {
			c.beyond(n, name, "meter", "at most", "max", high)
		}
		if v < low && (hasMin || n.Attr("min") == nil) {
			c.beyond(n, name, "meter", "at least", "min", low)
		}
	}
	if low > high && hasMin && (hasMax || n.Attr("max") == nil) {
		c.beyond(n, "min", "meter", "at most", "max", high)
	}
	if high < 0 && !hasMin && n.Attr("min") == nil {
		c.beyond(n, "max", "meter", "at least", "min", 0)
	}
	if l, ok := number(n, "low"); ok {
		if h, ok := number(n, "high"); ok && l > h {
			c.beyond(n, "low", "meter", "at most", "high", h)
		}
	}
}

// progressRange reports a value of a progress bar beyond its end (4.10.13).
func progressRange(c *checker, n *parse.Node) {
	v, ok := number(n, "value")
	if !ok {
		return
	}
	end, has := number(n, "max")
	if !has {
		end = 1
	}
	if v > end {
		c.beyond(n, "value", "progress", "at most", "max", end)
	}
}

// beyond reports that an attribute of n is on the wrong side of another one.
func (c *checker) beyond(n *parse.Node, name, element, how, other string, limit float64) {
	what := "`" + other + "`, " + strconv.FormatFloat(limit, 'g', -1, 64)
	if _, ok := number(n, other); !ok {
		what = strconv.FormatFloat(limit, 'g', -1, 64) + ", the `" + other + "` when it gives no number"
	}
	rule, section := finding.Rule("co-constraint/meter-range"), "4.10.14"
	if element == "progress" {
		rule, section = "co-constraint/progress-range", "4.10.13"
	}
	c.error(n, attrSpan(n.Attr(name)), rule, section, "`"+name+"` must be "+how+" "+what)
}
