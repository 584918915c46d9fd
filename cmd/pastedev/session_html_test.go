package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// answered is a finished exchange with a page.
func answered(path string, build int, doc string, header inspect.Header) *inspect.Exchange {
	ex := &inspect.Exchange{}
	ex.ID, ex.Kind, ex.Method, ex.Path, ex.Build = inspect.NewID(), inspect.KindHTTP, http.MethodGet, path, build
	ex.ContentType, ex.ResponseFrom = "text/html; charset=utf-8", inspect.FromTarget
	ex.Request.Header = header
	ex.Response.Header = inspect.Header{"Content-Type": {ex.ContentType}}
	ex.Response.Body = inspect.Body{Data: []byte(doc), Size: int64(len(doc))}
	return ex
}

const (
	goodPage = "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>t</title></head><body><h1>x</h1></body></html>"
	badPage  = "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>t</title></head><body><h1>x</h1></i></body></html>"
)

func codes(c inspect.HTMLCheck) (list []string) {
	for _, d := range c.Diagnostics {
		if d.Severity == inspect.SeverityError {
			list = append(list, d.Code)
		}
	}
	return list
}

func TestPagesCheck(t *testing.T) {
	tests := []struct {
		name   string
		ignore []string
		doc    string
		header inspect.Header
		want   []string
	}{
		{"a good page", nil, goodPage, nil, nil},
		{"a bad page", nil, badPage, nil, []string{"parse-tree/stray-end-tag"}},
		{"a rule that is ignored", []string{"parse-tree/stray-end-tag"}, badPage, nil, nil},
		{"ignored at a path", []string{"/p*:parse-tree"}, badPage, nil, nil},
		{"ignored at another path", []string{"/q*:parse-tree"}, badPage, nil, []string{"parse-tree/stray-end-tag"}},
		{"a piece for htmx", nil, "<p>x</p>", inspect.Header{"Hx-Request": {"true"}}, nil},
		{"a piece for fetch", nil, "<p>x</p>", inspect.Header{"Sec-Fetch-Dest": {"empty"}}, nil},
		{"a page for fetch", nil, badPage, inspect.Header{"Sec-Fetch-Dest": {"empty"}}, []string{"parse-tree/stray-end-tag"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPages("all", tt.ignore, nil)
			c, ok := p.check(answered("/page", 1, tt.doc, tt.header))
			if diff := cmp.Diff(tt.want, codes(c)); !ok || diff != "" {
				t.Errorf("checked %v; errors (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestPagesNewSinceBuild(t *testing.T) {
	p := newPages("all", nil, nil)
	for i, step := range []struct {
		build int
		doc   string
		want  int
	}{
		{1, badPage, 0}, // nothing to compare with
		{2, badPage, 0},
		{3, goodPage, 0},
		{4, badPage, 1},
		{4, badPage, 1}, // the same build again
		{3, badPage, 0}, // an old program's last answer
		{5, badPage, 0},
	} {
		c, _ := p.check(answered("/", step.build, step.doc, nil))
		if c.New != step.want {
			t.Errorf("step %d: %d new, want %d", i, c.New, step.want)
		}
	}
}

func TestPagesSkip(t *testing.T) {
	for name, change := range map[string]func(*inspect.Exchange){
		"HEAD":        func(ex *inspect.Exchange) { ex.Method = http.MethodHead },
		"no HTML":     func(ex *inspect.Exchange) { ex.ContentType = "text/plain" },
		"no body":     func(ex *inspect.Exchange) { ex.Response.Body = inspect.Body{} },
		"our own":     func(ex *inspect.Exchange) { ex.ResponseFrom = inspect.FromPastedev },
		"broken off":  func(ex *inspect.Exchange) { ex.Error = "the target closed the connection" },
		"a redirect":  func(ex *inspect.Exchange) { ex.Status = http.StatusFound },
		"a WebSocket": func(ex *inspect.Exchange) { ex.Kind = inspect.KindWebSocket },
	} {
		ex := answered("/", 1, goodPage, nil)
		change(ex)
		if checkable(ex) {
			t.Errorf("%s is checked", name)
		}
	}
	if newPages("off", nil, nil) != nil {
		t.Error("--html=off checks")
	}
	newPages("off", nil, nil).add(answered("/", 1, goodPage, nil)) // a nil checker takes it
}

// TestPagesLoad has more answers than can be checked: the last of each path is.
func TestPagesLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []inspect.ID
		p := newPages("all", nil, func(e inspect.Event) { got = append(got, e.(inspect.HTMLChecked).Exchange.ID) })
		var last *inspect.Exchange
		for range 100 {
			last = answered("/a", 1, badPage, nil)
			p.add(last)
		}
		other := answered("/b", 1, goodPage, nil)
		p.add(other)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { p.run(ctx); close(done) }()
		synctest.Wait()
		cancel()
		<-done
		// The rest between two pages is not over in the bubble: the second may be unchecked.
		if len(got) == 0 || got[0] != last.ID {
			t.Errorf("checked %v, want %s first", got, last.ID)
		}
	})
}
