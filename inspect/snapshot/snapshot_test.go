//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// outline shows variables the way a reader sees them: a line each, indented.
func outline(vs []inspect.Variable, indent string) string {
	var b strings.Builder
	for _, v := range vs {
		fmt.Fprintf(&b, "%s%s %s = %s", indent, v.Name, v.Type, v.Value)
		if v.Unreadable != "" {
			b.WriteString("!" + v.Unreadable)
		}
		if v.More {
			b.WriteString(" …")
		}
		b.WriteString("\n" + outline(v.Children, indent+"\t"))
	}
	return b.String()
}

// frozen takes a case of the target and opens it.
func frozen(t *testing.T, v variant, name string, cfg LoadConfig) (*Snapshot, *target) {
	t.Helper()
	tg := panicking(t, build(t, v), name)
	core := tg.take(t, helperSession(t))
	tg.finish(t)
	if cfg.Root == "" {
		cfg.Root = tg.root
	}
	s, err := Open(core, tg.twin, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, tg
}

const wantVisitArgs = `s *main.Shop = &main.Shop{users: map[int]*main.User len 1, open: true}
	users map[int]*main.User = map[int]*main.User len 1
		[7] *main.User = &main.User{ID: 7, Name: "eve", Boss: nil, Tags: nil, Since: 0001-01-01T00:00:00Z, note: nil}
			ID int = 7
			Name string = "eve"
			Boss *main.User = nil
			Tags []string = nil
			Since time.Time = 0001-01-01T00:00:00Z
			note any = nil
	open bool = true
id int = 42
names []string = []string len 3 cap 3
	[0] string = "al"
	[1] string = "bert"
	[2] string = "cy"
`

// The addresses of the ring and of u.Boss in one-line forms differ from run to run:
// see TestCycle.
const wantVisitLocals = `count int = 1
err (shadowed) error = nil
nobody *main.User = nil
empty map[string]int = nil
prices map[string]float64 = map[string]float64 len 2
	["coffee"] float64 = 3
	["tea"] float64 = 2.5
ranks map[int]string = map[int]string len 2
	[9] string = "nine"
	[10] string = "ten"
shape any = main.Pair[string,int]{Key: "k", Val: 1}
	.(main.Pair[string,int]) main.Pair[string,int] = main.Pair[string,int]{Key: "k", Val: 1}
		Key string = "k"
		Val int = 1
body []byte = []byte("hello\n")
raw []byte = []byte{0x00, 0xff, 0x10}
wait time.Duration = 1.5s
plain error = *errors.errorString("no tea")
	.(*errors.errorString) *errors.errorString = *errors.errorString("no tea")
		s string = "no tea"
wrapped error = *fmt.wrapError("serve: no tea")
	.(*fmt.wrapError) *fmt.wrapError = *fmt.wrapError("serve: no tea")
		msg string = "serve: no tea"
		err error = *errors.errorString("no tea")
			.(*errors.errorString) *errors.errorString = *errors.errorString("no tea")
				s string = "no tea"
notFound error = *fs.PathError("open menu.txt: file does not exist")
	.(*fs.PathError) *fs.PathError = *fs.PathError("open menu.txt: file does not exist")
		Op string = "open"
		Path string = "menu.txt"
		Err error = *errors.errorString("file does not exist")
			.(*errors.errorString) *errors.errorString = *errors.errorString("file does not exist")
				s string = "file does not exist"
grid [2][2]int = [2][2]int len 2
	[0] [2]int = [2]int len 2
		[0] int = 1
		[1] int = 2
	[1] [2]int = [2]int len 2
		[0] int = 3
		[1] int = 4
queue chan int = chan int len 1 cap 3
color main.Color = Green (1)
double func(int) int = main.(*Shop).Visit.func1
	id int = 42
ratio float64 = 0.1
r int32 = 120
truth bool = true
many []int = []int len 500 cap 500 …
	[0] int = 0
	[1] int = 0
	[2] int = 0
name string = "bert"
i int = 1
err error = *errors.errorString("inner")
	.(*errors.errorString) *errors.errorString = *errors.errorString("inner")
		s string = "inner"
`

func TestFrames(t *testing.T) {
	// The versions of Go that Delve 1.27.2 reads. The newest is only tried where it is
	// installed.
	for _, toolchain := range []string{"", "go1.25.12", "go1.27.4"} {
		t.Run(toolchain, func(t *testing.T) {
			if toolchain != "" && !installed(toolchain) {
				t.Skip(toolchain + " is not installed")
			}
			s, tg := frozen(t, variant{toolchain: toolchain}, "visit", LoadConfig{Children: 8})
			frames, err := s.Frames(context.Background(), tg.goroutine, 0)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range frames {
				names = append(names, fmt.Sprintf("%s %s %v", f.Function, f.Origin, f.Line > 0))
			}
			wantNames := []string{"main.(*Shop).Visit app true", "main.visit app true", "main.run app true",
				"main.main.func1 app true", "runtime.goexit std true"}
			if d := cmp.Diff(wantNames, names); d != "" {
				t.Error(d)
			}
			if f := frames[0]; f.File != "values.go" || f.Path != filepath.Join(tg.root, "values.go") || f.Line != 71 {
				t.Errorf("the first frame is at %s (%s):%d", f.File, f.Path, f.Line)
			}
			if d := cmp.Diff(wantVisitArgs, outline(frames[0].Args, "")); d != "" {
				t.Error(d)
			}
			var locals []inspect.Variable
			for _, v := range frames[0].Locals {
				switch v.Name {
				case "u", "ring", "long":
					continue
				case "many":
					v.Children = v.Children[:3]
				}
				locals = append(locals, v)
			}
			if d := cmp.Diff(wantVisitLocals, outline(locals, "")); d != "" {
				t.Error(d)
			}
		})
	}
}

// installed reports whether a toolchain can be used without a download.
func installed(toolchain string) bool {
	cmd := goCommand("version")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain, "GOPROXY=off")
	return cmd.Run() == nil
}

