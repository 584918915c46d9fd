package ticket

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/cookietest"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

// TestManyCookies: a request with thousands of cookies of the name costs no thousand digests,
// and no thousand lines of a log.
func TestManyCookies(t *testing.T) {
	b := newClient(t, &Cookie{Secrets: []string{"sekrit"}})
	b.Login(auth.Identity{User: "bob"})
	if !b.Among(login.MaxCookies - 1) {
		t.Error("the cookie of another path hides ours")
	}
	b.Logged = nil
	if b.Among(2500) || len(b.Logged) > login.MaxCookies+1 {
		t.Errorf("thousands are tried: %d lines logged", len(b.Logged))
	}
}

// TestFromTheFuture: a ticket that was issued while a clock was wrong is not good for years;
// one of a server whose clock is ahead is good.
func TestFromTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newClient(t, &Cookie{Secrets: []string{"sekrit"}, Timeout: time.Hour})
		for ahead, want := range map[time.Duration]bool{time.Minute: true, 24 * time.Hour: false} {
			value, err := Ticket{User: "bob", Issued: time.Now().Add(ahead)}.Sign("sekrit")
			if err != nil {
				t.Fatal(err)
			}
			b.Value, b.Logged = value, nil
			if _, ok := b.Who(); ok != want || !want && (len(b.Logged) != 1 || !errors.Is(b.Logged[0], ErrFuture)) {
				t.Errorf("%v ahead: known %v, logged %v", ahead, ok, b.Logged)
			}
		}
	})
}

func TestCookieIsNotCached(t *testing.T) {
	cookietest.NotCached(t, (&Cookie{Secrets: []string{"sekrit"}}).Handler)
}
