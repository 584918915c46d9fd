package panel

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

//go:embed assets/html.js
var htmlJS string

// htmlScript is the name below [Prefix] of the module that the panel imports when its tab
// "HTML" is opened, as [profileScript] is: a click on a finding shows the element.
const htmlScript = "html.js"

// maxFindings bounds the findings that a page gets; the inspector has the rest.
const maxFindings = 100

// htmlNodes lists what the HTML check found, errors first. Those of the page itself can be
// shown in it.
func (h *Handler) htmlNodes(ex *inspect.Exchange) []any {
	c := ex.HTML
	if c == nil {
		if ex.Sums.HTMLErrors+ex.Sums.HTMLWarnings > 0 {
			return []any{element("p", "none", nil, "The findings were not kept.")}
		}
		return nil
	}
	if len(c.Diagnostics) == 0 {
		return append([]any{element("p", "none", nil, "No errors, no warnings.")}, htmlNotes(c)...)
	}
	list := htmlNotes(c)
	shown := 0
	for _, errors := range []bool{true, false} {
		for i := range c.Diagnostics {
			d := &c.Diagnostics[i]
			if (d.Severity == inspect.SeverityError) != errors || shown == maxFindings {
				continue
			}
			shown++
			list = append(list, findingNode(d))
		}
	}
	return h.rest(list, len(c.Diagnostics)-shown, "finding", ex.ID)
}

// htmlNotes say how far the check went, where that is not all the way.
func htmlNotes(c *inspect.HTMLCheck) []any {
	var notes []string
	if c.New > 0 {
		notes = append(notes, fmt.Sprintf("%d new since the build before.", c.New))
	}
	if c.Fragment {
		notes = append(notes, "Checked as a piece of a page.")
	}
	if c.Partial {
		notes = append(notes, fmt.Sprintf("Only the first %d bytes were checked.", c.Bytes))
	}
	if c.Suppressed > 0 {
		notes = append(notes, fmt.Sprintf("%d suppressed.", c.Suppressed))
	}
	if c.Nu != "" && c.Nu != "ok" {
		notes = append(notes, "Without the Nu checker: "+c.Nu)
	}
	if notes == nil {
		return nil
	}
	return []any{element("p", "none note", nil, strings.Join(notes, " "))}
}

// quoted makes code of what stands between backquotes.
func quoted(text string) []any {
	var list []any
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			list = append(list, element("code", "", nil, part))
		} else if part != "" {
			list = append(list, part)
		}
	}
	return list
}

func findingNode(d *inspect.Diagnostic) node {
	class := "m"
	if d.Severity == inspect.SeverityError {
		class = "e"
	}
	code := d.Code
	if d.Source != "" {
		code += " · " + d.Source
	}
	head := []any{element("b", class, nil, string(d.Severity)), element("span", "m", nil, code)}
	if d.Count > 1 {
		head = append(head, element("b", "", nil, "×"+itoa(d.Count)))
	}
	if d.New {
		head = append(head, element("span", "tag", nil, "new"))
	}
	place := fmt.Sprintf("%d:%d", d.Line, d.Column)
	if d.Selector != "" {
		head = append(head, element("button", "k at", attrs{"type": "button", "data-show": d.Selector, "title": "Show the element in the page"}, place))
	} else if d.Line > 0 {
		head = append(head, element("span", "m at", nil, place))
	}
	kids := []any{element("div", "row", nil, head...), element("p", "say", nil, quoted(short(d.Message))...)}
	if len(d.Context) > 0 && strings.TrimSpace(d.Context[0].Text) != "" {
		text := d.Context[0].Text
		from := max(0, min(d.MarkStart, len(text)))
		to := max(from, min(d.MarkEnd, len(text)))
		kids = append(kids, element("code", "sql", nil, strings.TrimLeft(text[:from], " \t"), element("mark", class, nil, text[from:to]), text[to:]))
	}
	return element("div", "item", nil, kids...)
}