func find(t *testing.T, vs []inspect.Variable, path ...string) inspect.Variable {
	t.Helper()
	var v inspect.Variable
	for _, name := range path {
		found := false
		for _, c := range vs {
			if c.Name == name {
				v, vs, found = c, c.Children, true
				break
			}
		}
		if !found {
			t.Fatalf("no %s in\n%s", strings.Join(path, "."), outline(vs, ""))
		}
	}
	return v
}

func TestCycle(t *testing.T) {
	s, tg := frozen(t, variant{}, "visit", LoadConfig{Depth: 30})
	frames, err := s.Frames(context.Background(), tg.goroutine, 1)
	if err != nil || len(frames) != 1 {
		t.Fatal(len(frames), err)
	}
	back := find(t, frames[0].Locals, "ring", "Next", "Next")
	if !back.More || back.Children != nil || !strings.HasPrefix(back.Value, "(*main.Node)(0x") {
		t.Errorf("the ring does not end: %+v", back)
	}
	if got := find(t, frames[0].Locals, "u", "Boss", "Name").Value; got != `"bob"` {
		t.Errorf("u.Boss.Name is %s", got)
	}
	long := find(t, frames[0].Locals, "long")
	if long.Len != 1000 || !long.More || !strings.HasSuffix(long.Value, `"…`) {
		t.Errorf("long: %+v", long)
	}
}

