package prints

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"

	"github.com/pastedev/pastedev/inspect"
)

// Writer returns a writer whose lines belong to the request of ctx, exactly. Whole writes
// also go to tee, unless it is nil. Outside of a request only tee gets them. Each call
// makes a writer with a line of its own: keep it for text that is written in parts.
func Writer(ctx context.Context, tee io.Writer) io.Writer {
	if tee == nil {
		tee = io.Discard
	}
	r := recordOf(ctx)
	if r == nil {
		return tee
	}
	w := &lineWriter{record: r, emit: func(text string, partial bool) {
		o := newOutput(inspect.Stdout, text, partial)
		o.Exchange = r.id
		r.add(o)
	}}
	return teeWriter{w, tee}
}

// teeWriter reports what the program's own writer says: ours never fails.
type teeWriter struct{ lines, tee io.Writer }

func (t teeWriter) Write(b []byte) (int, error) {
	_, _ = t.lines.Write(b)
	return t.tee.Write(b)
}

// Slog wraps a handler of log/slog: records that are logged with a request's context
// (InfoContext and its like) belong to that request, exactly, with level and attributes.
// next gets all of them as without us, and decides alone which levels there are.
func Slog(next slog.Handler) slog.Handler { return &slogHandler{next: next} }

type slogHandler struct {
	next  slog.Handler
	group string
	attrs []inspect.Note
}

func (h *slogHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *slogHandler) Handle(ctx context.Context, rec slog.Record) error {
	if r := recordOf(ctx); r != nil {
		o := newOutput(inspect.Logged, rec.Message, false)
		o.Exchange, o.Level = r.id, rec.Level.String()
		if !rec.Time.IsZero() {
			o.Time = rec.Time
		}
		o.Attrs = slices.Clone(h.attrs)
		rec.Attrs(func(a slog.Attr) bool {
			o.Attrs = appendAttr(o.Attrs, h.group, a, maxAttrDepth)
			return len(o.Attrs) < maxAttrs
		})
		r.add(o)
	}
	return h.next.Handle(ctx, rec)
}

func (h *slogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.next = h.next.WithAttrs(attrs)
	c.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		c.attrs = appendAttr(c.attrs, h.group, a, maxAttrDepth)
	}
	return &c
}

func (h *slogHandler) WithGroup(name string) slog.Handler {
	c := *h
	c.next = h.next.WithGroup(name)
	if name != "" {
		c.group = h.group + name + "."
	}
	return &c
}

// Limits of the attributes kept of one record.
const (
	maxAttrs     = 64
	maxAttrDepth = 4    // of groups in groups
	maxAttr      = 1000 // bytes of a value
)

func appendAttr(notes []inspect.Note, group string, a slog.Attr, depth int) []inspect.Note {
	if a.Equal(slog.Attr{}) || depth == 0 || len(notes) >= maxAttrs {
		return notes
	}
	v := resolve(a.Value)
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, m := range v.Group() {
			notes = appendAttr(notes, group, m, depth-1)
		}
		return notes
	}
	text := textOf(v)
	if len(text) > maxAttr {
		text = text[:maxAttr]
	}
	return append(notes, inspect.Note{Key: group + a.Key, Value: text})
}

// resolve and textOf run code of the program; slog itself contains its panics, and so do we.
func resolve(v slog.Value) (out slog.Value) {
	defer func() {
		if recover() != nil {
			out = slog.StringValue("(LogValue panicked)")
		}
	}()
	return v.Resolve()
}

func textOf(v slog.Value) (s string) {
	defer func() {
		if recover() != nil {
			s = "(String panicked)"
		}
	}()
	return v.String()
}

// shared gives lines without a context to the requests in flight.
type shared struct {
	mu      sync.Mutex
	flights []*record
}

func (s *shared) enter(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights = append(s.flights, r)
}

func (s *shared) leave(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights = slices.DeleteFunc(s.flights, func(o *record) bool { return o == r })
}

// maxShared bounds how many requests a line may be shared by; with more it says nothing.
const maxShared = 32

func (s *shared) add(o inspect.Output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch n := len(s.flights); {
	case n == 1:
		o.Exchange = s.flights[0].id
	case n > maxShared:
		return
	default:
		for _, r := range s.flights {
			o.Shared = append(o.Shared, r.id)
		}
	}
	for _, r := range s.flights {
		r.add(o)
	}
}

// Shared returns a writer for what knows no request: log.SetOutput(c.Shared(os.Stderr)). Its
// lines belong to the request that is alone in flight when the line is complete, or are
// marked as shared by all that are. tee gets everything, as without us.
func (c *Capture) Shared(tee io.Writer) io.Writer {
	if tee == nil {
		tee = io.Discard
	}
	w := &lineWriter{emit: func(text string, partial bool) { c.shared.add(newOutput(inspect.Stderr, text, partial)) }}
	return teeWriter{w, tee}
}
