package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/link"
)

// A session that ends lets snapshots be read for a moment, and waits for the readers.
func TestFailuresClose(t *testing.T) {
	for _, test := range []struct {
		name    string
		patient time.Duration
		want    int // variables in the end
	}{{"in time", 2 * time.Second, 1}, {"too slow", time.Second / 2, 0}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fs, s, _ := newFailures(&slowFreezer{})
				p := &process{}
				fs.panicked(p, held(nilPanic(1)))
				fs.ended(p, link.Fatal{ID: 1})
				ctx, cancel := context.WithTimeout(t.Context(), test.patient)
				defer cancel()
				fs.close(ctx)
				if got := len(s.traces[0].Frames[0].Locals); got != test.want {
					t.Errorf("%d variables: %+v", got, s.traces[0])
				}
			})
		})
	}
}

// The panic that ends a process is its goroutine's last, not the last of all.
func TestEndedByItsGoroutine(t *testing.T) {
	fs, s, _ := newFailures(nil)
	p := &process{}
	for i, goroutine := range []int64{7, 8, 8, 9} {
		r := withoutHold(nilPanic(int64(i + 1)))
		r.Trace.Goroutine, r.Trace.Exchange = goroutine, ""
		fs.panicked(p, r)
	}
	fs.ended(p, link.Fatal{ID: 4, Goroutine: 8})
	fs.close(t.Context())
	var open []int64
	for _, f := range p.open {
		open = append(open, f.id)
	}
	if diff := cmp.Diff([]int64{1, 2, 4}, open); diff != "" || len(s.traces) != 1 || s.traces[0].Kind != inspect.TraceCrash {
		t.Errorf("open %s stored %+v", diff, s.traces)
	}
}

// The snapshot of a panic that does not matter goes, whenever that is known.
func TestDroppedSnapshotIsDiscarded(t *testing.T) {
	for name, wait := range map[string]time.Duration{"while it is read": 0, "afterwards": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &slowFreezer{}
				fs, s, _ := newFailures(f)
				p := &process{}
				fs.panicked(p, held(nilPanic(1)))
				time.Sleep(wait)
				synctest.Wait()
				fs.handled(p, link.Done{Exchange: someExchange, Status: 200})
				fs.close(t.Context())
				if len(f.discarded) != 1 || len(f.kept) != 0 || len(s.traces) != 0 {
					t.Errorf("discarded %v kept %v stored %v", f.discarded, f.kept, s.traces)
				}
			})
		})
	}
}

// Of many panics only the newest are remembered with their variables; the store has all.
func TestOldFailuresAreLight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs, s, _ := newFailures(&slowFreezer{})
		p := &process{}
		const n = maxWhole + 3
		for i := range int64(n) {
			fs.panicked(p, held(nilPanic(i+1)))
		}
		fs.handled(p, link.Done{Exchange: someExchange, Panic: 1, Status: 500})
		fs.close(t.Context())
		whole := 0
		for _, f := range fs.recent {
			whole += len(f.trace.Frames[0].Locals)
		}
		if whole != maxWhole || len(s.traces) != n {
			t.Errorf("%d of %d are whole", whole, len(s.traces))
		}
		for _, tr := range s.traces {
			if len(tr.Frames[0].Locals) != 1 {
				t.Errorf("trace %d lost its variables", tr.ID)
			}
		}
	})
}

// What comes after the end of the looking, or during it, is not looked at, and harms nobody.
func TestPrintedAfterClose(t *testing.T) {
	fs, s, _ := newFailures(nil)
	p := newPrinted(noRecord{}, nil, fs, false)
	for _, text := range []string{"Traceback (most recent call last):", `  File "/app/a.py", line 3, in f`, "    1/0", "ZeroDivisionError: division by zero"} {
		p.line(inspect.Output{Stream: inspect.Stderr, Text: text})
	}
	p.close()
	p.line(inspect.Output{Stream: inspect.Stderr, Text: "later"})
	p.silence()
	if len(s.traces) != 1 {
		t.Errorf("got %+v", s.traces)
	}
}

type noRecord struct{}

func (noRecord) Publish(inspect.Event) {}

// Snapshots hold secrets: none stays behind, whoever left it.
func TestSnapshotsClear(t *testing.T) {
	s := &snapshots{dir: t.TempDir()}
	for _, name := range []string{"a.core", "b.core.part", "mine.txt"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.close()
	var left []string
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if diff := cmp.Diff([]string{"mine.txt"}, left); diff != "" || err != nil {
		t.Error(diff, err)
	}
	(&snapshots{dir: filepath.Join(s.dir, "none")}).clear()
}

// A question that waits for debug data does not keep a new panic waiting, and ends by
// itself.
func TestSlowQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &snapshots{dir: t.TempDir(), life: t.Context(), debug: func(int) *reloader.DebugProgram { return new(reloader.DebugProgram) }}
		s.keep(&frozen{core: "a.core"}, 1)
		answer := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := s.evaluate(t.Context(), 1, 0, "m")
			answer <- err
		}()
		synctest.Wait()
		s.keep(&frozen{core: "b.core"}, 2)
		if _, err := s.evaluate(t.Context(), 3, 0, "m"); !errors.Is(err, errNoSnapshot) {
			t.Errorf("of no snapshot: %v", err)
		}
		if err := <-answer; !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != evalPatience {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		s.close()
	})
}
