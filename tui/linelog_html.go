package tui

import "github.com/pastedev/pastedev/inspect"

// maxLoggedPages bounds the pages of which is known that their errors have been told.
const maxLoggedPages = 1000

// shownID is how much of an ID tells an exchange from others.
const shownID = 8

// loggedPages are the pages whose errors have been told, with the build that answered.
// Its zero value is empty.
type loggedPages map[string]int

// news reports whether the errors of a page are to be told: once for each page and build.
func (p *loggedPages) news(sum inspect.Summary, check inspect.HTMLCheck) bool {
	if check.Errors == 0 {
		return false
	}
	page := sum.Host + sum.Path
	if build, ok := (*p)[page]; ok && build >= sum.Build {
		return false
	}
	if *p == nil || len(*p) >= maxLoggedPages {
		*p = loggedPages{}
	}
	(*p)[page] = sum.Build
	return true
}

// humanHTML says that a page has errors, and how to see them.
func (l *lineLog) humanHTML(m logLine) string {
	found := plural(m.Errors, "error")
	if m.Warnings > 0 {
		found += ", " + plural(m.Warnings, "warning")
	}
	return l.paint(l.th.Warn, l.th.Glyph.Warn+" HTML") + "  " + clean(m.Path) + "  " + found +
		l.paint(l.th.Dim, "  pastedev show "+clean(string(m.ID[:min(len(m.ID), shownID)])))
}
