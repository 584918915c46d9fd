package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// notices collects what a store says.
type notices struct {
	mu   sync.Mutex
	text []string
}

func (n *notices) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text = append(n.text, s)
}

func (n *notices) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.text, "\n")
}

func open(t *testing.T, o Options) *Store {
	t.Helper()
	if o.Notify == nil {
		o.Notify = func(text string) { t.Errorf("notice: %s", text) }
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// idOf returns the ID of the nth test exchange.
func idOf(n int) inspect.ID { return inspect.ID(fmt.Sprintf("%08x%024x", n, 1)) }

func finish(s *Store, n int) {
	ex := sample(n)
	ex.ID, ex.Start = idOf(n), time.Now()
	s.Publish(inspect.ExchangeFinished{Exchange: ex})
}

// flushed waits until the writer has taken and written all that was published before.
// Clearing nothing is a request that passes through the writer.
func flushed(t *testing.T, s *Store) {
	t.Helper()
	c := clearing{done: make(chan error, 1)}
	for range 2 { // the first may still have waited for room behind a running flush
		s.mu.Lock()
		s.queue.clears = append(s.queue.clears, c)
		s.signal()
		s.mu.Unlock()
		if err := <-c.done; err != nil {
			t.Fatal(err)
		}
	}
}

func TestExchangeLifeAndReload(t *testing.T) {
	ctx := context.Background()
	for _, path := range []string{"", filepath.Join(t.TempDir(), "a b#c%20?d", "history.db")} {
		s := open(t, Options{Path: path})
		events := s.Subscribe(ctx)
		want := sample(7)
		want.ID = idOf(7)
		want.Start = time.Now()
		first := want.Summary
		first.Status, first.Duration = 0, 0
		s.Publish(inspect.ExchangeStarted{Exchange: first})
		list, err := s.Exchanges(ctx, inspect.ListRequest{}, nil)
		if err != nil || len(list.Items) != 1 || !list.Items[0].InFlight || list.Items[0].Seq != 1 || list.Items[0].Duration <= 0 {
			t.Fatalf("in flight: %+v, %v", list, err)
		}
		if ex, err := s.Exchange(ctx, want.ID); err != nil || !ex.InFlight || ex.URL != want.URL {
			t.Fatalf("in flight: %+v, %v", ex, err)
		}
		s.Publish(inspect.ExchangeFinished{Exchange: want})
		if want.Seq != 0 {
			t.Error("the publisher's exchange was changed")
		}
		want.Seq = 1
		want.Start = want.Start.Round(0)
		check := func(when string, s *Store) {
			t.Helper()
			got, err := s.Exchange(ctx, want.ID[:4])
			if err != nil {
				t.Fatal(when, err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: -want +got\n%s", when, d)
			}
		}
		check("pending", s)
		flushed(t, s)
		check("written", s)
		if e := (<-events).(inspect.ExchangeStarted); e.Exchange.Seq != 1 || !e.Exchange.InFlight {
			t.Errorf("started event: %+v", e)
		}
		if e := (<-events).(inspect.ExchangeFinished); e.Exchange.Seq != 1 || e.Exchange.InFlight {
			t.Errorf("finished event: %+v", e)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, more := <-events; more {
			t.Error("an event after Close")
		}
		if path == "" {
			continue
		}
		s = open(t, Options{Path: path})
		check("reloaded", s)
		finish(s, 8)
		if ex, err := s.Exchange(ctx, idOf(8)); err != nil || ex.Seq != 2 {
			t.Errorf("Seq after a reload: %+v, %v", ex, err)
		}
	}
}

// fill sets every field that v reaches to something other than zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1_700_000_000, int64(*n))))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("s", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) * int64(time.Millisecond))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), n)
		}
	case reflect.Uint8:
		v.SetUint(uint64(*n & 0xff))
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, n)
		fill(e, n)
		m.SetMapIndex(k, e)
		v.Set(m)
	default:
		panic("fill: " + v.Kind().String())
	}
}

