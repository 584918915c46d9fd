package panel

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/sqlview"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// Limits of what a page gets of one exchange; the rest is counted and is in the inspector.
const (
	maxInsideLogs  = 500
	maxInsideSpans = 300
	maxInsideText  = 2000 // bytes of one line, statement or address

	// maxTabs is how many find room side by side. Where there are more, empty ones are left out.
	maxTabs = 6
)

// insideAnswer is what happened inside one exchange, laid out.
type insideAnswer struct {
	Nodes  []node `json:"nodes"`
	Prints string `json:"prints"` // the printed lines as text; empty when nothing was printed
}

// serveInside answers ?of=ID with what happened inside that exchange, when it is the
// page's own: the page itself, or asked for by it.
func (h *Handler) serveInside(w http.ResponseWriter, r *http.Request) {
	ex, traces, ok := h.own(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(insideAnswer{h.inside(ex, traces), prints(ex.Logs)}) // an error is the client's leaving
}

// own returns the exchange that of= in r names, when it is the page's own: the page
// itself, or asked for by it. Else it has answered.
func (h *Handler) own(w http.ResponseWriter, r *http.Request) (*inspect.Exchange, []inspect.Trace, bool) {
	q := r.URL.Query()
	page, id := inspect.ID(q.Get("id")), inspect.ID(q.Get("of"))
	if h.cfg.Inside == nil || !id.Valid() {
		http.Error(w, "pastedev: no such exchange", http.StatusNotFound)
		return nil, nil, false
	}
	ex, traces, err := h.cfg.Inside(r.Context(), id)
	if err != nil {
		http.Error(w, "pastedev: no such exchange, or no longer", http.StatusNotFound)
		return nil, nil, false
	}
	if !h.owns(r.Context(), page, ex) {
		http.Error(w, "pastedev: this exchange is another page's\nhint: the inspector shows all of them", http.StatusForbidden)
		return nil, nil, false
	}
	return ex, traces, true
}

// owns reports whether an exchange is the page's own. Which of two tabs at one address
// asked for it a referrer does not tell, so they have theirs in common.
func (h *Handler) owns(ctx context.Context, page inspect.ID, ex *inspect.Exchange) bool {
	if ex.ID == page || ex.Page == page || ex.Page == "" {
		return true
	}
	if h.cfg.Lookup == nil {
		return false
	}
	own, err := h.cfg.Lookup(ctx, page)
	if err != nil {
		return false
	}
	asker, err := h.cfg.Lookup(ctx, ex.Page)
	return err == nil && asker.URL == own.URL
}

// prints returns what was printed, as the page itself shows it.
func prints(logs []inspect.Output) string {
	var b strings.Builder
	for _, o := range logs[:min(len(logs), maxInsideLogs)] {
		b.WriteString(strings.ToValidUTF8(plainText(o.Text), "\ufffd"))
		if !o.Partial {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// insideTab is one of the tabs.
type insideTab struct {
	name  string
	count int
	bad   bool
	body  []any
}

// inside lays an exchange out: a list of tabs, and the content of each.
func (h *Handler) inside(ex *inspect.Exchange, traces []inspect.Trace) []node {
	sums := ex.Sums
	tabs := []insideTab{
		{"Logs", max(sums.Logs, len(ex.Logs)), false, h.logNodes(ex)},
		{"SQL", sums.SQL, false, h.sqlNodes(ex)},
		{"Calls", sums.Calls, false, h.callNodes(ex)},
		{"Errors", max(sums.Errors, len(traces)), true, h.traceNodes(traces)},
	}
	if ex.HTML != nil || strings.Contains(ex.ContentType, "html") {
		tabs = append(tabs, insideTab{"HTML", sums.HTMLErrors, true, h.htmlNodes(ex)})
	}
	if h.cfg.CallTree != nil {
		tabs = append(tabs, insideTab{"Profile", sums.Nodes, false, h.profileNodes(ex.ID)})
	}
	tabs = append(tabs, h.servedTabs(ex)...)
	if len(tabs) > maxTabs {
		tabs = slices.DeleteFunc(tabs, func(t insideTab) bool { return t.body == nil })
	}
	bar := element("div", "tabs", attrs{"role": "tablist", "aria-label": "What happened inside"})
	var buttons []any
	list := []node{nil}
	for _, t := range tabs {
		count := element("span", "q", nil, itoa(t.count))
		switch {
		case t.name == "Profile":
			count = element("span", "", nil) // how many nodes there are is of no interest
		case t.count == 0:
			count = element("span", "q zero", nil, "0")
		case t.bad:
			count[1] = "q e"
		}
		buttons = append(buttons, element("button", "tab", attrs{"type": "button", "role": "tab", "id": "t" + t.name, "aria-controls": "p" + t.name, "data-n": itoa(t.count)}, t.name+" ", count))
		if t.body == nil {
			t.body = []any{element("p", "none", nil, nothing[t.name])}
		}
		list = append(list, element("div", "pane", attrs{"role": "tabpanel", "id": "p" + t.name, "aria-labelledby": "t" + t.name, "tabIndex": "0"}, t.body...))
	}
	bar[3] = buttons
	list[0] = bar
	return list
}

// nothing is what an empty tab says.
var nothing = map[string]string{
	"Logs":   "This request printed nothing.",
	"SQL":    "No SQL in this request.",
	"Calls":  "This request called nobody.",
	"Errors": "Nothing failed.",
	"HTML":   "The HTML of this answer was not checked.",
}

func (h *Handler) logNodes(ex *inspect.Exchange) []any {
	var list []any
	for _, o := range ex.Logs[:min(len(ex.Logs), maxInsideLogs)] {
		line := []any{}
		if o.Level != "" {
			line = append(line, element("b", levelClass(o.Level), nil, o.Level), " ")
		}
		line = append(line, short(o.Text))
		for _, a := range o.Attrs {
			line = append(line, " ", element("span", "m", nil, short(a.Key)+"="), short(a.Value))
		}
		list = append(list, element("div", "log "+string(o.Stream), nil, line...))
	}
	return h.rest(list, max(ex.Sums.Logs, len(ex.Logs))-len(list), "line", ex.ID)
}

func levelClass(level string) string {
	if strings.HasPrefix(level, "ERROR") || strings.HasPrefix(level, "WARN") {
		return "e"
	}
	return "m"
}

// sqlNodes groups equal statements and marks what is repeated or slow.
func (h *Handler) sqlNodes(ex *inspect.Exchange) []any {
	var list []any
	shown := 0
	for _, s := range sqlview.Group(ex.Spans) {
		shown += len(s.Calls)
		if len(list) == maxInsideSpans {
			continue
		}
		head := []any{}
		if n := len(s.Calls); n > 1 {
			head = append(head, element("b", "", nil, "×"+itoa(n)), " ")
		}
		if s.Repeated {
			head = append(head, element("span", "tag", attrs{"title": "the same statement again and again from one line: one query with all the keys would do"}, "N+1"), " ")
		}
		if s.Slow {
			head = append(head, element("span", "tag", nil, "slow"), " ")
		}
		head = append(head, element("span", "m", nil, took(s.Total)+rows(s.Rows)))
		first := &ex.Spans[s.Calls[0]]
		kids := []any{element("div", "row", nil, append(head, h.caller(first.Caller))...), element("code", "sql", nil, short(s.Text))}
		if len(s.Calls) == 1 && len(first.SQL.Args) > 0 {
			kids = append(kids, element("div", "m args", nil, short(strings.Join(first.SQL.Args, ", "))))
		}
		for _, i := range s.Calls {
			if bad := ex.Spans[i].Error; bad != "" {
				kids = append(kids, element("div", "e", nil, short(bad)))
				break
			}
		}
		list = append(list, element("div", "item", nil, kids...))
	}
	return h.rest(list, ex.Sums.SQL-shown, "statement", ex.ID)
}

func (h *Handler) callNodes(ex *inspect.Exchange) []any {
	var list []any
	for _, s := range ex.Spans {
		if s.Call == nil || len(list) == maxInsideSpans {
			continue
		}
		class, status := "", itoa(s.Call.Status)
		if s.Call.Status == 0 {
			status = "–"
		}
		if s.Error != "" || s.Call.Status >= 400 || s.Call.Status == 0 {
			class = "e"
		}
		kids := []any{element("div", "row", nil, element("b", class, nil, status), " ", element("span", "m", nil, took(s.Duration)), h.caller(s.Caller)),
			element("code", "sql", nil, short(s.Call.Method+" "+s.Call.URL))}
		if s.Error != "" {
			kids = append(kids, element("div", "e", nil, short(s.Error)))
		}
		list = append(list, element("div", "item", nil, kids...))
	}
	return h.rest(list, ex.Sums.Calls-len(list), "call", ex.ID)
}

// traceNodes tells of each failure what and where. The values of variables are for the
// inspector: the app's page is shared with the app's scripts.
func (h *Handler) traceNodes(traces []inspect.Trace) []any {
	var list []any
	for i := range traces {
		t := &traces[i]
		kids := []any{element("div", "row", nil, element("span", "tag", nil, t.Code), element("span", "m", nil, times(t.Count))), element("p", "head", nil, short(t.Headline))}
		if n := traceback.Failing(t); n >= 0 {
			f := t.Frames[n]
			d := inspect.Diagnostic{File: f.File, Path: f.Path, Line: f.Line, Column: f.Column, Context: around(f.Source, f.Line)}
			kids[0].(node)[3] = append(kids[0].(node)[3].([]any), h.caller(&f.Location))
			kids = append(kids, codeFrame(h.pageDiagnostic(d)))
		}
		for _, hint := range t.Hints {
			kids = append(kids, element("p", "hint", nil, short(hint)))
		}
		if u := h.inspector("traces/" + strconv.FormatInt(t.ID, 10)); u != "" {
			kids = append(kids, element("a", "k", attrs{"href": u, "target": "_blank", "rel": "noopener noreferrer"}, "Values of variables ↗"))
		}
		list = append(list, element("div", "item", nil, kids...))
	}
	return list
}

// around returns the lines next to a line.
func around(lines []inspect.SourceLine, line int) []inspect.SourceLine {
	var near []inspect.SourceLine
	for _, l := range lines {
		if l.Number >= line-2 && l.Number <= line+2 {
			near = append(near, l)
		}
	}
	return near
}

// rest adds what was left out of list.
func (h *Handler) rest(list []any, more int, what string, id inspect.ID) []any {
	if more <= 0 {
		return list
	}
	if more > 1 {
		what += "s"
	}
	text := fmt.Sprintf("%d more %s", more, what)
	if len(list) == 0 {
		text = fmt.Sprintf("%d %s, which were not kept", more, what)
	}
	return append(list, element("p", "none", nil, text))
}

// caller returns the line of source that did it.
func (h *Handler) caller(l *inspect.Location) node {
	if l == nil {
		return element("span", "", nil)
	}
	n := h.placed(l.File+":"+itoa(l.Line), inspect.Diagnostic{Path: l.Path, Line: l.Line})
	n[1] = "k at"
	return n
}

func short(s string) string {
	if len(s) > maxInsideText {
		return s[:maxInsideText] + "…"
	}
	return s
}

func rows(n int64) string {
	switch {
	case n < 0:
		return ""
	case n == 1:
		return " · 1 row"
	}
	return fmt.Sprintf(" · %d rows", n)
}

func times(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" seen %d times", n)
}

// took is a duration for reading.
func took(m inspect.Millis) string { return inspect.FormatDuration(m.Duration()) }

func itoa(n int) string { return strconv.Itoa(n) }
