package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// family publishes exchanges that began in this order: each entry is "name" or "name<parent".
// Names are single letters.
func family(s *Store, entries string) {
	var all []*inspect.Exchange
	for n, e := range strings.Fields(entries) {
		name, parent, _ := strings.Cut(e, "<")
		ex := sample(n)
		ex.ID, ex.Path, ex.Start = idOf(int(name[0])), name, time.Now()
		if parent != "" {
			ex.Parent = idOf(int(parent[0]))
		}
		s.Publish(inspect.ExchangeStarted{Exchange: ex.Summary})
		all = append(all, ex)
	}
	for i := range all { // what is inside ends first
		s.Publish(inspect.ExchangeFinished{Exchange: all[len(all)-1-i]})
	}
}

func names(list []inspect.Summary) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(s.Path)
	}
	return b.String()
}

const someFamily = "a b<a c d<a e<b f g<c h<x"

func TestChildren(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, Options{Path: path})
	family(s, someFamily)
	check := func(what string) {
		t.Helper()
		got := map[string]string{}
		for _, name := range "abcdefghz" {
			kids, err := s.Children(ctx, idOf(int(name)))
			if err != nil {
				t.Fatal(err)
			}
			sum, _ := s.Summary(idOf(int(name)))
			if sum.Subs != len(kids) {
				t.Errorf("%s: %c counts %d, has %d", what, name, sum.Subs, len(kids))
			}
			if len(kids) > 0 {
				got[string(name)] = names(kids)
			}
		}
		if d := cmp.Diff(map[string]string{"a": "bd", "b": "e", "c": "g"}, got); d != "" {
			t.Errorf("%s: -want +got\n%s", what, d)
		}
	}
	check("published")
	s.Publish(inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: idOf('a')}}})
	check("updated")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{Path: path})
	check("reloaded")
}

func TestFinishedCarriesItsCount(t *testing.T) {
	s := open(t, Options{})
	events := s.Subscribe(context.Background())
	family(s, "a b<a")
	for e := range events {
		if f, ok := e.(inspect.ExchangeFinished); ok && f.Exchange.Path == "a" {
			if f.Exchange.Subs != 1 {
				t.Errorf("Subs = %d in the event, want 1", f.Exchange.Subs)
			}
			return
		}
	}
}

func TestRoots(t *testing.T) {
	s := open(t, Options{})
	family(s, someFamily)
	for _, tt := range []struct {
		name string
		req  inspect.ListRequest
		want string // newest first
		more bool
	}{
		{"folded", inspect.ListRequest{}, "fca", false},
		{"one open", inspect.ListRequest{Open: []inspect.ID{idOf('a')}}, "fdcba", false},
		{"two deep", inspect.ListRequest{Open: []inspect.ID{idOf('a'), idOf('b')}}, "fedcba", false},
		{"its parent is shut", inspect.ListRequest{Open: []inspect.ID{idOf('b')}}, "feca", false},
		{"newest", inspect.ListRequest{Limit: 2}, "fc", true},
		{"oldest", inspect.ListRequest{Limit: 2, Oldest: true}, "ca", true},
		{"older", inspect.ListRequest{Before: 6, Limit: 1}, "c", true},
		{"newer", inspect.ListRequest{After: 3}, "f", false},
		{"just enough", inspect.ListRequest{Limit: 3}, "fca", false},
	} {
		tt.req.Roots = true
		list, err := s.Exchanges(context.Background(), tt.req, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(list.Items); got != tt.want || list.More != tt.more || list.Match != 3 || list.Total != 8 {
			t.Errorf("%s: %q, more %v, %d of %d; want %q, more %v, 3 of 8", tt.name, got, list.More, list.Match, list.Total, tt.want, tt.more)
		}
	}
}

// A parent that leaves the history takes no sub-request along, and one that stays counts
// only what is there.
func TestRetentionKeepsCount(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{MaxCount: 3})
	s.Publish(inspect.ExchangeStarted{Exchange: inspect.Summary{ID: idOf('p'), Start: time.Now()}})
	family(s, "a<p b<p c d<c")
	flushed(t, s)
	if sum, ok := s.Summary(idOf('p')); !ok || sum.Subs != 0 {
		t.Errorf("the one in flight counts %d, want 0", sum.Subs)
	}
	list, err := s.Exchanges(ctx, inspect.ListRequest{Roots: true}, nil)
	if err != nil || list.Match != 2 || len(list.Items) != 2 {
		t.Errorf("%d roots match, %d listed, %v; want 2", list.Match, len(list.Items), err)
	}
	if err := s.Clear(ctx); err != nil {
		t.Fatal(err)
	}
	if list, _ = s.Exchanges(ctx, inspect.ListRequest{Roots: true}, nil); list.Match != 1 {
		t.Errorf("%d roots after a clear, want the one in flight", list.Match)
	}
}

func TestPrograms(t *testing.T) {
	s := open(t, Options{})
	ex := sample(1)
	ex.ID = idOf(1)
	ex.Spans = append(ex.Spans, inspect.Span{Kind: inspect.SpanProcess, Process: &inspect.Process{Program: "/srv/hello"}})
	s.Publish(inspect.ExchangeFinished{Exchange: ex})
	if sum, _ := s.Summary(idOf(1)); sum.Sums.Programs != 1 {
		t.Errorf("finished: Programs = %d, want 1", sum.Sums.Programs)
	}
	more := *ex
	more.Spans = append(more.Spans, inspect.Span{Kind: inspect.SpanProcess, Process: &inspect.Process{Program: "/srv/hello"}})
	s.Publish(inspect.ExchangeUpdated{Exchange: &more})
	if sum, _ := s.Summary(idOf(1)); sum.Sums.Programs != 2 {
		t.Errorf("updated: Programs = %d, want 2", sum.Sums.Programs)
	}
}

// Whose sub-request an exchange is may be known only when it ends, and an exchange that
// says it is its own is counted once.
func TestParentKnownLate(t *testing.T) {
	s := open(t, Options{})
	family(s, "a s<s")
	ex := sample(1)
	ex.ID = idOf('b')
	s.Publish(inspect.ExchangeStarted{Exchange: ex.Summary})
	ex.Parent = idOf('a')
	for range 2 {
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
	}
	for _, name := range "as" {
		if sum, _ := s.Summary(idOf(int(name))); sum.Subs != 1 {
			t.Errorf("%c counts %d, want 1", name, sum.Subs)
		}
	}
	if list, _ := s.Exchanges(context.Background(), inspect.ListRequest{Roots: true}, nil); list.Match != 1 {
		t.Errorf("%d roots, want 1", list.Match)
	}
	if err := s.Clear(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s.index.subs != 0 {
		t.Errorf("%d sub-requests of nothing", s.index.subs)
	}
}