func TestBounds(t *testing.T) {
	s, tg := frozen(t, variant{}, "visit", LoadConfig{Nodes: 10})
	frames, err := s.Frames(context.Background(), tg.goroutine, 1)
	if err != nil {
		t.Fatal(err)
	}
	// A variable of the frame is always shown, what is inside of it is bounded.
	if n := strings.Count(outline(append(frames[0].Args, frames[0].Locals...), ""), "\n\t"); n > 10 {
		t.Errorf("%d values inside of others", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	frames, err = s.Frames(ctx, tg.goroutine, 1)
	if err != nil || len(frames) != 1 || frames[0].Locals != nil {
		t.Errorf("with an ended context: %+v, %v", frames, err)
	}
	if _, err := s.Frames(ctx, 987654, 1); KindOf(err) != KindNotFound {
		t.Errorf("an unknown goroutine: %v", err)
	}
}

func TestGenericFrames(t *testing.T) {
	s, tg := frozen(t, variant{}, "generic", LoadConfig{})
	frames, err := s.Frames(context.Background(), tg.goroutine, 3)
	if err != nil || len(frames) != 3 {
		t.Fatal(len(frames), err)
	}
	got := []string{frames[0].Function, outline(frames[0].Args, ""), outline(frames[0].Locals, ""),
		frames[1].Function, outline(frames[1].Args, ""), outline(frames[1].Locals, ""),
		frames[2].Function, outline(frames[2].Locals, "")}
	want := []string{"main.generic.func1", "x int = 2\n", "factor int = 3\n",
		"main.Map[...]", "in []int = []int len 2 cap 2\n\t[0] int = 1\n\t[1] int = 2\nf func(int) string = main.generic.func1\n\tfactor int = 3\n",
		"out []string = []string len 1 cap 1\n\t[0] string = \"3\"\ni int = 1\nv int = 2\n",
		"main.generic", "factor int = 3\n"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A deferred function that recovers and panics again: the frame is the second's, and
// the first panic's frames lie below.
func TestPanicAgain(t *testing.T) {
	s, tg := frozen(t, variant{}, "rethrow", LoadConfig{})
	id, err := s.Goroutine(0)
	if err != nil || id != tg.goroutine {
		t.Errorf("the panicking goroutine is %d, %v; want %d", id, err, tg.goroutine)
	}
	frames, err := s.Frames(context.Background(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	if frames[0].Function != "main.rethrow.func1" {
		t.Errorf("the first frame is %s", frames[0].Function)
	}
	if d := cmp.Diff("step string = \"second\"\nv any = \"first\"\n\t.(string) string = \"first\"\n", outline(frames[0].Locals, "")); d != "" {
		t.Error(d)
	}
}

// Optimized code has lost some values; the frames are there all the same.
func TestOptimized(t *testing.T) {
	for _, v := range []variant{{optimized: true}, {optimized: true, toolchain: "go1.25.12"}} {
		if v.toolchain != "" && !installed(v.toolchain) {
			continue
		}
		s, tg := frozen(t, v, "visit", LoadConfig{})
		frames, err := s.Frames(context.Background(), tg.goroutine, 0)
		if err != nil {
			t.Fatal(err)
		}
		if frames[0].Function != "main.(*Shop).Visit" {
			t.Errorf("the first frame is %s", frames[0].Function)
		}
		lost := 0
		for _, v := range append(frames[0].Args, frames[0].Locals...) {
			if v.Unreadable != "" {
				lost++
				if v.Unreadable != "optimized away: run without --optimized" && v.Unreadable != "its dynamic type is lost" {
					t.Errorf("%s: %s", v.Name, v.Unreadable)
				}
			}
		}
		t.Logf("%d of %d values are lost", lost, len(frames[0].Args)+len(frames[0].Locals))
	}
}

func TestPIE(t *testing.T) {
	s, tg := frozen(t, variant{pie: true}, "visit", LoadConfig{})
	frames, err := s.Frames(context.Background(), tg.goroutine, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := find(t, frames[0].Locals, "notFound").Value; got != `*fs.PathError("open menu.txt: file does not exist")` {
		t.Errorf("notFound is %s in\n%s", got, outline(frames[0].Locals, ""))
	}
}

// The variables of a handler in a program of usual size: the request is there, the
// frames of net/http are told apart, and nothing is said about them at length.
func TestHandler(t *testing.T) {
	s, tg := frozen(t, variant{app: "web"}, "", LoadConfig{})
	frames, err := s.Frames(context.Background(), tg.goroutine, 0)
	if err != nil {
		t.Fatal(err)
	}
	if frames[0].Function != "main.broken" || frames[0].Origin != inspect.FrameApp {
		t.Errorf("the first frame is %s (%s)", frames[0].Function, frames[0].Origin)
	}
	if got := find(t, frames[0].Args, "r", "URL", "Path").Value; got != `"/broken"` {
		t.Errorf("the path is %s", got)
	}
	if got := find(t, frames[0].Locals, "user").Value; got != `""` {
		t.Errorf("user is %s", got)
	}
	for _, f := range frames[1:] {
		if f.Origin != inspect.FrameStandard {
			t.Errorf("%s is %s", f.Function, f.Origin)
		}
		for _, v := range f.Args { // the user cannot compile these otherwise
			if v.Unreadable != "" && v.Unreadable != "optimized away" {
				t.Errorf("%s: %s is %s", f.Function, v.Name, v.Unreadable)
			}
		}
	}
	v, err := s.Eval(tg.goroutine, 0, `r.Header["Accept-Encoding"][0]`)
	if err != nil || v.Value != `"gzip"` {
		t.Errorf("the header is %+v, %v", v, err)
	}
}
