package panel

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestProfileOwn: a page sees the call trees of its own exchanges and no others, cut to
// what it can show.
func TestProfileOwn(t *testing.T) {
	const asked = inspect.ID("00000000000000000000000000000001")
	tree := func(nodes int, name string) *inspect.CallTree {
		t := &inspect.CallTree{Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: name}}, Nodes: make([]inspect.CallNode, nodes)}
		return t
	}
	tests := []struct {
		name string
		page inspect.ID // that asked for the exchange
		of   inspect.ID
		tree *inspect.CallTree
		err  error
		want int
		note string
	}{
		{"the page's", pageID, asked, tree(3, "shop.cart"), nil, 200, ""},
		{"another page's", "00000000000000000000000000000002", asked, tree(3, "shop.cart"), nil, 403, ""},
		{"no id", pageID, "../x", nil, nil, 404, ""},
		{"no tree", pageID, asked, nil, inspect.ErrNotFound, 200, "no call tree"},
		{"unreadable", pageID, asked, nil, errors.New("codec: \x1b[31mcut\x1b[0m"), 200, "cannot be read: codec: cut"},
		{"too large", pageID, asked, tree(maxProfileNodes+1, "x"), nil, 200, "20001 nodes"},
		{"long names", pageID, asked, tree(1, strings.Repeat("x", 3*maxInsideText)), nil, 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := New(Config{Status: running, Editor: "zed", Inside: func(_ context.Context, id inspect.ID) (*inspect.Exchange, []inspect.Trace, error) {
				return &inspect.Exchange{Summary: inspect.Summary{ID: id, Page: tt.page, Verdict: "+38 ms"}}, nil, nil
			}, CallTree: func(context.Context, inspect.ID) (*inspect.CallTree, error) { return tt.tree, tt.err }})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"profile?id="+string(pageID)+"&cap="+h.capability(pageID)+"&of="+string(tt.of), nil))
			if w.Code != tt.want {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.want, w.Body)
			}
			if w.Code != 200 {
				return
			}
			var got profileAnswer
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Verdict != "+38 ms" || got.Editor != "zed" {
				t.Fatalf("answer %s (%v)", w.Body, err)
			}
			if (got.Tree == nil) != (tt.note != "") || !strings.Contains(got.Note, tt.note) {
				t.Errorf("tree %v, note %q, want %q", got.Tree != nil, got.Note, tt.note)
			}
			if got.Tree != nil && len(got.Tree.Functions[0].Name) > maxInsideText+len("…") {
				t.Errorf("a name of %d bytes", len(got.Tree.Functions[0].Name))
			}
		})
	}
	if tt := tests[len(tests)-1]; len(tt.tree.Functions[0].Name) != 3*maxInsideText {
		t.Error("the record itself was cut")
	}
}

// TestProfileOff: without call trees there is neither tab nor endpoint.
func TestProfileOff(t *testing.T) {
	inside := func(_ context.Context, id inspect.ID) (*inspect.Exchange, []inspect.Trace, error) {
		return &inspect.Exchange{Summary: inspect.Summary{ID: id}}, nil, nil
	}
	get := func(h *Handler, what string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+what+"?id="+string(pageID)+"&cap="+h.capability(pageID)+"&of="+string(pageID), nil))
		return w
	}
	off := New(Config{Status: running, Inside: inside})
	if w := get(off, "profile"); w.Code != 404 {
		t.Errorf("off: %d %s", w.Code, w.Body)
	}
	on := New(Config{Status: running, Inside: inside, CallTree: func(context.Context, inspect.ID) (*inspect.CallTree, error) { return nil, inspect.ErrNotFound }})
	for h, want := range map[*Handler]bool{off: false, on: true} {
		if got := strings.Contains(get(h, "inside").Body.String(), `"tProfile"`); got != want {
			t.Errorf("tab: %v, want %v", got, want)
		}
	}
}
