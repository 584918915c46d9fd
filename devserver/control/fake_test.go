package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/store"
)

// fakeStore is a history in memory with an unbounded feed.
type fakeStore struct {
	mu     sync.Mutex
	list   []*inspect.Exchange // by Seq
	lines  []inspect.Output
	builds []inspect.Build
	traces []inspect.Trace // by ID
	subs   map[chan inspect.Event]struct{}
	joined chan struct{}     // one value a subscription
	missed *inspect.Exchange // is recorded just before the next subscription, which does not hear of it
}

func newFakeStore() *fakeStore {
	return &fakeStore{subs: map[chan inspect.Event]struct{}{}, joined: make(chan struct{}, 1000)}
}

func (f *fakeStore) Exchanges(_ context.Context, req inspect.ListRequest, m store.Matcher) (inspect.List, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := inspect.List{Total: len(f.list)}
	var all []inspect.Summary
	for _, ex := range slices.Backward(f.list) {
		if m != nil && !m.Match(&ex.Summary, func() *inspect.Exchange { return ex }) {
			continue
		}
		if m == nil && req.Roots && ex.Parent != "" && !slices.Contains(req.Open, ex.Parent) {
			continue
		}
		l.Match++
		if ex.Seq > req.After && (req.Before == 0 || ex.Seq < req.Before) {
			all = append(all, ex.Summary)
		}
	}
	limit := cmpInt(req.Limit, 100)
	l.More = len(all) > limit
	if l.More && req.Oldest {
		all = all[len(all)-limit:]
	} else if l.More {
		all = all[:limit]
	}
	l.Items = all
	return l, nil
}

func (f *fakeStore) Children(_ context.Context, id inspect.ID) (list []inspect.Summary, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ex := range f.list {
		if ex.Parent == id {
			list = append(list, ex.Summary)
		}
	}
	return list, nil
}

func cmpInt(n, or int) int {
	if n == 0 {
		return or
	}
	return n
}

