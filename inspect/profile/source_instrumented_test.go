package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// refused is an error as the dev server returns it.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string   { return r.text }
func (r *refused) HTTPStatus() int { return r.status }

// fakeAgent answers as the agent in the target does: by method and path.
type fakeAgent struct {
	asked   []string
	answers map[string][]any // one after the other: []byte, *pb.Profile or error
	note    string
}

func (f *fakeAgent) do(ctx context.Context, method, path string) (*http.Response, error) {
	ask := method + " " + path
	f.asked = append(f.asked, ask)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	left := f.answers[ask]
	if len(left) == 0 {
		return nil, fmt.Errorf("ask the program: %w", &refused{404, "unexpected " + ask})
	}
	f.answers[ask] = left[1:]
	var body []byte
	switch a := left[0].(type) {
	case error:
		return nil, fmt.Errorf("ask the program: %w", a)
	case []byte:
		body = a
	case *pb.Profile:
		var err error
		if body, err = Encode(a); err != nil {
			return nil, err
		}
	}
	h := http.Header{}
	if f.note != "" && method == "GET" {
		h.Set(headerNote, f.note)
	}
	return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

func TestInstrumented(t *testing.T) {
	some, more := cpuProfile(stackSample{idA, "main;f", 2}), cpuProfile(stackSample{idA, "main;f", 5})
	ok := []byte{}
	tests := []struct {
		kind    inspect.ProfileKind
		answers map[string][]any
		want    string // folded, or the trace
		asked   []string
	}{
		{"cpu", map[string][]any{"POST /cpu?on=1": {ok}, "GET /cpu": {more}}, "main;f 50000000\n", []string{"POST /cpu?on=1", "GET /cpu"}},
		{"wall", map[string][]any{"POST /wall?on=1": {ok}, "GET /wall": {some}}, "main;f 20000000\n", []string{"POST /wall?on=1", "GET /wall"}},
		{"mutex", map[string][]any{"POST /mutex?on=1": {some}, "GET /mutex": {more}}, "main;f 30000000\n", []string{"POST /mutex?on=1", "GET /mutex"}},
		{"block", map[string][]any{"POST /block?on=1": {some}, "GET /block": {more}}, "main;f 30000000\n", []string{"POST /block?on=1", "GET /block"}},
		{"heap", map[string][]any{"POST /heap?on=1": {heapProfile(1, 9)}, "GET /heap": {heapProfile(4, 2)}}, "main;make 300\n", []string{"POST /heap?on=1", "GET /heap"}},
		{"goroutine", map[string][]any{"GET /goroutines": {[]byte("goroutine 1 [running]:\nmain.f()\n\t/src/f.go:3 +0x1\n")}}, "main.f 1\n", []string{"GET /goroutines"}},
		{"trace", map[string][]any{"POST /flight?on=1&mb=32": {ok}, "GET /flight": {[]byte("go 1.26 trace")}, "POST /flight?on=0": {ok}}, "go 1.26 trace",
			[]string{"POST /flight?on=1&mb=32", "GET /flight", "POST /flight?on=0"}},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			agent := &fakeAgent{answers: tt.answers, note: "the program began one of its own"}
			src := Instrumented(agent.do)
			rec, err := src.Start(t.Context(), tt.kind, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			d, err := rec.Stop(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := string(d.Trace)
			if d.Profile != nil {
				got = folded(t, d.Profile)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.asked, agent.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if tt.kind == inspect.ProfileCPU && d.Note != agent.note {
				t.Errorf("note = %q", d.Note)
			}
		})
	}
	agent := &fakeAgent{answers: map[string][]any{"POST /cpu?on=1": {ok}, "GET /cpu?again=1": {some, errors.New("connection refused")}, "POST /cpu?on=0": {ok}}}
	rec, err := Instrumented(agent.do).Start(t.Context(), inspect.ProfileCPU, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := rec.(Continuing).Continue(t.Context()); err != nil || Count(d.Profile) != 2 {
		t.Errorf("Continue = %v, %v", d, err)
	}
	if _, err := rec.(Continuing).Continue(t.Context()); err == nil || agent.asked[len(agent.asked)-1] != "POST /cpu?on=0" {
		t.Errorf("Continue = %v; asked %q", err, agent.asked)
	}
	if !Instrumented(nil).Labels() {
		t.Error("an instrumented program sets labels")
	}
}

func TestInstrumentedFails(t *testing.T) {
	busy := &refused{409, "the program records a CPU profile of its own"}
	agent := &fakeAgent{answers: map[string][]any{"POST /cpu?on=1": {busy}}}
	if _, err := Instrumented(agent.do).Start(t.Context(), inspect.ProfileCPU, time.Second); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), busy.text) {
		t.Errorf("Start = %v, want ErrBusy and why", err)
	}
	// A profile that cannot be read is switched off, also when the caller has gone.
	agent = &fakeAgent{answers: map[string][]any{"POST /cpu?on=1": {[]byte{}}, "GET /cpu": {[]byte("garbage")}, "POST /cpu?on=0": {[]byte{}}}}
	ctx, cancel := context.WithCancel(t.Context())
	rec, err := Instrumented(agent.do).Start(ctx, inspect.ProfileCPU, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := rec.Stop(context.WithoutCancel(ctx)); err == nil || !strings.Contains(err.Error(), "read profile") {
		t.Errorf("Stop = %v", err)
	}
	if diff := cmp.Diff([]string{"POST /cpu?on=1", "GET /cpu", "POST /cpu?on=0"}, agent.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	// Another process answers in the end.
	idle, many, few := &refused{409, "no such profile is running"}, cpuProfile(stackSample{idA, "main;f", 5}), cpuProfile(stackSample{idA, "main;f", 2})
	for kind, answers := range map[inspect.ProfileKind]map[string][]any{
		inspect.ProfileCPU:   {"POST /cpu?on=1": {[]byte{}}, "GET /cpu": {idle}, "POST /cpu?on=0": {idle}},
		inspect.ProfileMutex: {"POST /mutex?on=1": {many}, "GET /mutex": {few}},
	} {
		agent = &fakeAgent{answers: answers}
		if rec, err = Instrumented(agent.do).Start(t.Context(), kind, time.Second); err != nil {
			t.Fatal(err)
		}
		if d, err := rec.Stop(t.Context()); !errors.Is(err, errAnew) || d.Profile != nil {
			t.Errorf("%s: Stop = %+v, %v, want that the program was started anew", kind, d, err)
		}
	}
	// The flight recorder of --slow is left on.
	agent = &fakeAgent{answers: map[string][]any{"GET /flight": {[]byte("trace")}}}
	src := Instrumented(agent.do)
	src.KeepFlight = true
	rec, err = src.Start(t.Context(), inspect.ProfileTrace, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := rec.Stop(t.Context()); err != nil || string(d.Trace) != "trace" || len(agent.asked) != 1 {
		t.Errorf("trace %q, %v, asked %q", d.Trace, err, agent.asked)
	}
	if _, err := src.Start(t.Context(), "gpu", time.Second); !errors.Is(err, ErrUnsupported) {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestReadAnswerIsBounded(t *testing.T) {
	endless := &http.Response{StatusCode: 200, Body: io.NopCloser(zeros{})}
	if _, err := readAnswer(endless); err == nil || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Errorf("an endless answer: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
