package link

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// Observer hears what happens inside the target. A Handler that is one gets every
// [Report], in the order of the agent's telling, between its other calls. Observe
// must not block: the target's next listen waits behind it.
type Observer interface {
	Observe(ctx context.Context, r Report)
}

// A Report is one of the types below.
type Report interface{ report() }

// Printed is a write to standard output or error, or a log record. Its Text is raw:
// whatever bytes the program wrote, line ends and escape sequences among them.
type Printed struct{ Output inspect.Output }

// Spanned is timed work that has ended.
type Spanned struct {
	Exchange inspect.ID
	Span     inspect.Span
	Frames   []inspect.Frame // that led there, innermost first, without the standard library's
}

// RowsRead tells how many rows of an earlier query were read.
type RowsRead struct {
	Exchange inspect.ID
	Seq      int64 // of the query's span
	Rows     int64
}

// Done says that the handler of an exchange is through. It does not come when there
// is nothing to tell.
type Done struct {
	Exchange inspect.ID
	Status   int // that the handler wrote, 0 for none
	Sums     inspect.Sums
	Left     int64 // what was only counted, not sent
	Panic    int64 // the Panicked.ID that left the handler; 0 for none
}

// Panicked is a panic at the moment it was raised. Nobody knows yet whether it will
// be recovered.
type Panicked struct {
	ID     int64 // of this process's panics
	PID    int   // of the process
	Thread int   // the system's id of the thread that panics
	Trace  inspect.Trace
	Count  int64 // how often this stack has panicked in this process
	// Hold is set when the panicking goroutine waits, for some seconds at most. Its
	// Release must be called.
	Hold *Hold
}

// Fatal says that nobody recovers the last panic of that goroutine: the process ends.
type Fatal struct {
	ID        int64 // of the last panic of the process, which may be another goroutine's
	Goroutine int64
}

// Dropped counts reports that were lost because the socket was full.
type Dropped struct{ Count int64 }

func (Printed) report()  {}
func (Spanned) report()  {}
func (RowsRead) report() {}
func (Done) report()     {}
func (Panicked) report() {}
func (Fatal) report()    {}
func (Dropped) report()  {}

// Hold keeps a goroutine waiting. Its methods may be called from any goroutine. With the
// zero Hold nobody waits.
type Hold struct {
	id      int64
	write   func(*agent.Message) error
	allowed chan struct{} // closed when the target has answered Allow
}

// errUnanswered is returned when the target went on by itself.
var errUnanswered = errors.New("the program did not wait")

// Allow lets the process pid trace the target, and returns when it may.
func (h *Hold) Allow(ctx context.Context, pid int) error {
	if h.write == nil {
		return errUnanswered
	}
	if err := h.write(&agent.Message{Type: agent.TypeTrace, ID: h.id, PID: int64(pid)}); err != nil {
		return err
	}
	select {
	case <-h.allowed:
		return nil
	case <-ctx.Done():
		return errUnanswered
	}
}

// Release lets the goroutine go on. An error means that the target is gone.
func (h *Hold) Release() error {
	if h.write == nil {
		return nil
	}
	return h.write(&agent.Message{Type: agent.TypeGo, ID: h.id})
}

// observe turns a message into a report; unknown types are passed over.
func (s *session) observe(ctx context.Context, m *agent.Message) {
	var r Report
	switch m.Type {
	case agent.TypeHello:
		s.pid = int(m.PID)
		return
	case agent.TypeOutput:
		r = Printed{outputOf(m)}
	case agent.TypeSpan:
		r = Spanned{inspect.ID(m.Exchange), spanOf(m), framesOf(m.Frames)}
	case agent.TypeRows:
		r = RowsRead{inspect.ID(m.Exchange), m.Seq, m.Rows}
	case agent.TypeCalls:
		tree := s.calls.piece(m)
		if tree == nil {
			return
		}
		r = Called{inspect.ID(m.Exchange), tree}
	case agent.TypeDone:
		r = doneOf(m)
	case agent.TypePanic:
		p := panicOf(m)
		p.PID = s.pid
		if m.Wait != 0 {
			p.Hold = s.hold(m.ID)
		}
		r = p
	case agent.TypeTraceable:
		if h := s.held[m.ID]; h != nil {
			delete(s.held, m.ID)
			close(h.allowed)
		}
		return
	case agent.TypeFatal:
		r = Fatal{m.ID, m.Goroutine}
	case agent.TypeDropped:
		r = Dropped{m.Count}
	default:
		return
	}
	if o, ok := s.handler.(Observer); ok {
		o.Observe(ctx, r)
	} else if p, ok := r.(Panicked); ok && p.Hold != nil {
		_ = p.Hold.Release() // a dead socket is found by the next read
	}
}

