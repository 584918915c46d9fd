package store

import (
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/pastedev/pastedev/inspect"
)

// encodeTrace returns t as JSON packed with s2. One that is too large loses its
// variables first, then its text and sources.
func encodeTrace(t *inspect.Trace) ([]byte, error) {
	js, err := json.Marshal(t)
	if err == nil && len(js) > maxTrace {
		c := withoutVariables(t)
		if js, err = json.Marshal(c); err == nil && len(js) > maxTrace {
			o := *Outline(c)
			o.Message, o.Headline = cutText(o.Message), cutText(o.Headline)
			o.Causes, o.Hints = nil, nil
			js, err = json.Marshal(o)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("encode error %s: %w", t.Code, err)
	}
	return s2.Encode(nil, js), nil
}

// decodeTrace is the inverse of encodeTrace.
func decodeTrace(b []byte) (*inspect.Trace, error) {
	n, err := s2.DecodedLen(b)
	if err != nil || n > 2*maxTrace {
		return nil, errBadRecord
	}
	if b, err = s2.Decode(nil, b); err != nil {
		return nil, errBadRecord
	}
	var t inspect.Trace
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, errBadRecord
	}
	return &t, nil
}

// withoutVariables returns a copy of t that says that it has none.
func withoutVariables(t *inspect.Trace) *inspect.Trace {
	c := *t
	c.NoLocals = tooLargeToKeep
	c.Frames = append([]inspect.Frame{}, t.Frames...)
	for i := range c.Frames {
		c.Frames[i].Args, c.Frames[i].Locals = nil, nil
	}
	return &c
}

// longText is how much is left of a text that does not fit.
const longText = 16 << 10

func cutText(s string) string { return s[:min(len(s), longText)] }

// traceWeight is about what t keeps alive.
func traceWeight(t *inspect.Trace) int64 {
	if t == nil {
		return 0
	}
	n := len(t.Raw) + len(t.Message)
	for i := range t.Frames {
		f := &t.Frames[i]
		n += 200 + variablesWeight(f.Args) + variablesWeight(f.Locals)
		for _, l := range f.Source {
			n += 32 + len(l.Text)
		}
	}
	return int64(n)
}

func variablesWeight(list []inspect.Variable) (n int) {
	for i := range list {
		n += 120 + len(list[i].Name) + len(list[i].Type) + len(list[i].Value) + variablesWeight(list[i].Children)
	}
	return n
}
