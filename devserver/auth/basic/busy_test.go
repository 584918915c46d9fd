package basic

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestHashingIsBounded: however many passwords come at once, few are hashed at a time, a
// right one that all bring once for each slot at most, and none for a client that has left.
func TestHashingIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	writeFile(t, path, "bing:"+bcrypted(t, "gnib"))
	h, err := OpenHtpasswd(path)
	if err != nil {
		t.Fatal(err)
	}
	var running, most, calls atomic.Int64
	enter, leave := make(chan struct{}, 100), make(chan struct{})
	h.verify = func(hash, password string) bool {
		calls.Add(1)
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		enter <- struct{}{}
		<-leave
		running.Add(-1)
		return verify(hash, password)
	}
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, ok := h.Check(t.Context(), "bing", "gnib"); !ok {
				t.Error("a right password was refused")
			}
		})
	}
	for range cap(h.slots) {
		<-enter
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := h.Check(gone, "bing", "gnib"); ok {
		t.Error("a client that has left was let in")
	}
	close(leave)
	all.Wait()
	if got, limit := most.Load(), int64(cap(h.slots)); got > limit || calls.Load() > limit {
		t.Errorf("%d passwords hashed at a time and %d in all, want %d", got, calls.Load(), limit)
	}
}

// TestLongPassword: a header of megabytes is not hashed.
func TestLongPassword(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		want bool
	}{
		{"as long as may be", "u:" + strings.Repeat("p", maxField), true},
		{"a long password", "u:" + strings.Repeat("p", maxField+1), false},
		{"a long user", strings.Repeat("u", maxField+1) + ":p", false},
	} {
		_, _, complaint := parse("Basic " + base64.StdEncoding.EncodeToString([]byte(tt.text)))
		if (complaint == "") != tt.want {
			t.Errorf("%s: %q", tt.name, complaint)
		}
	}
}
