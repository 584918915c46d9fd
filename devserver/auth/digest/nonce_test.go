package digest

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	type step struct {
		nc   uint32
		want bool
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"rising", []step{{1, true}, {2, true}, {3, true}, {3, false}, {1, false}}},
		{"falling", []step{{3, true}, {2, true}, {1, true}, {2, false}}},
		{"a gap stays open", []step{{1, true}, {5, true}, {3, true}, {3, false}, {4, true}, {2, true}}},
		{"too far behind", []step{{windowSize, true}, {1, true}, {windowSize + 5, true}, {5, false}, {6, true}, {6, false}}},
		{"a whole window on", []step{{1, true}, {2, true}, {windowSize + 1, true}, {1, false}, {2, false}, {windowSize + 2, true}, {windowSize, true}}},
		{"far on", []step{{1, true}, {10 * windowSize, true}, {1, false}, {10*windowSize - 1, true}, {9*windowSize + 1, true}, {9 * windowSize, false}}},
		{"the last", []step{{math.MaxUint32, true}, {math.MaxUint32, false}, {math.MaxUint32 - 1, true}, {1, false}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w window
			for i, s := range tt.steps {
				if got := w.use(s.nc); got != s.want {
					t.Errorf("step %d: count %d is good: %v, want %v", i, s.nc, got, s.want)
				}
			}
		})
	}
}

// A nonce that is forgotten for want of room is not fresh again.
func TestEvictedNonceIsNotFresh(t *testing.T) {
	n := newNonces(time.Hour)
	first := n.make()
	if why := n.use(first, 1); why != "" {
		t.Fatal(why)
	}
	for range nonceLimit {
		if why := n.use(n.make(), 1); why != "" {
			t.Fatal(why)
		}
	}
	if got := n.recent.Len(); got != nonceLimit || len(n.byNum) != got {
		t.Errorf("%d nonces kept, %d found by number, want %d", got, len(n.byNum), nonceLimit)
	}
	for _, nc := range []uint32{1, 2} {
		if why := n.use(first, nc); !strings.Contains(why, "too old") {
			t.Errorf("forgotten nonce, count %d: %q", nc, why)
		}
	}
}

// Who only asks for challenges makes nothing grow and pushes nobody out.
func TestChallengesKeepNothing(t *testing.T) {
	n := newNonces(time.Hour)
	mine := n.make()
	n.use(mine, 1)
	for range 2 * nonceLimit {
		n.make()
	}
	if n.recent.Len() != 1 {
		t.Errorf("%d nonces kept, want 1", n.recent.Len())
	}
	if why := n.use(mine, 2); why != "" {
		t.Error(why)
	}
}

// Of the forgotten, the one used last stays longest.
func TestRecentlyUsedNonceStays(t *testing.T) {
	n := newNonces(time.Hour)
	busy := n.make()
	for i := range uint32(nonceLimit + 10) {
		if why := n.use(busy, i+1); why != "" {
			t.Fatalf("use %d: %s", i+1, why)
		}
		n.use(n.make(), 1)
	}
}
