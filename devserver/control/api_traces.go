package control

import (
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/traceback"
)

func (a *api) traces(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	limit := int(p.num("limit", defaultTraceLimit, 1, maxTraceLimit))
	if p.err != nil {
		return nil, p.err
	}
	traces, err := a.svc.Traces(r.Context(), limit)
	return items[inspect.Trace]{traces}.orEmpty(), err
}

func (a *api) trace(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	reveal := p.flag("reveal")
	if p.err != nil {
		return nil, p.err
	}
	return a.svc.Trace(r.Context(), r.PathValue("ref"), reveal)
}

func (a *api) traceText(w http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	all := p.flag("all")
	if p.err != nil {
		return nil, p.err
	}
	text, err := a.svc.TraceText(r.Context(), r.PathValue("ref"), all)
	if err != nil {
		return nil, err
	}
	return nil, writeText(w, "text/plain; charset=utf-8", text)
}

func (a *api) traceMarkdown(w http.ResponseWriter, r *http.Request) (any, error) {
	text, err := a.svc.TraceMarkdown(r.Context(), r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	return nil, writeText(w, "text/markdown; charset=utf-8", text)
}

func writeText(w http.ResponseWriter, contentType, text string) error {
	w.Header().Set("Content-Type", contentType)
	_, _ = io.WriteString(w, text) // a client that is gone needs no answer
	return nil
}

// evalScript is the script of a trace's page that sends expressions, where it is among
// the assets.
const evalScript = "trace.js"

// tracePage answers with the error page, for a tab of its own or a frame of the
// inspector page. Beside its own style it may load one script of ours, and nothing else.
func (a *api) tracePage(w http.ResponseWriter, r *http.Request) (any, error) {
	report, err := a.svc.Report(r.Context(), r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	t := &report.Trace
	d := traceback.PageData{Report: *report, Editor: a.svc.opt.Editor, Nonce: rand.Text()}
	if a.svc.opt.Eval != nil && t.NoLocals == "" {
		if _, err := fs.Stat(assets, "assets/"+evalScript); err == nil {
			d.EvalURL, d.ScriptURL = fmt.Sprintf("/api/v1/eval?trace=%d", t.ID), "/"+evalScript
		}
	}
	if t.Exchange != "" && r.Header.Get("Sec-Fetch-Dest") != "iframe" { // there the inspector is around it
		d.Inspector = traceback.Link{URL: "/#/exchanges/" + string(t.Exchange), Label: "request"}
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", tracePageCSP(d.Nonce, d.ScriptURL != ""))
	h.Set("X-Frame-Options", "SAMEORIGIN")
	_, _ = w.Write(traceback.HTML(d)) // as above
	return nil, nil
}

// tracePageCSP lets a trace's page have its own style, and with a script only that one,
// which may ask this origin.
func tracePageCSP(nonce string, script bool) string {
	csp := "default-src 'none'; style-src 'nonce-" + nonce + "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'"
	if script {
		csp += "; script-src 'nonce-" + nonce + "'; connect-src 'self'"
	}
	return csp
}

// evalRequest is the body of POST eval.
type evalRequest struct {
	Trace int64  `json:"trace"`
	Frame int    `json:"frame"`
	Expr  string `json:"expr"`
}

func (a *api) eval(w http.ResponseWriter, r *http.Request) (any, error) {
	var q evalRequest
	if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	return a.svc.Eval(r.Context(), q.Trace, q.Frame, q.Expr)
}
