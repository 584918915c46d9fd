package profile

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const someStacks = `goroutine 1 [running]:
main.(*server).cart(0xc000012, {0x1, 0x2})
	/src/app/cart.go:12 +0x1d
main.main()
	/src/app/main.go:30 +0x5e

goroutine 7 [chan receive, 2 minutes, locked to thread]:
main.worker.func1[...](...)
	/src/app/worker.go:8
created by main.worker in goroutine 1
	/src/app/worker.go:5 +0x4d

goroutine 8 [chan receive]:
main.worker.func1[...](...)
	C:/src/app/worker.go:8
...additional frames elided...

goroutine 9 [IO wait]:
	goroutine running on other thread; stack unavailable
`

func TestParseGoroutines(t *testing.T) {
	p, err := ParseGoroutines([]byte(someStacks))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckValid(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff("main.main;main.(*server).cart 1\nmain.worker.func1[...] 2\n", folded(t, p)); diff != "" {
		t.Errorf("stacks (-want +got):\n%s", diff)
	}
	var states []string
	for _, s := range p.Sample {
		states = append(states, s.Label[LabelState]...)
	}
	if diff := cmp.Diff([]string{"running", "chan receive", "chan receive"}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if f := p.Sample[2].Location[0].Line[0]; f.Function.Filename != "C:/src/app/worker.go" || f.Line != 8 {
		t.Errorf("place = %s:%d", f.Function.Filename, f.Line)
	}
	for _, bad := range []string{"", "nothing\nto see\n", "\t/src/x.go:1"} {
		if _, err := ParseGoroutines([]byte(bad)); err == nil {
			t.Errorf("ParseGoroutines(%q) found some", bad)
		}
	}
}

func TestParseGoroutinesOfThisProcess(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	go waitFor(done)
	var p = func() string {
		buf := make([]byte, 1<<20)
		return string(buf[:runtime.Stack(buf, true)])
	}
	until(t, "the goroutine waits", func() bool { return strings.Contains(p(), "profile.waitFor") })
	got, err := ParseGoroutines([]byte(p()))
	if err != nil {
		t.Fatal(err)
	}
	if !has(got, "profile.waitFor") || !has(got, "TestParseGoroutinesOfThisProcess.func1") {
		t.Errorf("stacks:\n%s", folded(t, got))
	}
	if out := goPprof(t, got, "-top"); !strings.Contains(out, "profile.waitFor") {
		t.Errorf("go tool pprof:\n%s", out)
	}
}

func FuzzParseGoroutines(f *testing.F) {
	f.Add(someStacks)
	f.Add("goroutine 1 [")
	f.Add("goroutine 1 []:\n(\n\t:\n\x00\n\t:99999999999999999999 +0x")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseGoroutines([]byte(text))
		if err != nil {
			return
		}
		if err := p.CheckValid(); err != nil {
			t.Fatal(err)
		}
		data, err := Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if Count(again) != Count(p) {
			t.Errorf("%d goroutines, and %d when read again", Count(p), Count(again))
		}
	})
}
