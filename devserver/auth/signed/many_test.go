package signed

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/cookietest"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

// TestManyCookies: a request with thousands of cookies of the name costs no thousand MACs,
// and no thousand lines of a log.
func TestManyCookies(t *testing.T) {
	b := newClient(t, &Cookie{Keys: [][]byte{newKey}})
	b.Login(auth.Identity{User: "bob"})
	if !b.Among(login.MaxCookies - 1) {
		t.Error("the cookie of another path hides ours")
	}
	b.Logged = nil
	if b.Among(2500) || len(b.Logged) > login.MaxCookies+1 {
		t.Errorf("thousands are tried: %d lines logged", len(b.Logged))
	}
}

// TestClockSetBack: a cookie that was made while the clock was wrong is not good for years.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := newClient(t, &Cookie{Keys: [][]byte{newKey}, Timeout: 10 * time.Hour})
		wrong.Login(auth.Identity{User: "bob"})
		b := newClient(t, &Cookie{Keys: [][]byte{newKey}, Timeout: time.Hour})
		b.Value = wrong.Value
		b.Do("/", func(ctx context.Context) {
			if id, ok := auth.From(ctx); ok {
				t.Errorf("known as %v", id)
			}
		})
		if len(b.Logged) != 1 || !errors.Is(b.Logged[0], ErrTooLong) {
			t.Errorf("logged %v", b.Logged)
		}
		time.Sleep(9*time.Hour - 30*time.Second) // another server's clock may be ahead
		if _, ok := b.Who(); !ok {
			t.Error("no skew is allowed")
		}
	})
}

func TestCookieIsNotCached(t *testing.T) {
	cookietest.NotCached(t, (&Cookie{Keys: [][]byte{newKey}}).Handler)
}
