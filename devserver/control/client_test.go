package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/pastedev/pastedev/inspect/redact"
	"github.com/pastedev/pastedev/inspect/store"
)

var listAll = inspect.ListRequest{}

// source is what the terminal UI asks: both makers must fit it.
type source interface {
	Status(ctx context.Context) (inspect.Status, error)
	Exchanges(ctx context.Context, req inspect.ListRequest) (inspect.List, error)
	Exchange(ctx context.Context, id inspect.ID, reveal bool) (*inspect.Exchange, error)
	Builds(ctx context.Context, limit int) ([]inspect.Build, error)
	Outputs(ctx context.Context, after int64, limit int) ([]inspect.Output, error)
	Subscribe(ctx context.Context) (<-chan inspect.Event, error)
	Replay(ctx context.Context, id inspect.ID) (inspect.ID, error)
	Restart(ctx context.Context) error
	Clear(ctx context.Context) error
}

var (
	_       = []source{(*Service)(nil), (*Client)(nil)}
	_ Store = (*store.Store)(nil)
)

// sources runs a test against the service, and clients over the socket and the port.
func sources(t *testing.T, test func(t *testing.T, i *instance, s source)) {
	t.Run("service", func(t *testing.T) { i := startInstance(t); test(t, i, i.svc) })
	t.Run("socket", func(t *testing.T) {
		i := startInstance(t)
		if i.Instance().Socket == "" {
			t.Fatal("no socket was made")
		}
		c := NewClient(i.Instance())
		t.Cleanup(c.Close)
		test(t, i, c)
	})
	t.Run("port", func(t *testing.T) {
		i := startInstance(t)
		inst := i.Instance()
		inst.Socket = ""
		c := NewClient(inst)
		t.Cleanup(c.Close)
		test(t, i, c)
	})
}

