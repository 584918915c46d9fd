//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestTakeErrors(t *testing.T) {
	p := build(t, variant{})
	s := helperSession(t)
	tg := panicking(t, p, "visit")
	pid := tg.cmd.Process.Pid
	tg.take(t, s) // skips the test where ptrace is forbidden
	dir := t.TempDir()
	ended := panicking(t, p, "visit")
	ended.finish(t)
	tests := []struct {
		name string
		o    TakeOptions
		kind Kind
		want string
	}{
		{"too large", TakeOptions{PID: pid, Path: filepath.Join(dir, "a.core"), MaxBytes: 1 << 10}, KindTooLarge, "a snapshot at most 0 MB"},
		{"gone", TakeOptions{PID: ended.cmd.Process.Pid, Path: filepath.Join(dir, "b.core")}, KindGone, "has ended"},
		{"no folder", TakeOptions{PID: pid, Path: "/proc/none/c.core"}, KindFailed, "take snapshot: "},
		{"name", TakeOptions{PID: pid, Path: filepath.Join(dir, "history.db")}, KindFailed, "does not end in .core"},
	}
	for _, tt := range tests {
		_, err := s.Do(Request{Take: &tt.o})
		if KindOf(err) != tt.kind || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: %v (%s), want %q (%s)", tt.name, err, KindOf(err), tt.want, tt.kind)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("failures left %v", left)
	}
	tg.finish(t)
}

// A process has one tracer at most. The reason names it.
func TestTakeForbidden(t *testing.T) {
	tg := panicking(t, build(t, variant{}), "visit")
	s := helperSession(t)
	tg.take(t, s)
	held, release := make(chan error), make(chan bool)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends, and its tracing with it
		held <- unix.PtraceSeize(tg.cmd.Process.Pid)
		<-release
	}()
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	_, err := s.Do(Request{Take: &TakeOptions{PID: tg.cmd.Process.Pid, Path: filepath.Join(t.TempDir(), "x.core")}})
	if want := "locals are off: ptrace is not permitted (process "; KindOf(err) != KindForbidden || !strings.HasPrefix(fmt.Sprint(err), want) {
		t.Errorf("%v (%s), want %q", err, KindOf(err), want)
	}
	close(release)
	tg.goesOn(t) // its exit status may be lost: this process was its tracer, whose Wait hears of stops as well
}

func TestTakeFile(t *testing.T) {
	tg := panicking(t, build(t, variant{}), "visit")
	s := helperSession(t)
	core := tg.take(t, s)
	for path, want := range map[string]os.FileMode{core: 0o600, filepath.Dir(core): 0o700 | os.ModeDir} {
		fi, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, fi.Mode(), want)
		}
	}
	// What the program has reserved and never touched takes no place on disk.
	fi, err := os.Stat(core)
	if err != nil {
		t.Fatal(err)
	}
	if disk := diskBytes(fi); disk > fi.Size()/2 {
		t.Errorf("the core of %d bytes takes %d on disk", fi.Size(), disk)
	}
	tg.finish(t)
}

// A program that was stopped twenty times while it works must not notice.
func TestTakeOften(t *testing.T) {
	tg := panicking(t, build(t, variant{app: "web"}), "")
	s := helperSession(t)
	for range 20 {
		tg.take(t, s)
	}
	tg.finish(t)
}

func TestReadLive(t *testing.T) {
	tg := panicking(t, build(t, variant{}), "entry")
	s := helperSession(t)
	tg.take(t, s)
	src := Source{PID: tg.cmd.Process.Pid, Exe: tg.twin}
	a, err := s.Do(Request{Read: &ReadRequest{Source: src, Goroutines: []int64{tg.goroutine}, Max: 1, Message: nilMessage}})
	if err != nil {
		t.Fatal(err)
	}
	want := Stack{Goroutine: tg.goroutine, Why: `u is nil: users[id] has no entry for "b"`}
	got := a.Stacks[0]
	if d := cmp.Diff(`id string = "b"`, strings.SplitN(outline(got.Frames[0].Locals, ""), "\n", 2)[0]); d != "" {
		t.Error(d)
	}
	got.Frames = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	v, err := s.Do(Request{Eval: &EvalRequest{Source: src, Goroutine: tg.goroutine, Expr: "id"}})
	if err != nil || v.Variable.Value != `"b"` {
		t.Errorf("id: %+v, %v", v, err)
	}
	tg.finish(t)
}

func TestPrune(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cores")
	if err := Prune(dir, 5, 1); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for i := range 9 {
		name := filepath.Join(dir, fmt.Sprintf("%d.core", i))
		if err := os.WriteFile(name, make([]byte, 8192), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, old, old.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "history.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		keep int
		max  int64
		want []string
	}{
		{5, 1 << 30, []string{"4.core", "5.core", "6.core", "7.core", "8.core", "history.db"}},
		{5, 3 * 8192, []string{"6.core", "7.core", "8.core", "history.db"}},
		{0, 0, []string{"8.core", "history.db"}},
	}
	for _, st := range steps {
		if err := Prune(dir, st.keep, st.max); err != nil {
			t.Fatal(err)
		}
		var got []string
		left, _ := os.ReadDir(dir)
		for _, e := range left {
			got = append(got, e.Name())
		}
		if d := cmp.Diff(st.want, got); d != "" {
			t.Errorf("keep %d, %d bytes: %s", st.keep, st.max, d)
		}
	}
}

func TestParseMapping(t *testing.T) {
	tests := []struct {
		line string
		want mapping
		ok   bool
	}{
		{"00400000-004a0000 r-xp 00001000 fe:00 123    /tmp/a b/shop\n",
			mapping{start: 0x400000, end: 0x4a0000, offset: 0x1000, read: true, exec: true, file: "/tmp/a b/shop"}, true},
		{"c000000000-c000400000 rw-p 00000000 00:00 0 \n", mapping{start: 0xc000000000, end: 0xc000400000, read: true, write: true}, true},
		{"7f0-7f8 rw-s 00000000 00:01 7 /dev/zero (deleted)\n",
			mapping{start: 0x7f0, end: 0x7f8, read: true, write: true, shared: true, file: "/dev/zero (deleted)"}, true},
		{"", mapping{}, false},
		{"x-y rw-p 0 0:0 0\n", mapping{}, false},
		{"10-05 rw-p 0 0:0 0\n", mapping{}, false},
	}
	for _, tt := range tests {
		got, ok := parseMapping(tt.line)
		if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(mapping{}, run{})); d != "" || ok != tt.ok {
			t.Errorf("%q: %v %s", tt.line, ok, d)
		}
	}
}

func TestHelperRefuses(t *testing.T) {
	var out strings.Builder
	if err := Main(context.Background(), strings.NewReader("{}\nnonsense\n"), &out); err != nil {
		t.Fatal(err)
	}
	want := `{"error":{"kind":"failed","message":"snapshot helper: an empty request"}}
{"error":{"kind":"failed","message":"snapshot helper: invalid character 'o' in literal null (expecting 'u')"}}
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
	s, err := Start(context.Background(), []string{"/bin/true"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(Request{}); KindOf(err) != KindFailed || err == nil {
		t.Errorf("a helper that ends: %v", err)
	}
	if err := s.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