// hold notes a panic that waits. The agent lets one wait at a time: those before it are
// over, allowed or not.
func (s *session) hold(id int64) *Hold {
	h := &Hold{id: id, write: s.write, allowed: make(chan struct{})}
	clear(s.held)
	s.held[id] = h
	return h
}

func micros(us int64) time.Time { return time.UnixMicro(us) }

func duration(us int64) inspect.Millis {
	return inspect.Millis(time.Duration(us) * time.Microsecond)
}

func outputOf(m *agent.Message) inspect.Output {
	o := inspect.Output{
		Time: micros(m.Time), Stream: inspect.Stream(m.Stream), Text: m.Text, Level: m.Level,
		Exchange: inspect.ID(m.Exchange), Goroutine: m.Goroutine,
	}
	for i := 0; i+1 < len(m.Attrs); i += 2 {
		o.Attrs = append(o.Attrs, inspect.Note{Key: m.Attrs[i], Value: m.Attrs[i+1]})
	}
	return o
}

func spanOf(m *agent.Message) inspect.Span {
	span := inspect.Span{
		Seq: m.Seq, Kind: inspect.SpanKind(m.Kind), Start: micros(m.Time), Duration: duration(m.Duration),
		Goroutine: m.Goroutine, Error: m.Error,
	}
	switch span.Kind {
	case inspect.SpanSQL:
		span.SQL = &inspect.SQL{Op: inspect.SQLOp(m.Op), Statement: m.Text, Args: m.Args, Rows: m.Rows, Tx: m.Tx}
	case inspect.SpanCall:
		span.Call = &inspect.Call{Method: m.Method, URL: m.Text, Status: int(m.Status)}
	}
	return span
}

func doneOf(m *agent.Message) Done {
	return Done{
		Exchange: inspect.ID(m.Exchange), Status: int(m.Status), Left: m.Count, Panic: m.Panic,
		Sums: inspect.Sums{
			Logs: int(m.Logs), SQL: int(m.SQL), SQLTime: duration(m.SQLTime),
			Calls: int(m.Calls), CallTime: duration(m.CallTime),
		},
	}
}

func panicOf(m *agent.Message) Panicked {
	t := inspect.Trace{
		Kind: inspect.TracePanic, Language: "go", Time: micros(m.Time), Exchange: inspect.ID(m.Exchange),
		Type: m.ValueType, Message: m.Text, Goroutine: m.Goroutine,
		Frames: framesOf(m.Frames), Causes: causesOf(m.Causes),
	}
	if by := framesOf([]string{m.Created}); len(by) > 0 {
		t.CreatedBy = &by[0]
	}
	return Panicked{ID: m.ID, Thread: int(m.Thread), Count: m.Count, Trace: t}
}

// framesOf reads frames; what is none is passed over. Origin and everything else
// that needs a look at the disk is for others to find out.
func framesOf(packed []string) []inspect.Frame {
	var frames []inspect.Frame
	for _, p := range packed {
		f, ok := agent.ParseFrame(p)
		if !ok {
			continue
		}
		frames = append(frames, inspect.Frame{
			Location: inspect.Location{Function: f.Function, File: f.File, Path: f.File, Line: int(f.Line)},
			Package:  packageOf(f.Function), PC: f.PC,
		})
	}
	return frames
}

// packageOf returns the import path in the name of a function. The linker writes a
// dot in its last element as %2e.
func packageOf(function string) string {
	name, _, _ := strings.Cut(function, "[") // type arguments have dots and slashes of their own
	slash := strings.LastIndexByte(name, '/') + 1
	if dot := strings.IndexByte(name[slash:], '.'); dot >= 0 {
		name = name[:slash+dot]
	}
	return strings.ReplaceAll(name, "%2e", ".")
}

// causesOf makes the tree that the depths describe.
func causesOf(packed []string) []inspect.Cause {
	var list []agent.Cause
	for _, p := range packed {
		if c, ok := agent.ParseCause(p); ok {
			list = append(list, c)
		}
	}
	tree, _ := causeTree(list, 1)
	return tree
}

// causeTree takes causes of that depth and below it from the start of list, and
// returns the rest.
func causeTree(list []agent.Cause, depth int64) (tree []inspect.Cause, rest []agent.Cause) {
	for len(list) > 0 && list[0].Depth >= depth {
		c := inspect.Cause{Type: list[0].Type, Message: list[0].Message}
		c.Causes, list = causeTree(list[1:], depth+1)
		tree = append(tree, c)
	}
	return tree, list
}
