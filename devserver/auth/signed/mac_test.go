package signed

import (
	"errors"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
)

// A cookie is good under its own name only, also among names of one length: who may have
// one cookie signed has not had the others signed.
func TestNameIsSigned(t *testing.T) {
	c := Content{Identity: auth.Identity{User: "bob"}, Expires: time.Now().Add(time.Hour)}
	value, err := c.sign("guests", newKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse("guests", value, newKey); err != nil {
		t.Error(err)
	}
	if _, err := Parse("admins", value, newKey); !errors.Is(err, ErrSignature) {
		t.Errorf("under another name: %v", err)
	}
}

// A key of no bytes is everybody's, and so is what it has signed.
func TestEmptyKeySignsNothing(t *testing.T) {
	c := Content{Identity: auth.Identity{User: "mallory"}, Expires: time.Now().Add(time.Hour)}
	for _, key := range [][]byte{nil, {}} {
		value, err := c.sign("signed_auth", key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("signed_auth", value, newKey, key); !errors.Is(err, ErrSignature) {
			t.Errorf("key %v: %v", key, err)
		}
		b := newClient(t, &Cookie{Keys: [][]byte{key}})
		b.Value = value
		if id, ok := b.Who(); ok {
			t.Errorf("key %v: signs in %v", key, id)
		}
	}
}
