package traceback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

type talker interface{ Talk() }
type quiet struct{}

func (*quiet) Talk() {}

// TestExplainGo raises each panic for real: the texts are those of the Go that runs the test.
func TestExplainGo(t *testing.T) {
	zero, five, list := 0, 5, []int{1, 2, 3}
	var nothing any
	var null *http.Request
	var nilChan chan int
	closed := make(chan int)
	close(closed)
	var wg sync.WaitGroup
	any1, number := any("text"), any(map[string]any{})
	tests := []struct {
		name  string
		f     func()
		want  string
		hints int
	}{
		{"nil map", func() { (&basket{}).add("a") }, "write to a nil map", 1},
		{"nil pointer", func() { _ = null.Method }, "nil pointer dereference", 1},
		{"index", func() { _ = list[five] }, "index 5 out of range: the length is 3", 1},
		{"negative index", func() { _ = list[zero-1] }, "index -1 out of range", 1},
		{"slice", func() { _ = list[five:] }, "slice bounds out of range [5:3]", 1},
		{"slice capacity", func() { _ = list[:five] }, "slice bounds out of range [:5]", 1},
		{"to array", func() { _ = [4]int(list) }, "a slice of length 3 does not fit an array of length 4", 0},
		{"assertion", func() { _ = any1.(int) }, "type assertion: the value is string, not int", 1},
		{"assertion of long types", func() { _ = number.(map[string]int) }, "type assertion: the value is map[string]interface {}, not map[string]int", 1},
		{"assertion of nil", func() { _ = nothing.(int) }, "type assertion: the interface is nil, not int", 1},
		{"assertion of nil to interface", func() { _ = nothing.(talker) }, "type assertion: the interface is nil, not traceback.talker", 1},
		{"missing method", func() { _ = any(quiet{}).(talker) }, "traceback.quiet is no traceback.talker: it has no method Talk", 1},
		{"send", func() { closed <- 1 }, "send on a closed channel", 1},
		{"close twice", func() { close(closed) }, "close of a channel that is closed already", 1},
		{"close nil", func() { close(nilChan) }, "close of a nil channel", 1},
		{"wait group", func() { wg.Done() }, "WaitGroup: more Done than Add", 1},
		{"divide", func() { _ = 1 / zero }, "division by zero", 1},
		{"make", func() { _ = make([]int, zero-1) }, "make with a size that is negative or too large", 1},
		{"map key", func() { _ = map[any]int{list: 1} }, "[]int cannot be a map key", 1},
		{"compare", func() { _ = any(list) == any(list) }, "[]int cannot be compared with ==", 1},
		{"panic nil", func() { panic(nil) }, "panic(nil) was called", 1},
		{"shift", func() { _ = 1 << (zero - 1) }, "shift by a negative number", 0},
		{"no rows", func() { panic(fmt.Errorf("load: %w", sql.ErrNoRows)) }, "load: sql: no rows in result set", 1},
		{"deadline", func() { panic(context.DeadlineExceeded) }, "context deadline exceeded", 1},
		{"wrapped cause", func() { panic(hiding{os.ErrPermission}) }, "it failed", 1},
		{"in use", func() {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			_, err = net.Listen("tcp", l.Addr().String())
			panic(errors.New(strings.ReplaceAll(err.Error(), l.Addr().String(), ":1")))
		}, "listen tcp :1: bind: address already in use", 1},
		{"routes", func() {
			m := http.NewServeMux()
			m.HandleFunc("/a/{x}", nil2)
			m.HandleFunc("/a/{y}", nil2)
		}, `the routes "/a/{y}" and "/a/{x}" conflict`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var tr inspect.Trace
			func() {
				defer func() { tr = Capture(recover(), Roots{}) }()
				tt.f()
			}()
			if tr.Headline != tt.want || len(tr.Hints) != tt.hints {
				t.Errorf("%q: got %q with %q, want %q with %d hints", tr.Message, tr.Headline, tr.Hints, tt.want, tt.hints)
			}
			for _, h := range tr.Hints {
				if strings.Contains(h, "$") {
					t.Errorf("a group was not filled in: %q", h)
				}
			}
		})
	}
}

func nil2(http.ResponseWriter, *http.Request) {}

// hiding does not say its cause.
type hiding struct{ error }

func (h hiding) Error() string { return "it failed" }
func (h hiding) Unwrap() error { return h.error }

func TestExplainDetail(t *testing.T) {
	tr := inspect.Trace{Language: "go", Message: "runtime error: invalid memory address or nil pointer dereference", Time: time.Now()}
	for range 2 { // it is idempotent
		Finish(&tr, Roots{}, "u is nil")
		if want := "nil pointer dereference: u is nil"; tr.Headline != want || len(tr.Hints) != 1 {
			t.Errorf("got %q %q, want %q", tr.Headline, tr.Hints, want)
		}
	}
}

// TestFinishDropsHook: a stack taken at the entry of gopanic begins where the program failed.
func TestFinishDropsHook(t *testing.T) {
	frames := func(names ...string) (out []inspect.Frame) {
		for _, n := range names {
			out = append(out, inspect.Frame{Location: inspect.Location{Function: n, Path: "/x/" + n, Line: 1}})
		}
		return out
	}
	tr := inspect.Trace{Language: "go", Frames: frames("internal/syscall.hook", "runtime.gopanic", "runtime.panicmem", "runtime.sigpanic", "main.f.func1", "runtime.gopanic", "main.f", "main.main")}
	for range 2 {
		Finish(&tr, Roots{}, "")
		if len(tr.Frames) != 4 || tr.Frames[0].Function != "main.f.func1" {
			t.Errorf("%d frames, the first is %s", len(tr.Frames), tr.Frames[0].Function)
		}
	}
}

// TestExplainEvery: each rule matches something, has a headline, and every group it names.
func TestExplainEvery(t *testing.T) {
	all := append([]rule{}, goRules...)
	for _, l := range []string{"python", "node", "ruby", "java"} {
		all = append(all, otherRules(l)...)
	}
	for _, r := range all {
		for _, text := range append([]string{r.head}, r.hints...) {
			for i := r.match.NumSubexp() + 1; i < 10; i++ {
				if strings.Contains(text, fmt.Sprintf("$%d", i)) {
					t.Errorf("rule %s names group %d, which it has not", r.name, i)
				}
			}
		}
		if r.head == "" || r.name == "" {
			t.Errorf("rule %q has no name or no headline", r.name)
		}
	}
}
