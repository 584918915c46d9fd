package main

import (
	"context"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestInsidePanics looks at each way to fail: what is told of it, and what is not.
// The steps are those of one sitting.
func TestInsidePanics(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	in := startPanics(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *instance)
	}{
		{"faults", stepFaults},
		{"causes", stepCauses},
		{"same code", stepSameCode},
		{"recovered", stepRecovered},
		{"no fault", stepNoFault},
		{"500 without a panic", stepLight},
		{"after the first byte", stepLate},
		{"negotiation", stepNegotiation},
		{"eval", stepEval},
		{"crash", stepCrash},
	} {
		t.Run(step.name, func(t *testing.T) {
			in.tb = t
			step.run(t, in)
		})
	}
	in.tb = t
}

// trace returns the trace of that ID once its locals are read or known to be
// missing.
func (in *instance) trace(id int64) *inspect.Trace {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), inTime)
	defer cancel()
	for {
		t, err := c.Trace(ctx, strconv.FormatInt(id, 10), false)
		if err == nil && (t.NoLocals != "" || t.Kind == inspect.TraceError || slices.ContainsFunc(t.Frames, hasVariables)) {
			return t
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("trace %d was never complete: %v %+v", id, err, t)
		case <-time.After(20 * time.Millisecond): // the trace is replaced when it is read
		}
	}
}

func hasVariables(f inspect.Frame) bool { return len(f.Args)+len(f.Locals) > 0 }

// traceOf asks for path and returns the trace of its exchange.
func (in *instance) traceOf(path string) (*inspect.Trace, *inspect.Exchange, answer) {
	in.tb.Helper()
	a := in.ask(path)
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return len(ex.Traces) > 0 })
	if len(ex.Traces) != 1 || ex.Sums.Errors != 1 {
		in.tb.Fatalf("%s: want one trace: %s", path, describe(ex))
	}
	return in.trace(ex.Traces[0]), ex, a
}

// says waits until pastedev has printed the text.
func (in *instance) says(text string) {
	in.tb.Helper()
	for deadline := time.Now().Add(inTime); !strings.Contains(in.log.String(), text); {
		if time.Now().After(deadline) {
			in.tb.Errorf("pastedev never says %q", text)
			return
		}
		time.Sleep(20 * time.Millisecond) // a pipe has no event for what is in it
	}
}

// failing is the innermost frame of the app's own.
func failing(t *inspect.Trace) inspect.Frame {
	for _, f := range t.Frames {
		if f.Origin == inspect.FrameApp {
			return f
		}
	}
	return inspect.Frame{}
}

// variables are the values of a frame by name.
func variables(f inspect.Frame) map[string]string {
	m := map[string]string{}
	for _, v := range slices.Concat(f.Args, f.Locals) {
		m[v.Name] = v.Value
	}
	return m
}

// wantLocals compares those variables of a frame that are named.
func wantLocals(t *testing.T, trace *inspect.Trace, f inspect.Frame, want map[string]string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		if trace.NoLocals == "" {
			t.Error("no locals, and nothing says why")
		}
		return
	}
	if trace.NoLocals != "" {
		if strings.Contains(trace.NoLocals, "not permitted") {
			t.Skip("this machine allows no ptrace: ", trace.NoLocals)
		}
		t.Errorf("no locals: %s", trace.NoLocals)
		return
	}
	got, all := map[string]string{}, variables(f)
	for name := range want {
		got[name] = all[name]
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("variables of %s: %s\nof all: %v", f.Function, d, all)
	}
	if trace.Pause <= 0 {
		t.Errorf("pause %v, want how long the program stood still", trace.Pause)
	}
}

// stepFaults: each fault is told with its line and the variables of that line.
func stepFaults(t *testing.T, in *instance) {
	for _, tt := range []struct {
		path, line, headline string
		locals               map[string]string
	}{
		{"/nil", `u.Email, visits`, `^nil pointer dereference: u is nil`,
			map[string]string{"name": `"eve"`, "visits": "21", "u": "nil", "basket": "map[string]int len 2"}},
		{"/map", `seen[r.URL.Path]++`, `^write to a nil map: seen is a nil map`, map[string]string{"seen": "nil"}},
		{"/index", `words[third]`, `^index 3 out of range: the length is 3`, map[string]string{"third": "3", "words": "[]string len 3 cap 3"}},
		{"/slice", `text[2:end]`, `^slice bounds out of range \[:9\]`, map[string]string{"text": `"short"`, "end": "9"}},
		{"/assert", `shape.(fmt.Stringer)`, `^main.Square is no fmt.Stringer: it has no method String`, map[string]string{"shape": "main.Square{Side: 3}"}},
		{"/method", `d.waiting[0]`, `^index 0 out of range: the length is 0`, map[string]string{"d": "&main.Desk{waiting: nil}"}},
		{"/closed", `jobs <- 1`, `^send on a closed channel`, map[string]string{"jobs": "chan int len 0 cap 1 closed"}},
	} {
		t.Run(tt.path[1:], func(t *testing.T) {
			in.tb = t
			trace, ex, a := in.traceOf(tt.path)
			if a.status != 500 || ex.ResponseFrom != inspect.FromPastedev {
				t.Errorf("answered with %d by %s, want our page", a.status, ex.ResponseFrom)
			}
			if trace.Kind != inspect.TracePanic || trace.Recovered || trace.Exchange != a.id || trace.Language != "go" || trace.Build != ex.Build {
				t.Errorf("kind %s, recovered %v, exchange %s, language %s, build %d", trace.Kind, trace.Recovered, trace.Exchange, trace.Language, trace.Build)
			}
			if !regexp.MustCompile(tt.headline).MatchString(trace.Headline) {
				t.Errorf("headline %q, want %s", trace.Headline, tt.headline)
			}
			f := failing(trace)
			if line := in.lineOf("faults.go", tt.line); f.File != "faults.go" || f.Line != line {
				t.Errorf("failed at %s:%d, want faults.go:%d", f.File, f.Line, line)
			}
			if !slices.ContainsFunc(f.Source, func(l inspect.SourceLine) bool { return l.Number == f.Line && strings.Contains(l.Text, tt.line) }) {
				t.Errorf("the source around holds no line %d: %v", f.Line, f.Source)
			}
			in.says("pastedev errors show " + trace.Code)
			wantLocals(t, trace, f, tt.locals)
		})
	}
	in.tb = t
}