func TestSourcesAreAlike(t *testing.T) {
	sources(t, func(t *testing.T, i *instance, s source) {
		ctx := t.Context()
		first := i.store.add(exchange("GET", "/a", 200))
		second := i.store.add(exchange("POST", "/b?x=1", 503))
		i.store.print(inspect.Stdout, "one")
		i.store.print(inspect.Stderr, "two")
		i.store.builds = []inspect.Build{failedBuild()}

		st, err := s.Status(ctx)
		if err != nil || st.Target != "./myapp" || st.Build.Number != 1 {
			t.Errorf("status %+v, %v", st, err)
		}
		list, err := s.Exchanges(ctx, inspect.ListRequest{Query: "status:5xx", Limit: 10})
		if err != nil || len(list.Items) != 1 || list.Items[0].ID != second.ID || list.Total != 2 || list.Match != 1 {
			t.Errorf("list %+v, %v", list, err)
		}
		list, err = s.Exchanges(ctx, inspect.ListRequest{After: 0, Before: 2})
		if err != nil || len(list.Items) != 1 || list.Items[0].ID != first.ID {
			t.Errorf("before 2: %+v, %v", list, err)
		}
		list, err = s.Exchanges(ctx, inspect.ListRequest{Limit: 1, Oldest: true})
		if err != nil || len(list.Items) != 1 || list.Items[0].ID != first.ID || !list.More {
			t.Errorf("oldest: %+v, %v", list, err)
		}

		ex, err := s.Exchange(ctx, inspect.ID(first.ID.Short()), true)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := i.store.Exchange(ctx, first.ID)
		sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		if diff := cmp.Diff(want, ex, sameTime); diff != "" {
			t.Errorf("revealed exchange (-want +got):\n%s", diff)
		}
		if ex, err = s.Exchange(ctx, first.ID, false); err != nil || strings.Contains(ex.Request.Header.Get("Authorization"), secret) {
			t.Errorf("masked exchange: %v, %v", ex.Request.Header, err)
		}

		builds, err := s.Builds(ctx, 5)
		if diff := cmp.Diff(i.store.builds, builds, sameTime); err != nil || diff != "" {
			t.Errorf("builds: %v (-want +got):\n%s", err, diff)
		}
		lines, err := s.Outputs(ctx, 1, 10)
		if err != nil || len(lines) != 1 || lines[0].Text != "two" {
			t.Errorf("outputs %+v, %v", lines, err)
		}

		id, err := s.Replay(ctx, first.ID)
		if err != nil || !id.Valid() {
			t.Errorf("replay: %q, %v", id, err)
		}
		if err := s.Restart(ctx); err != nil {
			t.Errorf("restart: %v", err)
		}
		if diff := cmp.Diff([]string{"replay " + string(first.ID) + " Bearer " + secret, "restart"}, i.called()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if err := s.Clear(ctx); err != nil {
			t.Errorf("clear: %v", err)
		}
		if list, err = s.Exchanges(ctx, listAll); err != nil || list.Total != 0 || len(list.Items) != 0 {
			t.Errorf("after clear: %+v, %v", list, err)
		}
	})
}

func TestErrorsAreAlike(t *testing.T) {
	sources(t, func(t *testing.T, i *instance, s source) {
		_, err := s.Exchanges(t.Context(), inspect.ListRequest{Query: "status:200 staus:5xx"})
		var q *query.Error
		if !errors.As(err, &q) {
			t.Fatalf("wrong query: %v (%T)", err, err)
		}
		_, direct := query.Parse("status:200 staus:5xx", time.Now())
		if diff := cmp.Diff(direct, error(q)); diff != "" {
			t.Errorf("query error (-want +got):\n%s", diff)
		}
		for _, err := range []error{second(s.Exchange(t.Context(), "ffffffff", false)), second(s.Replay(t.Context(), "ffffffff"))} {
			if !errors.Is(err, inspect.ErrNotFound) {
				t.Errorf("unknown exchange: %v", err)
			}
		}
		ws := exchange("GET", "/ws", 101)
		ws.Kind = inspect.KindWebSocket
		i.store.add(ws)
		if _, err := s.Replay(t.Context(), ws.ID); err == nil || !strings.Contains(err.Error(), "websocket") || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("replay of a websocket: %v", err)
		}
		for _, digit := range "12" {
			ex := exchange("GET", "/a?token="+secret, 200)
			ex.ID = inspect.ID(fmt.Sprintf("abcd%c%027d", digit, 7))
			i.store.add(ex)
		}
		for _, err := range []error{second(s.Exchange(t.Context(), "abcd", true)), second(s.Replay(t.Context(), "abcd"))} {
			var several *store.AmbiguousError
			if !errors.As(err, &several) || several.Prefix != "abcd" || several.Found != 2 || len(several.Candidates) != 2 {
				t.Fatalf("ambiguous prefix: %v (%T)", err, err)
			}
			if c := several.Candidates[0]; c.ID[4] != '2' || c.URL != "http://localhost:8080/a?token="+redact.Mask {
				t.Errorf("candidate %+v", c)
			}
			if !strings.Contains(err.Error(), "\nhint: abcd20000000 is GET /a") {
				t.Errorf("no hint: %v", err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, isService := s.(*Service); !isService {
			if _, err := s.Status(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("with a cancelled context: %v", err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestFeedCarriesEveryKind(t *testing.T) {
	sources(t, func(t *testing.T, i *instance, s source) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		feed, err := s.Subscribe(ctx)
		if err != nil {
			t.Fatal(err)
		}
		<-i.store.joined
		ex := exchange("GET", "/a", 200)
		events := []inspect.Event{
			inspect.ExchangeStarted{Exchange: ex.Summary}, inspect.ExchangeFinished{Exchange: ex},
			inspect.OutputWritten{Output: inspect.Output{Seq: 3, Stream: inspect.Stderr, Text: "line\nbreak\r\x1b[31m", Partial: true}},
			inspect.BuildChanged{Build: failedBuild()}, inspect.StateChanged{State: inspect.StateFailed, Detail: "no", Build: 2},
			inspect.AssetsChanged{Paths: []string{"a.css"}, Styles: true}, inspect.HistoryCleared{},
			inspect.ExchangeUpdated{Exchange: ex}, inspect.TraceRecorded{Trace: &inspect.Trace{ID: 1, Kind: inspect.TracePanic, Headline: "nil map"}},
		}
		for _, e := range events {
			i.store.send(e)
		}
		sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		for _, e := range events {
			got, ok := <-feed
			if !ok {
				t.Fatal("the feed ended")
			}
			if diff := cmp.Diff(i.svc.mask(e), got, sameTime); diff != "" {
				t.Errorf("%s (-want +got):\n%s", e.EventKind(), diff)
			}
			if f, ok := got.(inspect.ExchangeFinished); ok && (f.Exchange.Response.Body.Data != nil || f.Exchange.Request.Header.Get("Authorization") == "Bearer "+secret) {
				t.Error("the feed carries a body or a secret")
			}
		}
		cancel()
		for range feed { // closed when ctx ends
		}
	})
}

// A subscription that the store ends is taken up again, with what came between.
func TestFeedComesBack(t *testing.T) {
	i := startInstance(t)
	c := NewClient(i.Instance())
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	feed, err := c.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	<-i.store.joined
	i.store.add(exchange("GET", "/1", 200))
	i.store.print(inspect.Stdout, "one")
	seen := map[string]bool{}
	wait := func(what string) {
		t.Helper()
		for !seen[what] {
			e, ok := <-feed
			if !ok {
				t.Fatalf("the feed ended before %s", what)
			}
			switch e := e.(type) {
			case inspect.ExchangeFinished:
				seen[e.Exchange.Path] = true
			case inspect.OutputWritten:
				seen[e.Output.Text] = true
			}
		}
	}
	wait("/1")
	wait("one")
	i.store.kick()
	i.store.add(exchange("GET", "/2", 200)) // nobody listens
	i.store.print(inspect.Stdout, "two")
	wait("/2")
	wait("two")
	i.store.add(exchange("GET", "/3", 200))
	wait("/3")
}

// A subscriber that reads nothing blocks neither the store nor other requests, and
// closing the server ends it.
func TestSlowSubscriber(t *testing.T) {
	i := startInstance(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", i.URL()+"api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = i.header()
	res, err := i.client.Do(req) // the answer's head has come; its body is not read
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-i.store.joined
	for range 5000 {
		i.store.add(exchange("GET", "/flood?"+strings.Repeat("x", 1000), 200))
	}
	c := NewClient(i.Instance())
	defer c.Close()
	if list, err := c.Exchanges(t.Context(), inspect.ListRequest{Limit: 1}); err != nil || list.Total != 5000 {
		t.Errorf("beside a stuck subscriber: %d, %v", list.Total, err)
	}
}

// Close does not wait for a subscriber that has stopped reading, for a connection that
// has not asked anything yet, nor for one that is kept.
func TestCloseIsPrompt(t *testing.T) {
	i := startInstance(t)
	i.patience = time.Hour // so that waiting for it fails
	for _, path := range []string{"/api/v1/events", "/api/v1/events?view=digest"} {
		conn := dialRaw(t, i)
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, i.Instance().token())
		<-i.store.joined
	}
	dialRaw(t, i)
	i.ask(t, "GET", "/api/v1/status", "", i.header())
	for range 2000 { // far more than the buffers of both sockets hold
		i.store.send(inspect.OutputWritten{Output: inspect.Output{Text: strings.Repeat("x", 10_000)}})
		i.store.send(inspect.StateChanged{Detail: strings.Repeat("x", 10_000)})
	}
	done := make(chan error, 1)
	go func() { done <- i.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("close: %v", err)
		}
	case <-time.After(streamTimeout * 2 / 3):
		t.Fatal("Close waits for clients that say nothing")
	}
}

// dialRaw connects to the control port.
func dialRaw(t *testing.T, i *instance) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", i.port.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// A feed ends with its instance; one that was killed is waited for.
func TestFeedEndsWithTheInstance(t *testing.T) {
	i := startInstance(t)
	c := NewClient(i.Instance())
	defer c.Close()
	feed, err := c.Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-i.store.joined
	if c.ended() {
		t.Error("it is taken to have ended before")
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case _, ok := <-feed:
		if ok {
			t.Error("an event after the end")
		}
	case <-time.After(giveUp * 2 / 3):
		t.Error("the feed goes on after its instance")
	}
}

func TestClientOfADeadInstance(t *testing.T) {
	i := startInstance(t)
	inst := i.Instance()
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	c := NewClient(inst)
	if _, err := c.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("status of a dead instance: %v", err)
	}
	if _, err := c.Subscribe(t.Context()); err == nil {
		t.Error("subscribed to a dead instance")
	}
}
