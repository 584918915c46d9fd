package panel

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// node is an element for the script in the page to grow: tag, class, attributes, and
// children that are nodes or strings. Text stays text all the way, so no value can
// become markup, and pages under Trusted Types let it be grown.
type node []any

// attrs are the attributes of a node.
type attrs map[string]string

func element(tag, class string, a attrs, children ...any) node {
	if children == nil {
		children = []any{}
	}
	for i, c := range children {
		if s, ok := c.(string); ok {
			children[i] = strings.ToValidUTF8(plainText(s), "\ufffd")
		}
	}
	return node{tag, class, a, children}
}

// overlay returns the dialog that the panel shows of a build that failed, or nil. Its
// buttons say in data-do what they do.
func (h *Handler) overlay(b buildMessage) node {
	var list []any
	for _, d := range b.diagnostics {
		p := h.pageDiagnostic(d)
		list = append(list, element("div", "x", nil, h.placed(p.Place, d), element("p", "", nil, d.Message), codeFrame(p)))
	}
	if list == nil && b.output != "" {
		list = append(list, element("div", "x", nil, element("pre", "", nil, b.output)))
	}
	if list == nil {
		return nil
	}
	errors := fmt.Sprintf("%d errors", b.Errors)
	switch b.Errors {
	case 0:
		errors = ""
	case 1:
		errors = "1 error"
	}
	button := func(text, title, does string) node {
		return element("button", "i", attrs{"type": "button", "title": title, "aria-label": title, "data-do": does}, text)
	}
	head := element("div", "h", nil, element("div", "g", nil, element("b", "e", nil, "Build failed "), element("span", "m", nil, errors)),
		button("Copy", "Copy as text", "copy"), button("✕", "Close (Esc)", "close"))
	foot := element("div", "n", nil, "This page reloads by itself when the build passes. Esc closes.")
	return element("section", "b", attrs{"role": "dialog", "aria-modal": "true", "aria-label": "Build failed"}, append(append([]any{head}, list...), foot)...)
}

// placed returns text as a link that opens the editor at d, where there is one.
func (h *Handler) placed(text string, d inspect.Diagnostic) node {
	if link := h.link(d); link != "" {
		return element("a", "k", attrs{"href": string(link)}, text)
	}
	return element("span", "k", nil, text)
}

func codeFrame(p pageDiagnostic) node {
	frame := element("div", "c", attrs{"tabIndex": "0"})
	var lines []any
	for _, l := range p.Lines {
		class, number := "", itoa(l.Number)
		if l.Marked {
			class, number = "y", "▸ "+number
		}
		lines = append(lines, element("div", class, nil, element("span", "", nil, number), element("code", "", nil, l.Text)))
		if l.Caret != "" {
			lines = append(lines, element("div", "y", nil, element("span", "", nil), element("code", "e", nil, l.Caret)))
		}
	}
	if lines == nil {
		return element("span", "", nil)
	}
	frame[3] = lines
	return frame
}