// stepCauses: the chain of wrapped and joined errors.
func stepCauses(t *testing.T, in *instance) {
	trace, _, _ := in.traceOf("/error")
	type C = inspect.Cause
	want := []C{{Type: "*errors.joinError", Message: "item 42 not found\nread cache: permission denied", Causes: []C{
		{Type: "*main.NotFoundError", Message: "item 42 not found"},
		{Type: "*fmt.wrapError", Message: "read cache: permission denied", Causes: []C{
			{Type: "*errors.errorString", Message: "permission denied"}}},
	}}}
	if d := cmp.Diff(want, trace.Causes); d != "" {
		t.Error(d)
	}
	if trace.Type != "*fmt.wrapError" || !strings.HasPrefix(trace.Headline, "load item: item 42 not found") {
		t.Errorf("type %s, headline %q", trace.Type, trace.Headline)
	}
}

// stepSameCode: a fault keeps its code when it comes again, after a restart, and when
// other lines of its file move it.
func stepSameCode(t *testing.T, in *instance) {
	first, _, _ := in.traceOf("/nil")
	other, _, _ := in.traceOf("/map")
	if !regexp.MustCompile(`^E-[0-9a-z]{5}$`).MatchString(first.Code) || other.Code == first.Code {
		t.Errorf("codes %q and %q of two faults", first.Code, other.Code)
	}
	in.edit("main.go", "version 1", "version 2")
	in.await("/", "panics, version 2")
	in.edit("faults.go", "// User is", "// A line more.\n\n// User is")
	again, _, _ := in.traceOf("/nil?name=bob")
	if again.Code != first.Code || again.Count != first.Count+1 || again.ID <= first.ID {
		t.Errorf("code %s ×%d (trace %d), then %s ×%d (trace %d)", first.Code, first.Count, first.ID, again.Code, again.Count, again.ID)
	}
	wantLocals(t, again, failing(again), map[string]string{"name": `"bob"`})
	newest, err := in.client().Trace(t.Context(), first.Code, false)
	if err != nil || newest.ID != again.ID {
		t.Errorf("the newest of %s: %v %+v, want trace %d", first.Code, err, newest, again.ID)
	}
}

// stepRecovered: a panic that the app caught and answered with 500 is told as such.
func stepRecovered(t *testing.T, in *instance) {
	trace, ex, a := in.traceOf("/recovered")
	if a.status != 500 || a.body != "caught: step 3 went wrong\n" || ex.ResponseFrom != inspect.FromTarget {
		t.Errorf("the app's own answer did not arrive: %d %q", a.status, a.body)
	}
	if !trace.Recovered || trace.Kind != inspect.TracePanic || trace.Headline != "step 3 went wrong" {
		t.Errorf("recovered %v, kind %s, headline %q", trace.Recovered, trace.Kind, trace.Headline)
	}
	if trace.CreatedBy == nil || trace.CreatedBy.Line != in.lineOf("morefaults.go", "go func() {\n\t\t\tdefer") {
		t.Errorf("the goroutine was started at %+v", trace.CreatedBy)
	}
	wantLocals(t, trace, failing(trace), map[string]string{"step": "3"})
}

// stepNoFault: what the library or the app caught without harm is not told.
func stepNoFault(t *testing.T, in *instance) {
	paths := []string{"/abort", "/json", "/template", "/recovered?mend=1", "/print"}
	var asked []inspect.ID
	for _, path := range paths {
		asked = append(asked, in.ask(path).id)
	}
	last, _, _ := in.traceOf("/nil") // what was told before it has arrived with it
	for i, id := range asked {
		if ex := in.exchange(id, nil); len(ex.Traces) > 0 || ex.Sums.Errors > 0 {
			t.Errorf("%s: %s", paths[i], describe(ex))
		}
	}
	list, err := in.client().Traces(t.Context(), 10)
	if err != nil || len(list) < 2 || list[0].ID != last.ID {
		t.Fatalf("traces: %v %+v", err, list)
	}
	if before := list[1]; slices.Contains(asked, before.Exchange) {
		t.Errorf("told: %s %s", before.Code, before.Headline)
	}
}

