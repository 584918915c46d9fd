//go:build linux || darwin || freebsd

package agent

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPanickingIsBounded(t *testing.T) {
	conn := connect(t)
	link.snapshots = true
	t.Cleanup(func() { link.snapshots, stacks.count = false, nil })
	done := make(chan bool)
	go func() {
		defer close(done)
		for range 40 {
			panicking("again")
		}
		fatal()
	}()
	var got []string
	for {
		m := next(t, conn)
		if m.Type == TypeFatal {
			break
		}
		got = append(got, fmt.Sprint(m.Count, " ", m.Wait, " ", len(m.Frames) > 0))
		if m.Wait == 1 {
			reply(t, conn, Message{Type: TypeGo, ID: m.ID + 1}) // to another panic
			reply(t, conn, Message{Type: TypeTrace, ID: m.ID, PID: 1})
			if m := next(t, conn); m.Type != TypeTraceable {
				t.Errorf("after trace: %+v", m)
			}
			reply(t, conn, Message{Type: TypeGo, ID: m.ID})
		}
	}
	<-done
	var want []string
	for i := 1; i <= 20; i++ {
		wait := 0
		if i <= 3 {
			wait = 1
		}
		want = append(want, fmt.Sprint(i, " ", wait, " true"))
	}
	want = append(want, "32 0 false")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("count, wait and frames (-want +got):\n%s", d)
	}
}

// pastedev is gone: the goroutine goes on.
func TestPanickingAlone(t *testing.T) {
	conn := connect(t)
	link.snapshots = true
	t.Cleanup(func() { link.snapshots, stacks.count = false, nil })
	go func() {
		next(t, conn)
		conn.Close()
	}()
	panicking(errors.New("alone"))
	if Active() {
		t.Error("still active")
	}
}

// A recoverer that raises the same value again adds nothing; one that raises another
// does, and so do the same statement and a fault that the runtime finds.
func TestRaisesAgain(t *testing.T) {
	first, second := errors.New("no"), errors.New("no")
	x := new(Exchange)
	for i, tt := range []struct {
		value any
		stack uintptr
		fault bool
		want  bool
	}{
		{first, 1, true, false}, {first, 2, false, true}, {first, 3, false, true}, {first, 1, false, false},
		{second, 1, false, false}, {first, 2, false, false}, {first, 3, true, false},
		{[]int{1}, 3, false, false}, {[]int{1}, 4, false, false},
	} {
		if got := x.raisesAgain(tt.value, !tt.fault, []uintptr{tt.stack}); got != tt.want {
			t.Errorf("panic %d: %t", i+1, got)
		}
	}
	if (*Exchange)(nil).raisesAgain(first, true, nil) {
		t.Error("without an exchange nothing is known")
	}
}

type runtimeError struct{ error }

func (runtimeError) RuntimeError() {}

func TestInternalPanic(t *testing.T) {
	var _ runtime.Error = runtimeError{}
	for _, tt := range []struct {
		name           string
		value          any
		raised         place
		pkg, valueName string
		want           bool
	}{
		{"jsonError", nil, place{pkg: "encoding/json", code: ofLibrary}, "encoding/json", "jsonError", true},
		{"template's error", io.EOF, place{pkg: "text/template", code: ofLibrary}, "errors", "errorString", true},
		{"template's fault", runtimeError{}, place{pkg: "text/template", code: ofLibrary}, "runtime", "boundsError", false},
		{"misused library", "negative count", place{pkg: "sync", code: ofLibrary}, "", "string", false},
		{"reflect", nil, place{pkg: "reflect", code: ofLibrary}, "reflect", "ValueError", false},
		{"parser of a module", nil, place{pkg: "gopkg.in/yaml.v3", code: ofModule}, "gopkg.in/yaml.v3", "yamlError", true},
		{"exported", nil, place{pkg: "a.b/c", code: ofModule}, "a.b/c", "Error", false},
		{"the program's own", nil, place{pkg: "main", code: ofProgram}, "main", "bailout", false},
	} {
		if got := internalPanic(tt.value, &tt.raised, tt.pkg, tt.valueName); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestCausesAreBounded(t *testing.T) {
	err := error(wrapper{})
	if got := causes(err); len(got) != maxCauseDepth {
		t.Errorf("an error that wraps itself has %d causes, want %d", len(got), maxCauseDepth)
	}
	many := make([]error, 100)
	for i := range many {
		many[i] = io.EOF
	}
	if got := causes(errors.Join(many...)); len(got) != maxCauses {
		t.Errorf("%d causes, want %d", len(got), maxCauses)
	}
	if got := causes(unwrapPanics{}); len(got) != 0 {
		t.Errorf("an Unwrap that panics: %q", got)
	}
}

type wrapper struct{}

func (wrapper) Error() string { return "again" }
func (wrapper) Unwrap() error { return wrapper{} }

type unwrapPanics struct{ wrapper }

func (unwrapPanics) Unwrap() error { panic("in Unwrap") }
