package devserver

import (
	"errors"
	"net/http"
	"slices"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/redact"
)

// fail answers in place of the target. Who is not on this machine, or came by a
// foreign name, learns what is wrong but sees no source and no output.
func (f *Front) fail(w http.ResponseWriter, r *http.Request, id inspect.ID, err error) {
	failure := panel.Failure{Reason: panel.Unreachable, Status: http.StatusBadGateway, Detail: err.Error()}
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		failure = refusal.Failure
	}
	s := f.gate.now.Load()
	failure.ID, failure.Target, failure.State, failure.Build = id, f.options.Target, s.state, s.build
	if f.options.LastOutput != nil {
		failure.Output = f.options.LastOutput(failureOutput)
	}
	l, _ := r.Context().Value(listenerKey{}).(*listener)
	if l == nil {
		failure = withoutSource(failure)
	} else if ok, _ := f.trusted(r, l); !ok {
		failure = withoutSource(failure)
	}
	failure = masked(failure)
	if failure.Reason == panel.Held {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Cache-Control", "no-store")
	if f.options.Failure != nil {
		f.options.Failure(w, r, failure)
		return
	}
	http.Error(w, "pastedev: "+err.Error(), failure.Status)
}

// masked takes the secrets out of what the page shows.
func masked(f panel.Failure) panel.Failure {
	var r redact.Redactor
	f.Target, f.Detail = r.Command(f.Target), r.Text(f.Detail)
	f.Output = slices.Clone(f.Output)
	for i, o := range f.Output {
		f.Output[i] = r.Output(o)
	}
	if f.Build != nil {
		b := r.Build(*f.Build)
		f.Build = &b
	}
	return f
}

func withoutSource(f panel.Failure) panel.Failure {
	f.Output = nil
	if f.Build == nil {
		return f
	}
	b := *f.Build
	b.Output, b.Diagnostics = "", append([]inspect.Diagnostic(nil), b.Diagnostics...)
	for i := range b.Diagnostics {
		b.Diagnostics[i].Context = nil
	}
	f.Build = &b
	return f
}
