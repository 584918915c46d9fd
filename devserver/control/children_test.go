package control

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// family is a page with a part that it includes, which is part of nothing else.
func family(s *fakeStore) (page, part, part2, other *inspect.Exchange) {
	page = s.start(exchange("GET", "/page", 200))
	part = exchange("GET", "/part?token="+secret, 200)
	part.Parent, part.Via = page.ID, inspect.ViaInclude
	s.add(part)
	part2 = exchange("GET", "/deep", 404)
	part2.Parent, part2.Via = part.ID, inspect.ViaError
	s.add(part2)
	other = s.add(exchange("GET", "/other", 200))
	s.finish(page)
	return page, part, part2, other
}

func TestChildren(t *testing.T) {
	sources(t, func(t *testing.T, i *instance, s source) {
		page, part, part2, other := family(i.store)
		for _, tt := range []struct {
			of   *inspect.Exchange
			want []*inspect.Exchange
		}{{page, []*inspect.Exchange{part}}, {part, []*inspect.Exchange{part2}}, {other, nil}} {
			ex, err := s.Exchange(t.Context(), tt.of.ID, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(ex.Children) != len(tt.want) || ex.Subs != len(tt.want) {
				t.Fatalf("%s has %d children and counts %d, want %d", tt.of.Path, len(ex.Children), ex.Subs, len(tt.want))
			}
			for k, c := range ex.Children {
				if c.ID != tt.want[k].ID || strings.Contains(c.URL, secret) {
					t.Errorf("child %d of %s is %+v, want %s masked", k, tt.of.Path, c, tt.want[k].Path)
				}
			}
		}
		ex, err := s.Exchange(t.Context(), page.ID, true)
		if err != nil || !strings.Contains(ex.Children[0].URL, secret) {
			t.Errorf("revealed: %+v, %v", ex.Children, err)
		}
		for _, tt := range []struct {
			open []inspect.ID
			want string
		}{{nil, "/other /page"}, {[]inspect.ID{page.ID}, "/other /part /page"}} {
			list, err := s.Exchanges(t.Context(), inspect.ListRequest{Roots: true, Open: tt.open})
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, s := range list.Items {
				paths = append(paths, s.Path)
			}
			if got := strings.Join(paths, " "); got != tt.want {
				t.Errorf("roots with %d open: %q, want %q", len(tt.open), got, tt.want)
			}
		}
	})
}

func TestRootsParameters(t *testing.T) {
	i := startInstance(t)
	for _, q := range []string{"roots=2", "open=4bf9", "open=" + strings.Repeat(string(inspect.NewID())+",", maxOpen) + string(inspect.NewID())} {
		resp, text := i.ask(t, http.MethodGet, "/api/v1/exchanges?"+q, "", i.header())
		var p struct{ Hint string }
		if resp.StatusCode != http.StatusBadRequest || json.Unmarshal([]byte(text), &p) != nil || p.Hint == "" {
			t.Errorf("%.40s: %d %s, want 400 with a hint", q, resp.StatusCode, text)
		}
	}
}

func TestRestartMount(t *testing.T) {
	i := startInstance(t)
	c := NewClient(i.Instance())
	t.Cleanup(c.Close)
	for _, mount := range []string{"", "/app"} {
		if err := c.RestartMount(t.Context(), mount); err != nil {
			t.Errorf("%q: %v", mount, err)
		}
	}
	if got := strings.Join(i.called(), ", "); got != "restart, restart /app" {
		t.Errorf("called %q", got)
	}
	if err := c.RestartMount(t.Context(), "/nobody"); err == nil || !strings.Contains(err.Error(), "no program has the mount /nobody\nhint: /app is one") {
		t.Errorf("of no program: %v", err)
	}
}

// What happens inside a request can be seen before its end, masked.
func TestInsideSoFar(t *testing.T) {
	i := startInstance(t)
	i.svc.opt.Inside = func(inspect.ID) ([]inspect.Output, []inspect.Span) {
		return []inspect.Output{{Text: "token=" + secret}}, []inspect.Span{
			{Kind: inspect.SpanProcess, Process: &inspect.Process{Program: "/srv/a.pl", PID: 7, Exit: -1}},
			{Kind: inspect.SpanSQL, Duration: 5, SQL: &inspect.SQL{Op: inspect.SQLQuery}}, {Kind: inspect.SpanCall, Duration: 7, Call: &inspect.Call{}}}
	}
	ex := i.store.start(exchange("GET", "/slow", 0))
	got, err := i.svc.Exchange(t.Context(), ex.ID, false)
	if err != nil || len(got.Spans) != 3 || got.Sums != (inspect.Sums{Logs: 1, SQL: 1, SQLTime: 5, Calls: 1, CallTime: 7, Programs: 1}) || strings.Contains(got.Logs[0].Text, secret) {
		t.Errorf("in flight: %+v, %v", got, err)
	}
	i.store.finish(ex)
	if got, err = i.svc.Exchange(t.Context(), ex.ID, false); err != nil || len(got.Logs)+len(got.Spans) != 0 {
		t.Errorf("at its end the record counts: %+v, %v", got, err)
	}
}
