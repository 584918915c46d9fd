package tree

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told collects lines.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (t *told) add(text string, stderr bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, fmt.Sprintf("%v %s", stderr, text))
}

func (t *told) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}

// What was printed before a drain has been told after it, wherever the reads end.
func TestDrain(t *testing.T) {
	var got told
	o, err := newOutput(got.add)
	if err != nil {
		t.Fatal(err)
	}
	o.read()
	var want []string
	for i := range 200 {
		line := fmt.Sprintf("%d %s", i, strings.Repeat("\x00x", i))
		fmt.Fprintln(o.stdout.w, line)
		want = append(want, "false "+line)
		o.drain(func(bool) {})
		if diff := cmp.Diff(want, got.all()); diff != "" {
			t.Fatalf("after line %d: -want +got\n%s", i, diff)
		}
	}
	fmt.Fprint(o.stderr.w, "half a ")
	o.drain(func(bool) {})
	fmt.Fprint(o.stderr.w, "line\r\nand more")
	o.drain(func(bool) {})
	if diff := cmp.Diff(append(want, "true half a line"), got.all()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if last := o.last(); last[len(last)-1] != "and more" || last[len(last)-2] != "half a line" {
		t.Errorf("last: %q", last[len(last)-2:])
	}
	o.end()
	if diff := cmp.Diff(append(want, "true half a line", "true and more"), got.all()); diff != "" {
		t.Errorf("at the end: -want +got\n%s", diff)
	}
	o.drain(func(bool) {}) // of one that has ended waits for nobody
}

// Requests that end at the same time each have their lines told.
func TestDrainTogether(t *testing.T) {
	var got told
	o, err := newOutput(got.add)
	if err != nil {
		t.Fatal(err)
	}
	o.read()
	defer o.end()
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			line := fmt.Sprintf("%d %s", i, strings.Repeat("y", 3000))
			fmt.Fprintln(o.stdout.w, line)
			o.drain(func(bool) {})
			for _, have := range got.all() {
				if have == "false "+line {
					return
				}
			}
			t.Errorf("line %d was not told", i)
		})
	}
	group.Wait()
}

// A mark is found wherever it is cut in pieces.
func TestTakeInPieces(t *testing.T) {
	var lines []string
	s, err := newStream(func(text string) { lines = append(lines, text) })
	if err != nil {
		t.Fatal(err)
	}
	s.close()
	text := "a\n" + string(s.sign) + "b\x00\n" + string(s.sign) + string(s.sign) + "c\n" + string(s.sign[:5]) + "\n"
	for size := 1; size <= len(text); size++ {
		lines = nil
		s.waiting = []func(){func() {}, func() {}, func() {}}
		var held []byte
		for i := 0; i < len(text); i += size {
			held = s.take(append(held, text[i:min(len(text), i+size)]...))
		}
		s.add(held)
		if diff := cmp.Diff([]string{"a", "b\x00", "c", string(s.sign[:5])}, lines); diff != "" || len(s.waiting) != 0 {
			t.Fatalf("pieces of %d: %d marks left, -want +got\n%s", size, len(s.waiting), diff)
		}
	}
}
