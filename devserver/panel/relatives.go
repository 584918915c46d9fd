package panel

import (
	"fmt"
	"path"

	"github.com/pastedev/pastedev/inspect"
)

// maxInsideEnv bounds the variables of a program that a page gets.
const maxInsideEnv = 200

// servedTabs are the tabs of what only pastedev serve has: sub-requests, and programs that
// were run. They are there only when there is something in them.
func (h *Handler) servedTabs(ex *inspect.Exchange) (tabs []insideTab) {
	if n := max(ex.Subs, len(ex.Children)); n > 0 {
		tabs = append(tabs, insideTab{"Sub-requests", n, false, h.childNodes(ex)})
	}
	if list := h.programNodes(ex); len(list) > 0 {
		tabs = append(tabs, insideTab{"Program", len(list), false, list})
	}
	return tabs
}

// childNodes lists the sub-requests of an exchange.
func (h *Handler) childNodes(ex *inspect.Exchange) []any {
	var list []any
	for i := range ex.Children[:min(len(ex.Children), maxInsideSpans)] {
		c := &ex.Children[i]
		class, status := "", itoa(c.Status)
		if c.Status == 0 {
			status = "–"
		}
		if c.Error != "" || c.Status >= 400 || c.Status == 0 {
			class = "e"
		}
		link := element("span", "", nil)
		if u := h.inspector("exchanges/" + string(c.ID)); u != "" {
			link = element("a", "k at", attrs{"href": u, "target": "_blank", "rel": "noopener noreferrer"}, "inspect ↗")
		}
		kids := []any{element("div", "row", nil, element("b", class, nil, status), " ", element("span", "m", nil, took(c.Duration)+" · "+c.Via.Words()), link),
			element("code", "sql", nil, short(c.Method+" "+c.Path))}
		if c.Error != "" {
			kids = append(kids, element("div", "e", nil, short(c.Error)))
		}
		list = append(list, element("div", "item", nil, kids...))
	}
	return h.rest(list, max(ex.Subs, len(ex.Children))-len(list), "sub-request", ex.ID)
}

// programNodes tells of the programs that were run.
func (h *Handler) programNodes(ex *inspect.Exchange) []any {
	var list []any
	for i := range ex.Spans {
		s := &ex.Spans[i]
		if s.Process == nil || len(list) == maxInsideSpans {
			continue
		}
		p, class := s.Process, ""
		end := fmt.Sprintf("exit %d", p.Exit)
		switch {
		case p.PID == 0:
			end = "did not start"
		case p.Signal != "":
			end = p.Signal
		case stillRuns(s):
			end = "running"
		}
		if !stillRuns(s) && (s.Error != "" || p.PID == 0 || p.Exit != 0) {
			class = "e"
		}
		kids := []any{element("div", "row", nil, element("b", class, nil, end), " ",
			element("span", "m", nil, fmt.Sprintf("%s · %s in, %s out · pid %d", took(s.Duration), inspect.FormatSize(p.Input), inspect.FormatSize(p.Output), p.PID)),
			element("span", "at m", nil, path.Base(p.Program))), element("code", "sql", nil, short(p.Program))}
		if s.Error != "" {
			kids = append(kids, element("div", "e", nil, short(s.Error)))
		}
		if len(p.Env) > 0 {
			kids = append(kids, environment(p.Env))
		}
		list = append(list, element("div", "item", nil, kids...))
	}
	return list
}

// stillRuns reports whether a program has not ended yet.
func stillRuns(s *inspect.Span) bool {
	p := s.Process
	return p.PID != 0 && p.Exit == -1 && p.Signal == "" && s.Duration == 0 && s.Error == ""
}

// environment is folded: it is long, and seldom what is asked for.
func environment(env []inspect.Note) node {
	var lines []any
	for _, e := range env[:min(len(env), maxInsideEnv)] {
		lines = append(lines, element("div", "args", nil, element("span", "m", nil, short(e.Key)+"="), short(e.Value)))
	}
	return element("details", "env", nil, append([]any{element("summary", "m", nil, "Environment, "+variables(len(env)))}, lines...)...)
}

func variables(n int) string {
	if n == 1 {
		return "1 variable"
	}
	return itoa(n) + " variables"
}
