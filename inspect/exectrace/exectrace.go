package exectrace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/pastedev/pastedev/inspect"
	"golang.org/x/exp/trace"
)

// Category is that of the log events that tell which goroutine serves which exchange.
const Category = "pastedev"

const (
	// MaxBytes bounds a trace. Reading one takes some ten times its size, since all of a
	// generation is put in order at once; a flight recorder's is ten megabytes or so.
	MaxBytes = 128 << 20
	// maxGoroutines bounds those of an exchange that live at once.
	maxGoroutines = 1 << 20
	// maxWindows bounds how often an exchange begins: once, if nobody jokes.
	maxWindows = 1000
	// firstVersion is the Go release since which traces have their present form.
	firstVersion = 22
)

// Summarize says where the goroutines of exchange spent their time between its begin and
// its end, by the trace in r, which it reads to its end. Where the trace begins later
// than the exchange or ends before it, it is what the trace has of it. GC and STW are
// the times in which a collection was marking, or the world stood still, meanwhile.
//
// The error is [inspect.ErrNotFound] when the trace has nothing of exchange. It needs
// memory of some ten times the size of the trace, which may be [MaxBytes].
func Summarize(r io.Reader, exchange inspect.ID) (inspect.TraceSummary, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return inspect.TraceSummary{}, fmt.Errorf("read execution trace: %w", err)
	}
	if len(data) > MaxBytes {
		return inspect.TraceSummary{}, fmt.Errorf("read execution trace: it is larger than %d MB\nhint: record a shorter one", MaxBytes>>20)
	}
	f := finder{exchange: exchange, open: map[trace.GoID]int{}}
	if err := events(data, f.event); err != nil {
		return inspect.TraceSummary{}, err
	}
	if len(f.windows) == 0 {
		return inspect.TraceSummary{}, fmt.Errorf("exchange %s is not in the execution trace: %w\nhint: the recorder keeps the last seconds only, and must be on before the request comes", exchange.Short(), inspect.ErrNotFound)
	}
	for _, i := range f.open {
		f.windows[i].end = f.last
	}
	c := newCounter(f.windows)
	if err := events(data, c.event); err != nil {
		return inspect.TraceSummary{}, err
	}
	return c.summary(), nil
}

// errDone ends a walk early.
var errDone = errors.New("done")

// header is the beginning of a trace.
var header = regexp.MustCompile(`^go 1\.(\d{1,4}) trace\x00\x00\x00`)

// events calls do with each event of a trace, in their order, until it returns an error.
// A trace that the library cannot read, or that makes it panic, is an error.
func events(data []byte, do func(*trace.Event) error) (err error) {
	m := header.FindSubmatch(data)
	if m == nil {
		return errors.New("read execution trace: this is none")
	}
	if v, _ := strconv.Atoi(string(m[1])); v < firstVersion {
		return fmt.Errorf("read execution trace: one of Go 1.%d cannot be read\nhint: build the program with Go 1.%d or newer", v, firstVersion)
	}
	defer func() { // the library checks its input, but not for everything
		if p := recover(); p != nil {
			err = fmt.Errorf("read execution trace: it is damaged: %v", p)
		}
	}()
	r, err := trace.NewReader(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("read execution trace: %w", err)
	}
	for {
		e, err := r.ReadEvent()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read execution trace: it is damaged or cut off: %w", err)
		}
		if err := do(&e); err == errDone {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// window is a time in which a goroutine served the exchange.
type window struct {
	goroutine  trace.GoID
	begin, end trace.Time
}

// finder finds the windows of an exchange.
type finder struct {
	exchange    inspect.ID
	windows     []window
	open        map[trace.GoID]int // windows without an end yet
	started     bool
	first, last trace.Time
}

func (f *finder) event(e *trace.Event) error {
	if !f.started {
		f.started, f.first = true, e.Time()
	}
	f.last = e.Time()
	if e.Kind() != trace.EventLog {
		return nil
	}
	l := e.Log()
	if l.Category != Category {
		return nil
	}
	g := e.Goroutine()
	i, open := f.open[g]
	switch l.Message {
	case "begin " + string(f.exchange):
		if !open {
			if len(f.windows) == maxWindows {
				return fmt.Errorf("read execution trace: exchange %s begins more than %d times", f.exchange.Short(), maxWindows)
			}
			f.open[g] = len(f.windows)
			f.windows = append(f.windows, window{goroutine: g, begin: e.Time()})
		}
	case "end " + string(f.exchange):
		if open {
			f.windows[i].end = e.Time()
			delete(f.open, g)
		} else if len(f.windows) == 0 { // it began before the trace
			f.windows = append(f.windows, window{goroutine: g, begin: f.first, end: e.Time()})
		}
	}
	return nil
}
