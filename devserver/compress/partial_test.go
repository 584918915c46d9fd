package compress

import (
	"io"
	"net/http"
	"testing"
)

// A part is a part of the bytes as they are, whatever else its head says or leaves out.
func TestPartIsLeftAlone(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, long)
	})
	res := ask(t, "GET", url, "Accept-Encoding", "gzip, zstd")
	if b, err := io.ReadAll(res.Body); err != nil || string(b) != long || res.Header.Get("Content-Encoding") != "" {
		t.Errorf("%d bytes of %d, %v, %v", len(b), len(long), err, res.Header)
	}
}
