package proxy

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// events keeps what is published.
type events []inspect.Event

func (e *events) Publish(ev inspect.Event) { *e = append(*e, ev) }

// TestWithin: a sub-request is recorded as any exchange, and its answer is what it was.
func TestWithin(t *testing.T) {
	var recorded events
	expected := 0
	p := New(Options{Record: &recorded, BodyLimit: 8, Inside: func(inspect.ID) { expected++ }})
	sub := Sub{ID: inspect.NewID(), Parent: inspect.NewID(), Via: inspect.ViaInclude}
	r := httptest.NewRequest("POST", "http://h/a?b", strings.NewReader("sent"))
	r.RequestURI = "/a?b"
	w := httptest.NewRecorder()
	p.Within(w, r, sub, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Own", "the handler's")
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/x")
		w.Header().Set(agent.HeaderSums, "logs=2;sql=0")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "got "+string(b)+"!")
		w.(http.Flusher).Flush()
	}))
	if w.Code != http.StatusTeapot || w.Body.String() != "got sent!" || w.Header().Get(agent.HeaderSums) != "" || !w.Flushed {
		t.Errorf("answered %d %q %v", w.Code, w.Body, w.Header())
	}
	if expected != 1 || len(recorded) != 2 {
		t.Fatalf("%d expected, events %v", expected, recorded)
	}
	began, ended := recorded[0].(inspect.ExchangeStarted).Exchange, recorded[1].(inspect.ExchangeFinished).Exchange
	if !began.InFlight || began.Parent != sub.Parent || began.ID != sub.ID {
		t.Errorf("began as %+v", began)
	}
	want := &inspect.Exchange{
		Summary: inspect.Summary{
			ID: sub.ID, Parent: sub.Parent, Via: inspect.ViaInclude, Kind: inspect.KindHTTP, Method: "POST", URL: "http://h/a?b", Host: "h", Path: "/a",
			Proto: "HTTP/1.1", Status: http.StatusTeapot, RequestSize: 4, ResponseSize: 9, ContentType: "text/x",
		},
		ResponseFrom: inspect.FromTarget,
		Request:      inspect.Message{Proto: "HTTP/1.1", Header: inspect.Header{}, Body: inspect.Body{Size: 4, Data: []byte("sent")}},
		Response: inspect.Message{
			Proto: "HTTP/1.1", Header: inspect.Header{"Content-Type": {"text/x"}},
			Body: inspect.Body{Size: 9, Data: []byte("got sent"), Truncated: true},
		},
	}
	if diff := cmp.Diff(want, ended, cmpopts.IgnoreTypes(inspect.Timing{}), cmpopts.IgnoreFields(inspect.Summary{}, "Start", "Duration")); diff != "" {
		t.Error(diff)
	}
	if ended.Timing.Total != ended.Duration || ended.Timing.Wait+ended.Timing.Receive > ended.Timing.Total {
		t.Errorf("timing %+v of %v", ended.Timing, ended.Duration)
	}
}

// TestWithinEnds: what did not come to its end says so, and what has no body keeps none.
func TestWithinEnds(t *testing.T) {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	write := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "text") }
	for _, tt := range []struct {
		name, method string
		ctx          context.Context
		handler      http.HandlerFunc
		status       int
		body, err    string
	}{
		{"whole", "GET", context.Background(), write, 200, "text", ""},
		{"silent", "GET", context.Background(), func(http.ResponseWriter, *http.Request) {}, 200, "", ""},
		{"no body", "HEAD", context.Background(), write, 200, "", ""},
		{"nothing new", "GET", context.Background(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, 304, "", ""},
		{"gone", "GET", gone, write, 200, "text", "nobody took the answer after 4 bytes"},
		{"broken off", "GET", context.Background(), func(w http.ResponseWriter, r *http.Request) { write(w, r); panic(http.ErrAbortHandler) }, 200, "text", "the handler broke off after 4 bytes"},
		{"panics", "GET", context.Background(), func(http.ResponseWriter, *http.Request) { panic("x") }, 0, "", "the handler broke off after 0 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var recorded events
			p := New(Options{Record: &recorded})
			func() {
				defer func() { _ = recover() }()
				p.Within(httptest.NewRecorder(), httptest.NewRequest(tt.method, "/", nil).WithContext(tt.ctx), Sub{ID: inspect.NewID()}, tt.handler)
			}()
			ex := recorded[1].(inspect.ExchangeFinished).Exchange
			if ex.Status != tt.status || string(ex.Response.Body.Data) != tt.body || ex.Error != tt.err || ex.InFlight {
				t.Errorf("%d %q %q", ex.Status, ex.Response.Body.Data, ex.Error)
			}
			if used := p.budget.used.Load(); used != 0 {
				t.Errorf("%d bytes of the budget are kept", used)
			}
		})
	}
}

// TestWithinCancelled: a sub-request can be ended, and its parent goes on.
func TestWithinCancelled(t *testing.T) {
	var recorded events
	p, id := New(Options{Record: &recorded}), inspect.NewID()
	r := httptest.NewRequest("GET", "/", nil)
	p.Within(httptest.NewRecorder(), r, Sub{ID: id}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.Cancel(id) {
			t.Error("it is not under way")
		}
		<-r.Context().Done()
	}))
	ex := recorded[1].(inspect.ExchangeFinished).Exchange
	if ex.Error != errCancelled.Error() || r.Context().Err() != nil {
		t.Errorf("error %q, parent %v", ex.Error, r.Context().Err())
	}
	if p.Cancel(id) {
		t.Error("it is still under way")
	}
}
