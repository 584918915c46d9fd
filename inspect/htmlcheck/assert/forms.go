package assert

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const inputSection = "4.10.5"

// onlyTypes are the attributes of input that only some types have (4.10.5, the table).
var onlyTypes = [...]struct {
	attr  string
	rule  finding.Rule
	types []string
}{
	{"autocomplete", "attr-unknown/input-autocomplete", []string{"color", "date", "datetime-local", "email", "hidden", "month", "number", "password", "range", "search", "tel", "text", "time", "url", "week"}},
	{"list", "attr-unknown/input-list", []string{"color", "date", "datetime-local", "email", "month", "number", "range", "search", "tel", "text", "time", "url", "week"}},
	{"maxlength", "attr-unknown/input-maxlength", textTypes},
	{"minlength", "attr-unknown/input-minlength", textTypes},
	{"pattern", "attr-unknown/input-pattern", textTypes},
	{"placeholder", "attr-unknown/input-placeholder", []string{"email", "number", "password", "search", "tel", "text", "url"}},
	{"readonly", "attr-unknown/input-readonly", []string{"date", "datetime-local", "email", "month", "number", "password", "search", "tel", "text", "time", "url", "week"}},
	{"required", "attr-unknown/input-required", []string{"checkbox", "date", "datetime-local", "email", "file", "month", "number", "password", "radio", "search", "tel", "text", "time", "url", "week"}},
}

var textTypes = []string{"email", "password", "search", "tel", "text", "url"}

// inputAttributes reports the attributes that do not fit the type of an input.
func inputAttributes(c *checker, n *parse.Node) {
	t, ok := value(n, "type")
	if t = strings.ToLower(t); !ok {
		t = "text"
	}
	for i := range onlyTypes {
		o := &onlyTypes[i]
		if a := n.Attr(o.attr); a != nil && !slices.Contains(o.types, t) {
			c.error(n, a.NameSpan, o.rule, inputSection,
				"`"+o.attr+"` has no effect with `type=\""+shorten(t)+"\"`; it is for "+strings.Join(o.types, ", "))
		}
	}
	if a := n.Attr("autocomplete"); a != nil {
		c.autofill(n, a, t)
	}
}

// autofillType is the type of values that autocomplete has on inputs of a type, "" where
// it may say what it wants.
func autofillType(inputType string) string {
	switch inputType {
	case "hidden":
		return "autofill"
	case "text", "tel", "url", "email", "password", "number", "date", "month":
		return "autofill-" + inputType
	}
	return ""
}

// autofill checks that the autocomplete attribute of an input fits its type (4.10.18.7).
func (c *checker) autofill(n *parse.Node, a *parse.Attr, inputType string) {
	const section = "4.10.18.7"
	if inputType == "hidden" && (a.Value == "on" || a.Value == "off") {
		c.error(n, attrSpan(a), "co-constraint/input-hidden-autocomplete", section,
			"nobody fills in a hidden input: `autocomplete` can only name what its value is")
		return
	}
	values := autofillType(inputType)
	if values == "" {
		return
	}
	if p := datatype.Check(values, a.Value); p != nil && !p.Warning {
		span := attrSpan(a)
		if p.Start < p.End && len(a.Value) == span.Len() {
			span = parse.Span{Start: span.Start + p.Start, End: span.Start + p.End}
		}
		c.error(n, span, "attr-value/autocomplete", section, "`autocomplete` of `input`: the value "+p.Message)
	}
}

// inputValue reports values that an input must or must not have.
func inputValue(c *checker, n *parse.Node) {
	if hasValue(n, "type", "button") {
		if v, _ := value(n, "value"); v == "" {
			c.error(n, n.Span, "attr-missing/input-button-value", "4.10.5.1.21", "an input of type `button` needs `value`: the text on it")
		}
	}
	if a := n.Attr("name"); a != nil && a.Value == "isindex" {
		c.error(n, attrSpan(a), "attr-value/input-isindex", "4.10.18.1", "`isindex` has a special meaning in old browsers: choose another name")
	}
}

// formCharset reports a form that asks for another encoding than UTF-8 (4.10.3).
func formCharset(c *checker, n *parse.Node) {
	if a := n.Attr("accept-charset"); a != nil && !strings.EqualFold(a.Value, "utf-8") {
		c.error(n, attrSpan(a), "attr-value/form-charset", "4.10.3", "forms are sent in UTF-8: leave out `accept-charset`")
	}
}

