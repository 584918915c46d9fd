package devserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/redact"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// traceWait is how long an error page waits for the variables of the failure that it
// shows: reading them takes half a second, and many times that on a busy machine. Then it
// goes out with what there is.
const traceWait = 8 * time.Second

// fail answers in place of the target. Who is not on this machine, or came by a
// foreign name, learns what is wrong but sees no source and no output.
func (f *Front) fail(w http.ResponseWriter, r *http.Request, id inspect.ID, err error) {
	f.options.answer(w, r, id, err, f.gate, f.showsSource(r))
}

// answer says what err is about; with source and output if local.
func (o *Options) answer(w http.ResponseWriter, r *http.Request, id inspect.ID, err error, gate *Gate, local bool) {
	failure := panel.Failure{Reason: panel.Unreachable, Status: http.StatusBadGateway, Detail: err.Error()}
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		failure = refusal.Failure
	}
	o.addTrace(&failure, r, id, err)
	s := gate.now.Load()
	failure.ID, failure.Target, failure.State, failure.Build = id, o.Target, s.state, s.build
	if o.LastOutput != nil {
		failure.Output = o.LastOutput(failureOutput)
	}
	if !local {
		failure = withoutSource(failure)
	}
	failure = masked(failure)
	if failure.Reason == panel.Held {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Cache-Control", "no-store")
	if o.Failure != nil {
		o.Failure(w, r, failure)
		return
	}
	http.Error(w, "pastedev: "+err.Error(), failure.Status)
}

// showsSource reports whether r may be answered with source, output and values.
func (f *Front) showsSource(r *http.Request) bool {
	l, _ := r.Context().Value(listenerKey{}).(*listener)
	if l == nil {
		return false
	}
	ok, _ := f.trusted(r, l)
	return ok
}

// addTrace makes failure the one that happened inside the target, where the target got
// the request and broke it off.
func (o *Options) addTrace(failure *panel.Failure, r *http.Request, id inspect.ID, err error) {
	unreachable, ok := errors.AsType[*proxy.UnreachableError](err)
	if !ok || o.Trace == nil || neverArrived(unreachable) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), traceWait)
	defer cancel()
	t, ok := o.Trace(ctx, id)
	if !ok {
		return
	}
	if ctx.Err() != nil && t.NoLocals == "" && !hasVariables(&t) {
		t.NoLocals = "they were not read within " + traceWait.String() + "; the inspector shows them once they are"
	}
	failure.Reason, failure.Status, failure.Trace = panel.Panicked, http.StatusInternalServerError, &t
	failure.Request = traceback.DescribeRequest(r, maskField)
	if o.Within != nil {
		failure.Prints, failure.Spans = o.Within(id)
	}
}

func hasVariables(t *inspect.Trace) bool {
	return slices.ContainsFunc(t.Frames, func(f inspect.Frame) bool { return len(f.Args)+len(f.Locals) > 0 })
}

// neverArrived reports whether the target cannot have seen the request.
func neverArrived(err *proxy.UnreachableError) bool {
	op, ok := errors.AsType[*net.OpError](err.Err)
	return ok && op.Op == "dial" && !err.Sent
}

// maskField hides the value of a header or form field that is secret.
func maskField(name, value string) string {
	if hidden := traceback.MaskSecrets(name, value); hidden != value {
		return hidden
	}
	var r redact.Redactor
	name = http.CanonicalHeaderKey(name)
	masked := r.Header(inspect.Header{name: {value}})
	return masked.Get(name)
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
	if f.Trace != nil {
		f.Trace = r.Trace(f.Trace)
		inside := r.Exchange(&inspect.Exchange{Logs: f.Prints, Spans: f.Spans})
		f.Prints, f.Spans = inside.Logs, inside.Spans
	}
	return f
}

// withoutSource takes out all that only this machine may see: source, output, and
// whatever holds a value of the program's.
func withoutSource(f panel.Failure) panel.Failure {
	f.Output, f.Request, f.Prints, f.Spans = nil, nil, nil, nil
	if t := f.Trace; t != nil {
		f.Trace = &inspect.Trace{ID: t.ID, Code: t.Code, Count: t.Count, Kind: t.Kind, Time: t.Time, Build: t.Build,
			Headline: "The program failed amid this request",
			Hints:    []string{"Where and why is shown only on the machine it runs on, by a name of that machine (--allow-host adds names)."}}
	}
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
