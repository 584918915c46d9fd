package compress

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWouldSave(t *testing.T) {
	random := make([]byte, 4096) // a generator's bytes: nothing to save
	x := uint32(1)
	for i := range random {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		random[i] = byte(x)
	}
	tests := []struct {
		name, typ, encoding string
		body                []byte
		ok                  bool
	}{
		{"page", "text/html", "", []byte(long), true},
		{"identity", "text/html", "identity", []byte(long), true},
		{"encoded", "text/html", "gzip", []byte(long), false},
		{"small", "text/html", "", []byte(long)[:MinSize-1], false},
		{"image", "image/png", "", []byte(long), false},
		{"random", "text/html", "", random, false},
		{"empty", "text/html", "", nil, false},
	}
	for _, tt := range tests {
		saved, ok := WouldSave(tt.typ, tt.encoding, tt.body)
		if ok != tt.ok {
			t.Errorf("%s: %d, %v", tt.name, saved, ok)
		}
	}
	// It is what the middleware does save.
	m := &Middleware{Saved: func(_ *http.Request, before, after int64) {
		if saved, _ := WouldSave("text/html", "", []byte(long)); saved != before-after {
			t.Errorf("would save %d, saved %d", saved, before-after)
		}
	}}
	res := ask(t, "GET", start(t, m, page), "Accept-Encoding", "gzip")
	_, _ = io.Copy(io.Discard, res.Body)
}

func BenchmarkPage(b *testing.B) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	run := func(h http.Handler) func(b *testing.B) {
		return func(b *testing.B) {
			b.SetBytes(int64(len(long)))
			for b.Loop() {
				h.ServeHTTP(&discard{h: http.Header{}}, r)
			}
		}
	}
	b.Run("gzip", run((&Middleware{}).Handler(http.HandlerFunc(page))))
	b.Run("none", run(http.HandlerFunc(page)))
}