// choice is an open select element.
type choice struct {
	node            *parse.Node
	placeholder     bool // it is required, so that its first option is the one for "nothing chosen"
	multiple        bool
	options, chosen int
	first           *parse.Node // the first option while it is open
}

// openSelect notes what a select asks of its options (4.10.7).
func openSelect(c *checker, n *parse.Node) {
	size, sized := value(n, "size")
	s := choice{node: n, multiple: n.Attr("multiple") != nil}
	s.placeholder = n.Attr("required") != nil && !s.multiple && (!sized || size == "1")
	c.selects = append(c.selects, s)
	if a := n.Attr("autocomplete"); a != nil && hasToken(a.Value, "webauthn") {
		c.error(n, attrSpan(a), "co-constraint/select-webauthn", "4.10.18.7", "`webauthn` is for `input` and `textarea` only")
	}
}

func closeSelect(c *checker, f *frame) {
	last := len(c.selects) - 1
	s := &c.selects[last]
	if s.placeholder && s.options == 0 {
		c.error(f.node, f.node.Span, "co-constraint/select-required-empty", "4.10.7",
			"a required `select` needs an `option`: the first one, with an empty value, says that nothing is chosen yet")
	}
	c.selects = c.selects[:last]
}

// openOption compares an option with those before it in its select.
func openOption(c *checker, n *parse.Node) {
	last := len(c.selects) - 1
	if last < 0 || c.top().template {
		return
	}
	s := &c.selects[last]
	s.options++
	if a := n.Attr("selected"); a != nil {
		s.chosen++
		if s.chosen > 1 && !s.multiple {
			c.error(n, a.NameSpan, "co-constraint/option-selected-twice", "4.10.7", "only one option can be `selected` in a `select` without `multiple`")
		}
	}
	if !s.placeholder || s.options > 1 {
		return
	}
	v := n.Attr("value")
	switch {
	case c.top().inside&inOptgroup != 0:
		c.noPlaceholder(n, n.Span, "put it before the `optgroup`")
	case v == nil:
		s.first = n
	case v.Value != "":
		c.noPlaceholder(n, n.Span, "put it first")
	}
}

func (c *checker) noPlaceholder(n *parse.Node, span parse.Span, where string) {
	c.error(n, span, "co-constraint/select-placeholder", "4.10.7",
		"a required `select` begins with an option that says that nothing is chosen yet, like `<option value=\"\">Choose…`: "+where)
}

// closeOption reports an option without text (4.10.10).
func closeOption(c *checker, f *frame) {
	n := f.node
	empty := f.seen&hasText == 0
	if last := len(c.selects) - 1; last >= 0 && c.selects[last].first == n {
		c.selects[last].first = nil
		if !empty {
			c.noPlaceholder(n, n.Span, "put it first")
		}
	}
	if empty && n.Attr("label") == nil && !isHTML(n.Parent, "datalist") {
		c.error(n, n.Span, "content-model/option-empty", "4.10.10", "an `option` needs text, or a `label`: what people choose")
	}
}

// optgroupLabel reports a group of options without a name (4.10.9).
func optgroupLabel(c *checker, n *parse.Node) {
	if n.Attr("label") != nil {
		return
	}
	for child := n.FirstChild; child != nil; child = child.Next {
		if isHTML(child, "legend") {
			return
		}
	}
	c.error(n, n.Span, "attr-missing/optgroup-label", "4.10.9", "an `optgroup` needs `label`, or a `legend` as its first child: the name of the group")
}

// buttonInSelect reports a button in a select that is a list (4.10.7).
func buttonInSelect(c *checker, n *parse.Node) {
	if !isHTML(n.Parent, "select") {
		return
	}
	size, _ := value(n.Parent, "size")
	rows, err := strconv.Atoi(strings.Trim(size, spaces))
	if err == nil && rows > 1 || err != nil && n.Parent.Attr("multiple") != nil {
		c.error(n, n.Span, "content-model/button-in-list-box", "4.10.7", "only a `select` that opens and closes has a `button`, one without `multiple` and `size`")
	}
}
