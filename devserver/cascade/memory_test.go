package cascade

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var zeroTime time.Time

// maxHeap is what an upload of any size may take: the bound.
const maxHeap = 64 << 20

// repeated is n bytes without any of them in memory.
type repeated struct{}

func (repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// paste.md 3.1: a loser's megabyte costs no memory.
func TestLoserCostsNoMemory(t *testing.T) {
	chunk := make([]byte, 1<<10)
	c := cascade(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(404)
		for range 1 << 10 {
			_, _ = w.Write(chunk)
		}
		_, _ = io.Copy(w, io.LimitReader(repeated{}, 1<<20))
		_, _ = io.WriteString(w, strings.Repeat("x", 1)) // and by each of the ways
	}, status(200, "b"))
	r := httptest.NewRequest("GET", "/", nil)
	var before, after runtime.MemStats
	c.ServeHTTP(httptest.NewRecorder(), r) // io.Discard's buffers come once
	const rounds = 20
	runtime.ReadMemStats(&before)
	for range rounds {
		c.ServeHTTP(httptest.NewRecorder(), r)
	}
	runtime.ReadMemStats(&after)
	if per := (after.TotalAlloc - before.TotalAlloc) / rounds; per > 128<<10 {
		t.Errorf("%d bytes for a loser of 2 MB", per)
	}
}

// An upload that a loser reads to its end, and the winner again, stays out of memory.
func TestUploadStaysOutOfMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("200 MB through a temporary file")
	}
	const size = 200 << 20
	left := tempDir(t)
	var peak atomic.Uint64
	read := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var total int64
			for {
				n, err := io.CopyN(io.Discard, r.Body, size/8)
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse+m.StackInuse))
				if total += n; err != nil {
					break
				}
			}
			if total != size {
				t.Errorf("read %d", total)
			}
			w.WriteHeader(code)
		}
	}
	s := httptest.NewServer(cascade(t, read(404), read(404), read(200)))
	req := request(t, t.Context(), "POST", s.URL, io.LimitReader(repeated{}, size))
	req.ContentLength = -1 // chunked, so that nobody knows the length beforehand
	if resp, _ := do(t, req); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
	s.Close()
	if peak.Load() > maxHeap {
		t.Errorf("%d MB in use", peak.Load()>>20)
	}
	t.Logf("%d MB in use at most", peak.Load()>>20)
	if n := left(); n > 0 {
		t.Errorf("%d files left", n)
	}
}