// A field added to the record types that the codec does not carry fails here.
func TestCodecCarriesEveryField(t *testing.T) {
	var want inspect.Exchange
	n := 0
	fill(reflect.ValueOf(&want).Elem(), &n)
	want.Hints, want.Children, want.Subs = nil, nil, 0 // made when asked for, and counted
	for _, size := range []int{3, 100_000} {
		want.Response.Body.Data = []byte(strings.Repeat("x", size))
		sum := inspect.Summary{Seq: want.Seq, InFlight: want.InFlight, Rehearsal: want.Rehearsal} // none is stored with the last two
		if err := decodeSummary(string(appendSummary(nil, &want.Summary)), &sum); err != nil {
			t.Fatal(err)
		}
		blob, err := new(encoder).encode(&want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeDetails(blob, &sum, true)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(&want, got); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
	}
}

func FuzzDecode(f *testing.F) {
	blob, _ := new(encoder).encode(sample(1))
	f.Add(blob)
	withTree := sample(1)
	withTree.CallTree = callTree(1, 40)
	blob, _ = new(encoder).encode(withTree)
	f.Add(blob)
	f.Add([]byte{hasTree, 2, 0, 1, '{', '}', treeVersion})
	f.Add(appendSummary(nil, &sample(1).Summary))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 7, 0xff, 0xff, 0xff, 0xff, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		var sum inspect.Summary
		if err := decodeSummary(string(b), &sum); err == nil {
			p := pack(&sum)
			if again := p.summary(); !cmp.Equal(sum, again) || p.id() != sum.ID {
				t.Errorf("not stable: %q\n%s", p.id(), cmp.Diff(sum, again))
			}
		}
		decodeDetails(b, &inspect.Summary{}, true)
	})
}

