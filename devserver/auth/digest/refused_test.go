package digest

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A nonce has one spelling: the bits of its last character that mean nothing are zero.
func TestNonceHasOneSpelling(t *testing.T) {
	n := newNonces(time.Hour)
	nonce := n.make()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, nonce[len(nonce)-1])
	other := nonce[:len(nonce)-1] + alphabet[last|1:last|1+1]
	was, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := base64.RawURLEncoding.DecodeString(other); err != nil || string(again) != string(was) || other == nonce {
		t.Fatalf("%q is no other spelling of %q", other, nonce)
	}
	if why := n.use(other, 1); !strings.Contains(why, "not made by this server") {
		t.Errorf("%q", why)
	}
	if why := n.use(nonce, 1); why != "" {
		t.Error(why)
	}
}

// Of two answers it cannot be told which counts, and a proxy before us may have taken the
// other one.
func TestTwoAnswersAreNone(t *testing.T) {
	h := newAuth().Handler(who)
	good := answer{nonce: nonceOf(t, h)}.String()
	for _, lines := range [][]string{{good, good}, {good, "Basic eDp5"}, {"Basic eDp5", good}} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Authorization"] = lines
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
			t.Errorf("%d", w.Code)
		}
	}
}

// An answer is for one method: what was captured of a GET deletes nothing.
func TestAnswerIsForItsMethod(t *testing.T) {
	h := newAuth().Handler(who)
	r := httptest.NewRequest("DELETE", "/", nil)
	r.Header.Set("Authorization", answer{nonce: nonceOf(t, h)}.String())
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Errorf("%d", w.Code)
	}
}