// stepLight: an answer of 500 without a panic leads to what was printed before it.
func stepLight(t *testing.T, in *instance) {
	trace, ex, a := in.traceOf("/500")
	if a.status != 500 || a.body != "out of order\n" || trace.Kind != inspect.TraceError || len(trace.Frames) > 0 {
		t.Errorf("%d %q, %+v", a.status, a.body, trace)
	}
	got := texts(ex.Logs)
	if len(got) != 2 || !strings.HasSuffix(got[0], " the pump is dry") || got[1] != "giving up" {
		t.Errorf("printed %q", got)
	}
}

// stepLate: a panic when the answer has begun. The client gets what was sent, and the
// broken end.
func stepLate(t *testing.T, in *instance) {
	trace, ex, a := in.traceOf("/late")
	if a.status != 200 || a.body != "the first bytes\n" || a.err == nil {
		t.Errorf("the client got %d %q %v, want a broken answer", a.status, a.body, a.err)
	}
	if trace.Headline != "too late to say so" || ex.Error == "" {
		t.Errorf("headline %q, error %q", trace.Headline, ex.Error)
	}
}

// stepNegotiation: the page of a failure in the form that the client asks for.
func stepNegotiation(t *testing.T, in *instance) {
	for _, tt := range []struct{ accept, contentType, has string }{
		{"text/html", "text/html; charset=utf-8", "<!doctype html>"},
		{"application/json", "application/problem+json", `"title":`},
		{"application/problem+json", "application/problem+json", `"title":`},
		{"text/markdown", "text/markdown; charset=utf-8", "# "},
		{"text/plain", "text/plain; charset=utf-8", "faults.go:"},
		{"*/*", "text/plain; charset=utf-8", "faults.go:"},
	} {
		a := in.ask("/index", "Accept: "+tt.accept)
		if got := a.header.Get("Content-Type"); a.status != 500 || got != tt.contentType {
			t.Errorf("Accept %s: %d %s", tt.accept, a.status, got)
		}
		if !strings.Contains(a.body, tt.has) || !strings.Contains(a.body, "index 3 out of range: the length is 3") {
			t.Errorf("Accept %s: %.500s", tt.accept, a.body)
		}
	}
}

// stepEval: a frame of a kept snapshot answers questions, and only reads.
func stepEval(t *testing.T, in *instance) {
	trace, _, _ := in.traceOf("/nil?name=zoe")
	frame := slices.IndexFunc(trace.Frames, func(f inspect.Frame) bool { return f.Origin == inspect.FrameApp })
	wantLocals(t, trace, trace.Frames[frame], map[string]string{"name": `"zoe"`})
	c := in.client()
	for _, tt := range []struct{ expr, want string }{
		{"visits", "21"},
		{"visits * 2", "42"},
		{"len(basket)", "2"},
		{`basket["tea"]`, "2"},
		{`users["ann"].Email`, `"ann@example.com"`},
		{`users["ann"].Tags[0]`, `"admin"`},
		{"u == nil", "true"},
	} {
		v, err := c.Eval(t.Context(), trace.ID, frame, tt.expr)
		if err != nil || v.Value != tt.want {
			t.Errorf("%s = %q, %v; want %s", tt.expr, v.Value, err, tt.want)
		}
	}
	for _, expr := range []string{"nobody", "visits = 3", "cmp.Or(1)", "", "1 +"} {
		if v, err := c.Eval(t.Context(), trace.ID, frame, expr); err == nil {
			t.Errorf("%q = %+v, want an error", expr, v)
		}
	}
}

// stepCrash: a panic that ends the process is told, and a save starts it anew.
func stepCrash(t *testing.T, in *instance) {
	a := in.ask("/crash")
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return len(ex.Traces) > 0 })
	trace := in.trace(ex.Traces[0])
	if trace.Kind != inspect.TraceCrash || trace.Recovered || !strings.HasPrefix(trace.Headline, "nil pointer dereference") {
		t.Errorf("kind %s, recovered %v, headline %q", trace.Kind, trace.Recovered, trace.Headline)
	}
	if f := failing(trace); f.File != "morefaults.go" || f.Line != in.lineOf("morefaults.go", "last.Name =") {
		t.Errorf("crashed at %s:%d", f.File, f.Line)
	}
	wantLocals(t, trace, failing(trace), map[string]string{"last": "nil"})
	if len(ex.Traces) != 1 {
		t.Errorf("%d traces of one crash", len(ex.Traces))
	}
	if !slices.ContainsFunc(texts(ex.Logs), func(s string) bool { return strings.HasSuffix(s, " about to crash") }) {
		t.Errorf("what was printed before is lost: %s", describe(ex))
	}
	in.edit("main.go", "version 2", "version 3")
	in.await("/", "panics, version 3")
}
