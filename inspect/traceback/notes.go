package traceback

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/pastedev/pastedev/inspect"
)

const (
	maxNotes       = 200 // kept for one request; the oldest give way
	maxSupplements = 32
)

// carrier collects what a program says during one request. It is in the request's context.
type carrier struct {
	mu          sync.Mutex
	notes       []calledNote
	supplements []Supplementer
}

type calledNote struct {
	function string
	inspect.Note
}

type carrierKey struct{}

func withCarrier(ctx context.Context) (context.Context, *carrier) {
	c := &carrier{}
	return context.WithValue(ctx, carrierKey{}, c), c
}

func carrierOf(ctx context.Context) *carrier {
	c, _ := ctx.Value(carrierKey{}).(*carrier)
	return c
}

// Info notes a value for the case that this request fails: it is shown beside the frame of
// the function that called Info. The last value of a key in a function wins, so that a loop
// shows the pass that failed. The value is formatted at once, with fmt's %v. Outside of a
// request that a Catcher watches, Info does nothing. It may be called by many goroutines.
//
// Paste's ancestor is __traceback_info__.
func Info(ctx context.Context, key string, value any) {
	c := carrierOf(ctx)
	if c == nil {
		return
	}
	var pc [1]uintptr
	runtime.Callers(2, pc[:])
	f, _ := runtime.CallersFrames(pc[:]).Next()
	text, was := cut(safely(func() string { return fmt.Sprint(value) }), maxValue)
	if was {
		text += "…"
	}
	c.note(calledNote{f.Function, inspect.Note{Key: oneLine(key, maxValue), Value: plain(text)}})
}

func (c *carrier) note(n calledNote) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes = slices.DeleteFunc(c.notes, func(o calledNote) bool { return o.function == n.function && o.Key == n.Key })
	if len(c.notes) == maxNotes {
		c.notes = slices.Delete(c.notes, 0, 1)
	}
	c.notes = append(c.notes, n)
}

// attach puts the notes beside the frames of their functions. What functions said that have
// returned becomes a section.
func (c *carrier) attach(r *Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var earlier []inspect.Note
	for _, n := range c.notes {
		i := slices.IndexFunc(r.Trace.Frames, func(f inspect.Frame) bool { return f.Function == n.function })
		if i < 0 {
			earlier = append(earlier, inspect.Note{Key: shortFunction(n.function) + ": " + n.Key, Value: n.Value})
			continue
		}
		r.Trace.Frames[i].Notes = append(r.Trace.Frames[i].Notes, n.Note)
	}
	if len(earlier) > 0 {
		r.Sections = append(r.Sections, Section{Importance: Supplemental, Title: "Noted before, by functions that have returned", Rows: earlier})
	}
}

// safely runs what belongs to the program, of which nothing may hide the failure that is
// being reported.
func safely(f func() string) (s string) {
	defer func() {
		if v := recover(); v != nil {
			s = fmt.Sprintf("(it panicked itself: %v)", oneLine(fmt.Sprintf("%T", v), maxHeadline))
		}
	}()
	return f()
}
