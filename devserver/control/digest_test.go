package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// digests opens a digest stream and returns a function that reads the next block of
// the given name.
func digests(t *testing.T, i *instance, query string) func(name string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", i.URL()+"api/v1/events?view=digest"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = i.header()
	res, err := i.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if ct := res.Header.Get("Content-Type"); ct != streamType {
		t.Fatalf("type %q", ct)
	}
	<-i.store.joined
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return func(name string) string {
		t.Helper()
		kind := ""
		for lines.Scan() {
			if k, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = k
			}
			if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok && kind == name {
				return d
			}
		}
		t.Fatalf("the stream ended before %s: %v", name, lines.Err())
		return ""
	}
}

// gather adds up digests until enough exchanges have ended.
func gather(t *testing.T, next func(string) string, finished int) (sum Digest) {
	t.Helper()
	for sum.Finished < finished {
		var d Digest
		if err := json.Unmarshal([]byte(next("digest")), &d); err != nil {
			t.Fatal(err)
		}
		sum.Exchanges = append(d.Exchanges, sum.Exchanges...)
		sum.Gone = append(sum.Gone, d.Gone...)
		sum.Finished += d.Finished
		sum.Outputs += d.Outputs
		sum.Gap = sum.Gap || d.Gap
	}
	return sum
}

func TestDigest(t *testing.T) {
	i := startInstance(t)
	next := digests(t, i, "")
	i.store.send(inspect.StateChanged{State: inspect.StateBuilding})
	if got := next("state"); !strings.Contains(got, `"building"`) {
		t.Errorf("state: %s", got)
	}
	i.store.print(inspect.Stdout, "x")
	for n := range 20 {
		i.store.add(exchange("GET", fmt.Sprintf("/%d?password=%s", n, secret), 200))
	}
	d := gather(t, next, 20)
	seen := map[inspect.ID]bool{}
	for _, s := range d.Exchanges {
		if !s.InFlight {
			seen[s.ID] = true
		}
		if strings.Contains(s.URL, secret) {
			t.Errorf("a secret in %s", s.URL)
		}
	}
	if len(seen) != 20 || d.Gap || d.Outputs != 1 {
		t.Errorf("%d exchanges, gap %v, outputs %d", len(seen), d.Gap, d.Outputs)
	}
}

func TestDigestOfAQuery(t *testing.T) {
	i := startInstance(t)
	next := digests(t, i, "&q=body~Gr%C3%BC.e+status:5xx")
	bad := i.store.add(exchange("GET", "/bad", 500))
	good := i.store.add(exchange("GET", "/good", 200))
	d := gather(t, next, 2)
	if len(d.Exchanges) != 1 || d.Exchanges[0].ID != bad.ID || len(d.Gone) != 1 || d.Gone[0] != good.ID {
		t.Errorf("digest %+v, want %s, gone %s", d, bad.ID, good.ID)
	}
}

func TestDigestIsBounded(t *testing.T) {
	d := newDigester(NewService(Options{}), nil)
	for n := range 3 * maxDigest {
		d.add(inspect.ExchangeFinished{Exchange: exchange("GET", fmt.Sprint("/", n), 200)})
	}
	if len(d.cur.Exchanges) != maxDigest || !d.cur.Gap || d.cur.Finished != 3*maxDigest {
		t.Errorf("%d exchanges, gap %v, finished %d", len(d.cur.Exchanges), d.cur.Gap, d.cur.Finished)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	i := startInstance(t)
	a := newAPI(i.svc)
	a.streams.Store(maxStreams)
	w := newRecorder()
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "/api/v1/events", nil)
	a.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || a.streams.Load() != maxStreams {
		t.Errorf("status %d, %d streams", w.Code, a.streams.Load())
	}
}

// BenchmarkFeed is what one subscriber costs per exchange: masking and copying.
func BenchmarkFeed(b *testing.B) {
	svc := NewService(Options{})
	e := inspect.ExchangeFinished{Exchange: exchange("GET", "/products?page=2", 200)}
	b.ReportAllocs()
	for b.Loop() {
		svc.mask(e)
	}
}

// BenchmarkDigest is the same for an inspector page.
func BenchmarkDigest(b *testing.B) {
	d := newDigester(NewService(Options{}), nil)
	e := inspect.ExchangeFinished{Exchange: exchange("GET", "/products?page=2", 200)}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		d.add(e)
		if n%100 == 99 {
			d.reset()
		}
	}
}
