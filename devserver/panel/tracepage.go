package panel

import (
	_ "embed"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/traceback"
)

//go:embed assets/reload.js
var reloadJS string

//go:embed assets/trace.js
var traceJS string

// traceScript is the name below [Prefix] of the script that keeps a trace's page
// current. It holds nothing of the trace and is told what to wait for in its address.
const traceScript = "trace.js"

// traceReport returns what the page of f's trace shows.
func (f Failure) traceReport() traceback.Report {
	return traceback.Report{Trace: *f.Trace, Request: f.Request, Prints: f.Prints, Spans: f.Spans, Build: f.Build}
}

// tracePage returns the page of f's trace, with the script that reloads it when the
// next program answers.
func (h *Handler) tracePage(r *http.Request, f Failure) traceback.PageData {
	d := traceback.PageData{Report: f.traceReport(), Status: f.Status, ScriptURL: h.traceScript(r, f)}
	if h.editor() != "" {
		d.Editor = func(path string, line, column int) string {
			return string(h.link(inspect.Diagnostic{Path: path, Line: line, Column: column}))
		}
	}
	if u := h.inspector("traces/" + strconv.FormatInt(f.Trace.ID, 10)); u != "" && f.Trace.ID != 0 {
		d.Inspector = traceback.Link{URL: u, Label: "Inspector"}
	}
	return d
}

// traceScript returns the address of the script of f's page.
func (h *Handler) traceScript(r *http.Request, f Failure) string {
	q := url.Values{"id": {string(f.ID)}, "cap": {h.capability(f.ID)}, "reason": {string(f.Reason)}, "state": {string(f.State)}}
	h.mu.Lock()
	q.Set("gen", strconv.Itoa(h.generation))
	h.mu.Unlock()
	if f.Build != nil {
		q.Set("build", strconv.Itoa(f.Build.Number))
	}
	if repeatable(r) {
		q.Set("auto", "")
	}
	return Prefix + traceScript + "?" + q.Encode()
}

// repeatable reports whether a page may ask for itself again unasked.
func repeatable(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// inspector returns the address of a place in the inspector page, without its token,
// or "" where there is none.
func (h *Handler) inspector(place string) string {
	control, err := url.Parse(h.cfg.Status().ControlURL)
	if err != nil || !strings.HasPrefix(control.Scheme, "http") {
		return ""
	}
	return control.Scheme + "://" + control.Host + control.EscapedPath() + "#/" + place
}

// serveTrace answers r with the page of f's trace.
func (h *Handler) serveTrace(w http.ResponseWriter, r *http.Request, f Failure) {
	w.Header().Add("Vary", "Accept, Sec-Fetch-Dest, Content-Type")
	traceback.Page(w, h.tracePage(r, f))
}
