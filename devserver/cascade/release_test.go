package cascade

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Once it is known who has won, nothing more of the body is kept, on disk or in memory, and
// the limit for what is kept does not count.
func TestWinnerKeepsNothing(t *testing.T) {
	left := tempDir(t)
	const size = 1 << 20
	loser := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 10)
		w.WriteHeader(404)
	}
	winner := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		n, err := io.Copy(io.Discard, r.Body)
		if n != size || err != nil {
			t.Errorf("read %d, %v", n, err)
		}
		if files := left(); files > 0 {
			t.Errorf("%d files are kept", files)
		}
	}
	c := cascade(t, loser, winner, status(404, ""))
	c.Memory, c.Limit = 100, 1000
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("POST", "/", bytes.NewReader(make([]byte, size))))
	if w.Code != 200 {
		t.Error(w.Code)
	}
}
