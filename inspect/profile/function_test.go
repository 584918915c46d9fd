package profile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestFunction(t *testing.T) {
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "load.pb.gz")
	work := rounds(300 * time.Millisecond)
	// What goes on elsewhere is left out.
	done := make(chan struct{})
	var noise sync.WaitGroup
	noise.Go(func() { burn(done) })
	want := errors.New("no such cart")
	err := Function{Name: "load", Out: &out, Rows: 4, File: file}.RunErr(func() error { busyA(work); return want })
	close(done)
	noise.Wait()
	if err != want {
		t.Errorf("it returns %v", err)
	}
	lines := strings.Split(out.String(), "\n")
	if !regexp.MustCompile(`^load: [0-9.]+ m?s, \d+ samples?$`).MatchString(lines[0]) || len(lines) < 4 || len(lines) > 7 {
		t.Fatalf("text:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "profile.burnSome") || regexp.MustCompile(`profile\.burn\b|tRunner|profiledCall`).MatchString(out.String()) {
		t.Errorf("text:\n%s", out.String())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if text := goPprof(t, p, "-top"); !strings.Contains(text, "profile.busyA") {
		t.Errorf("go tool pprof:\n%s", text)
	}
	split := cpuProfile(stackSample{"", "main;a", 3}, stackSample{"", "main;b", 2})
	for order, want := range map[Order]string{ByFlat: "  a  a.go:10\n", ByCum: "  main  main.go:20\n"} {
		out.Reset()
		Function{Rows: 1, Sort: order}.table(&out, split)
		if !strings.HasSuffix(out.String(), want) || strings.Count(out.String(), "\n") != 2 {
			t.Errorf("order %d:\n%s", order, out.String())
		}
	}
}

func TestFunctionText(t *testing.T) {
	var out bytes.Buffer
	run := func(f Function) string {
		out.Reset()
		f.Out = &out
		f.Run(func() {})
		return out.String()
	}
	took := `[0-9.]+ (ns|µs|ms|s)`
	tests := []struct {
		name string
		f    Function
		want string
	}{
		{"nothing", Function{}, `^function: ` + took + `, 0 samples: one sample is 10 ms of processor time\n$`},
		{"only timed", Function{Name: "load", Timing: true}, `^load: ` + took + `\n$`},
		{"a file that cannot be", Function{Name: "load", File: filepath.Join(t.TempDir(), "no", "such")}, `^load: ` + took + `, 0 samples: .*, open .*\n$`},
	}
	for _, tt := range tests {
		if got := run(tt.f); !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer pprof.StopCPUProfile()
	if got := run(Function{Name: "load"}); !regexp.MustCompile(`^load: ` + took + `, not profiled: .*already in use\n$`).MatchString(got) {
		t.Errorf("while a profile runs: %q", got)
	}
}

func TestFunctionPanics(t *testing.T) {
	var out bytes.Buffer
	value := errors.New("raised")
	func() {
		defer func() {
			if got := recover(); got != value {
				t.Errorf("recovered %v", got)
			}
		}()
		Function{Name: "load", Out: &out}.Run(func() { panic(value) })
	}()
	if !strings.HasPrefix(out.String(), "load: ") || !canProfile() {
		t.Errorf("after a panic: %q; none runs: %v", out.String(), canProfile())
	}
	if err := (Function{Out: io.Discard}).RunErr(func() error { return value }); err != value {
		t.Errorf("RunErr = %v", err)
	}
}
