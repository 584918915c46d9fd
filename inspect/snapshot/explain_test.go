//go:build linux && (amd64 || arm64)

package snapshot

import (
	"testing"
	"time"
)

const nilMessage = "runtime error: invalid memory address or nil pointer dereference"

func TestExplain(t *testing.T) {
	tests := []struct{ name, message, want string }{
		{"argument", nilMessage, "u is nil: it came in as an argument"},
		{"passed", nilMessage, `u is nil: users[id] has no entry for "b", in passed`},
		{"passedtwice", nilMessage, `u is nil: users is a nil map, in passOn`},
		{"passedresult", nilMessage, `u is nil: find(users, "x") returned it in line 150, in its caller`},
		{"passedfar", nilMessage, "u is nil: nothing was assigned to it, in its caller"},
		{"passedtwo", nilMessage, "u is nil: it came in as an argument"},
		{"entry", nilMessage, `u is nil: users[id] has no entry for "b"`},
		{"result", nilMessage, `u is nil: find(users, "x") returned it in line 59`},
		{"inline", nilMessage, `users[id] is nil: users has no entry for "b"`},
		{"field", nilMessage, "s.db is nil"},
		{"chain", nilMessage, "head.next is nil"},
		{"method", nilMessage, "s.log is a nil io.Writer"},
		{"func", nilMessage, "s.hook is a nil function"},
		{"call", nilMessage, `d.Find("") returned nil`},
		{"short", nilMessage, "b is nil: nothing was assigned to it"},
		{"both", nilMessage, "a is nil: nothing was assigned to it"},
		{"store", nilMessage, "u is nil: nothing was assigned to it"},
		{"receiver", nilMessage, "d is nil: the method was called on nil"},
		{"failed", nilMessage, `u is nil: load("x") returned it in line 137, with the error "no such user"`},
		{"nilmap", "assignment to entry in nil map", "s.cache is a nil map: make it before writing to it"},
		{"index", "runtime error: index out of range [5] with length 3", "s.items[i] does not exist: i is 5, s.items has 3 elements"},
		{"index", "runtime error: index out of range [4] with length 3", ""},
		{"constant", "runtime error: index out of range [1] with length 1", "args[1] does not exist: args has 1 element"},
		{"slice", "runtime error: slice bounds out of range [:9] with length 5", "s[2:n] goes beyond s: n is 9, len(s) is 5"},
		{"assert", "interface conversion: interface {} is string, not int", "v holds string, not int"},
		{"assertnil", "interface conversion: interface {} is nil, not int", "v is nil, not int"},
		{"assertiface", "interface conversion: *main.DB is not io.Reader: missing method Read", "v holds *main.DB, not io.Reader: it has no method Read"},
		{"divide", "runtime error: integer divide by zero", "n is 0 in total / n"},
		{"closed", "send on closed channel", "events was closed before this send"},
		{"closetwice", "close of closed channel", "events was closed before"},
		{"custom", "own words", ""},
	}
	p := build(t, variant{})
	s := helperSession(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tg := panicking(t, p, tt.name)
			core := tg.take(t, s)
			tg.finish(t)
			a, err := s.Do(Request{Read: &ReadRequest{Source: Source{Core: core, Exe: p.twin},
				Goroutines: []int64{tg.goroutine}, Max: 1, Message: tt.message}})
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Stacks[0].Why; got != tt.want {
				t.Errorf("got  %q\nwant %q\nat %s:%d", got, tt.want, a.Stacks[0].Frames[0].File, a.Stacks[0].Frames[0].Line)
			}
		})
	}
}

// A line of a file that was edited since is not the line that failed.
func TestExplainStale(t *testing.T) {
	s, tg := frozen(t, variant{}, "entry", LoadConfig{})
	if got, want := s.Explain(tg.goroutine, 0, nilMessage), `u is nil: users[id] has no entry for "b"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.Explain(tg.goroutine, 1, nilMessage); got != "" {
		t.Errorf("a frame that only called the failing one: %q", got)
	}
	s.linked = time.Unix(1, 0)
	if got := s.Explain(tg.goroutine, 0, nilMessage); got != "" {
		t.Errorf("an edited source: %q", got)
	}
}
