package panel

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestInsideOwn: a page sees what happened inside its own exchanges and no others.
func TestInsideOwn(t *testing.T) {
	const asked = inspect.ID("00000000000000000000000000000001")
	tests := []struct {
		name string
		ex   inspect.Summary
		of   inspect.ID
		want int
	}{
		{"the page itself", inspect.Summary{ID: pageID}, pageID, 200},
		{"asked for by the page", inspect.Summary{ID: asked, Page: pageID}, asked, 200},
		{"nobody knows by which page", inspect.Summary{ID: asked}, asked, 200},
		{"another page's", inspect.Summary{ID: asked, Page: "00000000000000000000000000000002"}, asked, 403},
		{"another tab's at the same address", inspect.Summary{ID: asked, Page: "00000000000000000000000000000003"}, asked, 200},
		{"not known", inspect.Summary{}, asked, 404},
		{"no id", inspect.Summary{ID: asked}, "../x", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			urls := map[inspect.ID]string{pageID: "/a", "00000000000000000000000000000002": "/b", "00000000000000000000000000000003": "/a"}
			lookup := func(_ context.Context, id inspect.ID) (inspect.Summary, error) {
				return inspect.Summary{ID: id, URL: urls[id]}, nil
			}
			h := New(Config{Status: running, Lookup: lookup, Inside: func(_ context.Context, id inspect.ID) (*inspect.Exchange, []inspect.Trace, error) {
				if tt.ex.ID != id {
					return nil, nil, inspect.ErrNotFound
				}
				return &inspect.Exchange{Summary: tt.ex, Logs: []inspect.Output{{Text: "\x1b[31mred\x1b[0m \x07<b>"}}}, nil, nil
			}})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"inside?id="+string(pageID)+"&cap="+h.capability(pageID)+"&of="+string(tt.of), nil))
			if w.Code != tt.want {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.want, w.Body)
			}
			if w.Code != 200 {
				return
			}
			var got insideAnswer
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Prints != "red <b>\n" || len(got.Nodes) != 5 {
				t.Errorf("answer %+v (%v)", got, err)
			}
		})
	}
	h := New(Config{Status: running})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"inside?id="+string(pageID)+"&cap="+h.capability(pageID)+"x&of="+string(pageID), nil))
	if w.Code != 403 {
		t.Errorf("without the capability: %d", w.Code)
	}
}

// TestUpdatedIsPrivate: only the page that an exchange belongs to hears of it.
func TestUpdatedIsPrivate(t *testing.T) {
	const asked = inspect.ID("00000000000000000000000000000001")
	h := New(Config{Status: running, Lookup: func(context.Context, inspect.ID) (inspect.Summary, error) {
		return inspect.Summary{ID: asked, Page: pageID}, nil
	}})
	feed := make(chan inspect.Event, 4)
	h.cfg.Feed = chanFeed(feed)
	own, other := h.join(pageID), h.join("00000000000000000000000000000002")
	feed <- inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: asked, Page: pageID}}}
	feed <- inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: pageID}}}
	feed <- inspect.TraceRecorded{Trace: &inspect.Trace{Exchange: asked}}
	feed <- inspect.TraceRecorded{Trace: &inspect.Trace{}}
	close(feed)
	h.Run(t.Context())
	var got []string
	for m := range own.queue {
		got = append(got, strings.Fields(string(m))[3])
	}
	want := `{"id":"` + string(asked) + `"} {"id":"` + string(pageID) + `"} {"id":"` + string(asked) + `"}`
	if strings.Join(got, " ") != want {
		t.Errorf("the page hears %v, want %s", got, want)
	}
	for m := range other.queue {
		t.Errorf("another page hears %s", m)
	}
}
