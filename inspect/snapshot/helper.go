package snapshot

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pastedev/pastedev/inspect"
)

// maxMessage bounds a line between the helper and its caller: fifty frames of six
// hundred values are some megabytes.
const maxMessage = 64 << 20

// Request is one line to the helper. Exactly one field is set.
type Request struct {
	Take *TakeOptions `json:"take,omitempty"`
	Read *ReadRequest `json:"read,omitempty"`
	Eval *EvalRequest `json:"eval,omitempty"`
}

// Source names what is read: a core, or, when Core is empty, the process PID, which
// is stopped for as long as the request takes.
type Source struct {
	Core   string     `json:"core,omitempty"`
	PID    int        `json:"pid,omitempty"`
	Exe    string     `json:"exe"` // with debug information
	Config LoadConfig `json:"config"`
}

// ReadRequest asks for the frames of some goroutines.
type ReadRequest struct {
	Source
	Goroutines []int64 `json:"goroutines"` // 0 stands for the one that is panicking
	Max        int     `json:"max,omitempty"`
	// Message is the panic's text. With it the answer explains the
	// failing line of the first goroutine, where it can.
	Message string `json:"message,omitempty"`
}

// EvalRequest asks for the value of an expression.
type EvalRequest struct {
	Source
	Goroutine int64  `json:"goroutine"`
	Frame     int    `json:"frame"` // index into the answer of a ReadRequest
	Expr      string `json:"expr"`
}

// Response is one line from the helper. Error is set, or what was asked for.
type Response struct {
	Info     *Info             `json:"info,omitempty"`
	Stacks   []Stack           `json:"stacks,omitempty"`
	Variable *inspect.Variable `json:"variable,omitempty"`
	Error    *Error            `json:"error,omitempty"`
}

// Stack is a goroutine's frames, or why there are none.
type Stack struct {
	Goroutine int64           `json:"goroutine"`
	Frames    []inspect.Frame `json:"frames,omitempty"`
	Why       string          `json:"why,omitempty"` // see [Snapshot.Explain]
	Error     *Error          `json:"error,omitempty"`
}

// Main answers requests, a JSON line each, until in ends. It keeps the core that it
// opened last, so that questions about one snapshot after the first are quick; a
// process that is read live is let go after each answer. The libraries that it uses
// may print warnings to standard error: [Start] discards them. It returns an error
// only when it cannot read or write.
func Main(ctx context.Context, in io.Reader, out io.Writer) error {
	var h helper
	defer h.close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxMessage)
	enc := json.NewEncoder(out)
	for lines.Scan() {
		var r Request
		answer := Response{}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			answer.Error = fail(KindFailed, err, "snapshot helper: %v", err)
		} else {
			answer = h.answer(ctx, r)
		}
		if err := enc.Encode(answer); err != nil {
			return fmt.Errorf("snapshot helper: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("snapshot helper: %w", err)
	}
	return nil
}

type helper struct {
	open   *Snapshot
	source Source
}

func (h *helper) close() {
	if h.open != nil {
		_ = h.open.Close() // read only: nothing is lost
		h.open = nil
	}
}

func (h *helper) answer(ctx context.Context, r Request) (a Response) {
	var err error
	switch {
	case r.Take != nil:
		var info Info
		if info, err = Take(ctx, *r.Take); err == nil {
			a.Info = &info
		}
	case r.Read != nil:
		a.Stacks, err = h.read(ctx, *r.Read)
	case r.Eval != nil:
		var v inspect.Variable
		if v, err = h.eval(ctx, *r.Eval); err == nil {
			a.Variable = &v
		}
	default:
		err = errors.New("snapshot helper: an empty request")
	}
	a.Error = asError(err)
	return a
}

func (h *helper) snapshot(ctx context.Context, src Source) (*Snapshot, error) {
	if h.open != nil && h.source == src {
		return h.open, nil
	}
	h.close()
	var s *Snapshot
	var err error
	if src.Core == "" {
		s, err = OpenLive(ctx, src.PID, src.Exe, src.Config)
	} else {
		s, err = Open(src.Core, src.Exe, src.Config)
	}
	if err != nil {
		return nil, err
	}
	h.open, h.source = s, src
	return s, nil
}

func (h *helper) read(ctx context.Context, r ReadRequest) ([]Stack, error) {
	s, err := h.snapshot(ctx, r.Source)
	if err != nil {
		return nil, err
	}
	if r.Core == "" {
		defer h.close() // let the program go on
	}
	var stacks []Stack
	for i, id := range r.Goroutines {
		st := Stack{Goroutine: id}
		found, err := s.Goroutine(id)
		if err == nil {
			st.Goroutine = found
			st.Frames, err = s.Frames(ctx, found, r.Max)
		}
		st.Error = asError(err)
		if i == 0 && r.Message != "" && err == nil {
			st.Why = s.Explain(found, 0, r.Message)
		}
		stacks = append(stacks, st)
	}
	return stacks, nil
}

func (h *helper) eval(ctx context.Context, r EvalRequest) (inspect.Variable, error) {
	s, err := h.snapshot(ctx, r.Source)
	if err != nil {
		return inspect.Variable{}, err
	}
	if r.Core == "" {
		defer h.close()
	}
	id, err := s.Goroutine(r.Goroutine)
	if err != nil {
		return inspect.Variable{}, err
	}
	return s.Eval(id, r.Frame, r.Expr)
}