func TestWindows(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	for i := range 20 {
		finish(s, i+1) // Seq 1 to 20
	}
	even := matchFunc(func(s *inspect.Summary, _ func() *inspect.Exchange) bool { return s.Seq%2 == 0 })
	evenLoaded := matchFunc(func(s *inspect.Summary, load func() *inspect.Exchange) bool { return load().Seq%2 == 0 })
	tests := []struct {
		name  string
		req   inspect.ListRequest
		m     Matcher
		seqs  []int64
		match int
		more  bool
	}{
		{"all", inspect.ListRequest{Limit: 3}, nil, []int64{20, 19, 18}, 20, true},
		{"exactly", inspect.ListRequest{Limit: 3, After: 17}, nil, []int64{20, 19, 18}, 20, false},
		{"before", inspect.ListRequest{Before: 3}, nil, []int64{2, 1}, 20, false},
		{"oldest", inspect.ListRequest{After: 5, Limit: 2, Oldest: true}, nil, []int64{7, 6}, 20, true},
		{"empty range", inspect.ListRequest{After: 9, Before: 5}, nil, nil, 20, false},
		{"beyond", inspect.ListRequest{After: 99, Before: 999}, nil, nil, 20, false},
		{"match", inspect.ListRequest{Limit: 2}, even, []int64{20, 18}, 10, true},
		{"match range", inspect.ListRequest{After: 4, Before: 9}, even, []int64{8, 6}, 10, false},
		{"match oldest", inspect.ListRequest{After: 4, Limit: 2, Oldest: true}, even, []int64{8, 6}, 10, true},
		{"loaded", inspect.ListRequest{Limit: 2}, evenLoaded, []int64{20, 18}, -1, true},
		{"loaded range", inspect.ListRequest{After: 4, Before: 9}, evenLoaded, []int64{8, 6}, -1, false},
		{"loaded oldest", inspect.ListRequest{After: 4, Limit: 2, Oldest: true}, evenLoaded, []int64{8, 6}, -1, true},
		{"loaded all", inspect.ListRequest{}, evenLoaded, []int64{20, 18, 16, 14, 12, 10, 8, 6, 4, 2}, 10, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := s.Exchanges(ctx, tt.req, tt.m)
			if err != nil {
				t.Fatal(err)
			}
			var seqs []int64
			for _, it := range list.Items {
				seqs = append(seqs, it.Seq)
			}
			if !slices.Equal(seqs, tt.seqs) || list.Match != tt.match || list.More != tt.more || list.Total != 20 {
				t.Errorf("got %v match %d more %v total %d, want %v %d %v", seqs, list.Match, list.More, list.Total, tt.seqs, tt.match, tt.more)
			}
		})
	}
	past, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer cancel()
	if list, err := s.Exchanges(past, inspect.ListRequest{}, even); err != nil || list.Match != -1 || !list.More {
		t.Errorf("deadline: %+v, %v", list, err)
	}
	gone, stop := context.WithCancel(ctx)
	stop()
	if _, err := s.Exchanges(gone, inspect.ListRequest{}, even); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPrefix(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	for _, id := range []inspect.ID{"abcd1111000000000000000000000000", "abcd2222000000000000000000000000"} {
		ex := sample(1)
		ex.ID = id
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
	}
	if ex, err := s.Exchange(ctx, "ABCD1"); err != nil || ex.ID[4] != '1' {
		t.Errorf("prefix: %v", err)
	}
	var several *AmbiguousError
	if _, err := s.Exchange(ctx, "abcd"); !errors.As(err, &several) || several.Found != 2 || several.Candidates[0].ID[4] != '2' ||
		!strings.Contains(err.Error(), "hint: abcd11110000 is GET") || !strings.Contains(err.Error(), "hint: abcd22220000 is GET") {
		t.Errorf("ambiguous: %v", err)
	}
	for _, id := range []inspect.ID{"abc", "", "ffff"} {
		if _, err := s.Exchange(ctx, id); !errors.Is(err, inspect.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestBuildsAndOutputs(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path})
	for n := 1; n <= maxBuilds+10; n++ {
		s.Publish(inspect.BuildChanged{Build: inspect.Build{Number: n}})
		s.Publish(inspect.BuildChanged{Build: inspect.Build{Number: n, Result: inspect.BuildOK, Output: "done"}})
	}
	s.Publish(inspect.BuildChanged{Build: inspect.Build{Number: maxBuilds + 11, Done: 3}})
	builds, err := s.Builds(ctx, 2)
	if err != nil || len(builds) != 2 || builds[0].Done != 3 || builds[1].Result != inspect.BuildOK {
		t.Errorf("builds: %+v, %v", builds, err)
	}
	if err := s.Clear(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{Path: path})
	builds, _ = s.Builds(ctx, 0)
	if len(builds) != maxBuilds || builds[0].Number != maxBuilds+10 || builds[0].Output != "done" {
		t.Errorf("after a reload: %d builds, newest %+v", len(builds), builds[0])
	}
	if s.LastBuild() < maxBuilds+10 {
		t.Errorf("last build %d", s.LastBuild())
	}

	for i := range maxOutputs + 5 {
		s.Publish(inspect.OutputWritten{Output: inspect.Output{Text: fmt.Sprint(i)}})
	}
	seqs := func(after int64, limit int) (seqs []int64) {
		lines, err := s.Outputs(ctx, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range lines {
			seqs = append(seqs, o.Seq)
		}
		return seqs
	}
	last := int64(maxOutputs + 5)
	if got := seqs(0, 2); !slices.Equal(got, []int64{last - 1, last}) {
		t.Errorf("tail: %v", got)
	}
	if got := seqs(6, 2); !slices.Equal(got, []int64{7, 8}) {
		t.Errorf("after: %v", got)
	}
	if got := seqs(1, 1); !slices.Equal(got, []int64{6}) {
		t.Errorf("after a lost line: %v", got)
	}
	if got := seqs(last, 0); got != nil {
		t.Errorf("after the end: %v", got)
	}
	if got := len(seqs(0, 0)); got != maxOutputs {
		t.Errorf("all: %d", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{Path: filepath.Join(t.TempDir(), "history.db"), MaxCount: 100})
	odd := matchFunc(func(s *inspect.Summary, load func() *inspect.Exchange) bool {
		ex := load()
		return ex != nil && ex.Seq%2 == 1
	})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				n := g*1000 + i
				ex := sample(n)
				ex.ID, ex.Start = idOf(n), time.Now()
				s.Publish(inspect.ExchangeStarted{Exchange: ex.Summary})
				s.Publish(inspect.ExchangeFinished{Exchange: ex})
				if i%20 == 0 {
					s.Exchanges(ctx, inspect.ListRequest{Limit: 5}, odd)
					s.Exchange(ctx, ex.ID)
					s.Stats()
				}
				if i == 100 {
					if err := s.Clear(ctx); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	flushed(t, s)
	if n := s.Stats().Exchanges; n == 0 || n > 100 {
		t.Errorf("%d exchanges", n)
	}
	list, _ := s.Exchanges(ctx, inspect.ListRequest{Limit: 1000}, nil)
	for _, it := range list.Items {
		if ex, err := s.Exchange(ctx, it.ID); err != nil || len(ex.Response.Body.Data) == 0 {
			t.Fatalf("%+v: %v", it, err)
		}
	}
	var rows int
	if err := s.file.db.QueryRow("SELECT count(*) FROM details JOIN exchanges USING (seq)").Scan(&rows); err != nil || rows != len(list.Items) {
		t.Errorf("%d rows for %d exchanges: %v", rows, len(list.Items), err)
	}
}