func (f *fakeStore) Exchange(_ context.Context, id inspect.ID) (*inspect.Exchange, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*inspect.Exchange
	several := &store.AmbiguousError{Prefix: id}
	for _, ex := range slices.Backward(f.list) {
		if strings.HasPrefix(string(ex.ID), string(id)) {
			found, several.Candidates = append(found, ex), append(several.Candidates, ex.Summary)
		}
	}
	switch several.Found = len(found); len(found) {
	case 0:
		return nil, fmt.Errorf("exchange %q: %w", id, inspect.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return nil, several
}

func (f *fakeStore) Outputs(_ context.Context, after int64, limit int) ([]inspect.Output, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []inspect.Output
	for _, o := range f.lines {
		if o.Seq > after {
			out = append(out, o)
		}
	}
	if after == 0 && len(out) > limit {
		out = out[len(out)-limit:]
	}
	return out[:min(len(out), limit)], nil
}

func (f *fakeStore) Builds(context.Context, int) ([]inspect.Build, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.builds), nil
}

func (f *fakeStore) Traces(_ context.Context, limit int) ([]inspect.Trace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []inspect.Trace
	for i := range f.traces {
		list = append(list, *store.Outline(&f.traces[len(f.traces)-1-i]))
	}
	return list[:min(len(list), cmpInt(limit, len(list)))], nil
}

func (f *fakeStore) Trace(_ context.Context, ref string) (*inspect.Trace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range slices.Backward(f.traces) {
		if t := f.traces[i]; fmt.Sprint(t.ID) == ref || t.Code == ref {
			return &t, nil
		}
	}
	return nil, fmt.Errorf("error %q: %w", ref, inspect.ErrNotFound)
}

func (f *fakeStore) fail(t inspect.Trace) inspect.Trace {
	f.mu.Lock()
	t.ID, t.Count = int64(len(f.traces)+1), 1
	f.traces = append(f.traces, t)
	f.mu.Unlock()
	f.send(inspect.TraceRecorded{Trace: &t})
	return t
}

func (f *fakeStore) Clear(context.Context) error {
	f.mu.Lock()
	f.list = nil
	f.mu.Unlock()
	f.send(inspect.HistoryCleared{})
	return nil
}

func (f *fakeStore) Subscribe(ctx context.Context) <-chan inspect.Event {
	in, out := make(chan inspect.Event, 100000), make(chan inspect.Event)
	f.mu.Lock()
	if f.missed != nil {
		f.missed.Seq = int64(len(f.list) + 1)
		f.list, f.missed = append(f.list, f.missed), nil
	}
	f.subs[in] = struct{}{}
	f.mu.Unlock()
	go func() {
		defer func() {
			f.mu.Lock()
			delete(f.subs, in)
			f.mu.Unlock()
			close(out)
		}()
		f.joined <- struct{}{}
		for {
			select {
			case e, ok := <-in:
				if !ok {
					return
				}
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (f *fakeStore) send(e inspect.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for in := range f.subs {
		in <- e
	}
}

// kick ends all subscriptions, as a store does with a subscriber that is too slow.
func (f *fakeStore) kick() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for in := range f.subs {
		close(in)
		delete(f.subs, in)
	}
}

// start and finish are what a recorder does.
func (f *fakeStore) start(ex *inspect.Exchange) *inspect.Exchange {
	ex.InFlight = true
	f.mu.Lock()
	ex.Seq = int64(len(f.list) + 1)
	f.list = append(f.list, ex)
	if ex.Parent != "" {
		for _, p := range f.list {
			if p.ID == ex.Parent {
				p.Subs++
			}
		}
	}
	f.mu.Unlock()
	f.send(inspect.ExchangeStarted{Exchange: ex.Summary})
	return ex
}

func (f *fakeStore) finish(ex *inspect.Exchange) {
	f.mu.Lock()
	done := *ex
	done.InFlight = false
	f.list[ex.Seq-1] = &done
	f.mu.Unlock()
	f.send(inspect.ExchangeFinished{Exchange: &done})
}

func (f *fakeStore) add(ex *inspect.Exchange) *inspect.Exchange {
	f.finish(f.start(ex))
	return ex
}

func (f *fakeStore) print(stream inspect.Stream, text string) {
	f.mu.Lock()
	o := inspect.Output{Seq: int64(len(f.lines) + 1), Time: time.Now(), Stream: stream, Text: text, Build: 1}
	f.lines = append(f.lines, o)
	f.mu.Unlock()
	f.send(inspect.OutputWritten{Output: o})
}

// exchange makes a record with both bodies and a secret in each place where one may be.
func exchange(method, path string, status int) *inspect.Exchange {
	body := fmt.Sprintf(`{"path":%q,"items":[1,2.5,true,null],"name":"Grüße"}`, path)
	return &inspect.Exchange{
		Summary: inspect.Summary{
			ID: inspect.NewID(), Kind: inspect.KindHTTP, Method: method, URL: "http://localhost:8080" + path, Host: "localhost:8080",
			Path: strings.Split(path, "?")[0], Proto: "HTTP/1.1", Status: status, Start: time.Now(),
			Duration: inspect.Millis(12345 * time.Microsecond), ResponseSize: int64(len(body)), ContentType: "application/json",
			Client: "127.0.0.1:50000", Build: 1,
		},
		Timing: inspect.Timing{Held: inspect.Millis(time.Millisecond), Connect: inspect.Millis(400 * time.Microsecond), Send: inspect.Millis(200 * time.Microsecond),
			Wait: inspect.Millis(9 * time.Millisecond), Receive: inspect.Millis(1745 * time.Microsecond), Total: inspect.Millis(12345 * time.Microsecond)},
		Request: inspect.Message{Proto: "HTTP/1.1", Header: inspect.Header{"Accept": {"application/json"}, "User-Agent": {"test/1"},
			"Authorization": {"Bearer " + secret}, "Content-Type": {"application/json"}},
			Body: inspect.Body{Size: 13, Data: []byte(`{"qty":"two"}`)}},
		Response: inspect.Message{Proto: "HTTP/1.1", Header: inspect.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-cache"}},
			Body: inspect.Body{Size: int64(len(body)), Data: []byte(body)}},
		ResponseFrom: inspect.FromTarget,
	}
}

const secret = "s3cr3t-4f9a7b2c1d"

// instance is a server over a fake store.
type instance struct {
	*Server
	store  *fakeStore
	svc    *Service
	client *http.Client
	mu     sync.Mutex
	log    []string
	calls  []string
}

func (i *instance) logged() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return strings.Join(i.log, "\n")
}

func (i *instance) called() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.calls)
}

func (i *instance) call(s string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, s)
}

func startInstance(t *testing.T, change ...func(*ServerOptions)) *instance {
	t.Helper()
	i := &instance{store: newFakeStore(), client: &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	i.svc = NewService(Options{
		Store: i.store,
		Status: func() inspect.Status {
			return inspect.Status{Version: "test", PID: 1, Dir: "/src", Target: "./myapp", State: inspect.StateRunning, Recording: true, Listeners: []string{"http://localhost:8080"},
				Build: &inspect.Build{Number: 1, Result: inspect.BuildOK, Duration: inspect.Millis(420 * time.Millisecond)}}
		},
		Restart: func(_ context.Context, mount string) error {
			if mount == "/nobody" {
				return errors.New("no program has the mount /nobody\nhint: /app is one")
			}
			i.call(strings.TrimSpace("restart " + mount))
			return nil
		},
		Replay: func(_ context.Context, ex *inspect.Exchange) (inspect.ID, error) {
			i.call("replay " + string(ex.ID) + " " + ex.Request.Header.Get("Authorization"))
			again := exchange(ex.Method, ex.Path, ex.Status)
			again.ReplayOf = ex.ID
			return i.store.add(again).ID, nil
		},
	})
	opt := ServerOptions{StateDir: shortTempDir(t), Logf: func(format string, args ...any) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.log = append(i.log, fmt.Sprintf(format, args...))
	}}
	for _, f := range change {
		f(&opt)
	}
	srv, err := Listen(t.Context(), i.svc, opt)
	if err != nil {
		t.Fatal(err)
	}
	i.Server = srv
	t.Cleanup(func() {
		i.client.CloseIdleConnections()
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return i
}
