package cascade

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What a loser has left running gets nothing more of the body once the next is asked.
func TestLoserReadsNoMore(t *testing.T) {
	var kept io.Reader
	loser := func(w http.ResponseWriter, r *http.Request) {
		kept = r.Body
		_, _ = io.CopyN(io.Discard, r.Body, 2)
		w.WriteHeader(404)
	}
	next := func(w http.ResponseWriter, r *http.Request) {
		if n, err := kept.Read(make([]byte, 10)); n != 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("the loser has read %d bytes, %v", n, err)
		}
		if b, err := io.ReadAll(r.Body); string(b) != "hello" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	}
	for _, c := range []*Cascade{cascade(t, loser, next), cascade(t, loser, next, status(404, ""))} {
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader("hello")))
	}
}
