package traceback

import (
	"slices"

	"github.com/pastedev/pastedev/inspect"
)

// Limits of a trace. They keep a page, a mail and a row of the history readable and small.
const (
	maxFrames   = 256     // Go's own dump stops at 100; Python may print 1000
	maxCauses   = 16      // of an error chain
	maxMessage  = 8 << 10 // bytes
	maxHeadline = 300     // bytes; it stands on one line
)

// Finish completes a trace whose message and frames are known: it says whose code each
// frame runs, makes paths relative to the module, writes headline and hints, and sets
// the code. detail is what a snapshot adds to the headline ("u is nil"), or "". Call
// it again when more is known; it is idempotent.
func Finish(t *inspect.Trace, roots Roots, detail string) {
	bound(t)
	for i := range t.Frames {
		roots.classify(&t.Frames[i], t.Language)
	}
	if t.CreatedBy != nil {
		roots.classify(t.CreatedBy, t.Language)
	}
	Explain(t, detail)
	t.Code = Fingerprint(t)
}

// bound cuts what is too long and cleans what comes from the program.
func bound(t *inspect.Trace) {
	t.Message, _ = cut(plain(t.Message), maxMessage)
	t.Type = oneLine(t.Type, maxHeadline)
	if len(t.Frames) > maxFrames {
		t.Frames = slices.Clip(t.Frames[:maxFrames])
	}
	t.Causes = boundCauses(t.Causes, maxCauses)
}

func boundCauses(causes []inspect.Cause, depth int) []inspect.Cause {
	if depth == 0 {
		return nil
	}
	causes = causes[:min(len(causes), maxCauses)]
	for i := range causes {
		c := &causes[i]
		c.Message, _ = cut(plain(c.Message), maxMessage)
		c.Type = oneLine(c.Type, maxHeadline)
		c.Causes = boundCauses(c.Causes, depth-1)
	}
	return causes
}

// Failing is the index of the frame to show large: the innermost of the app's own, else the
// innermost with a line; -1 when there is none.
func Failing(t *inspect.Trace) int {
	for i, f := range t.Frames {
		if f.Origin == inspect.FrameApp && !f.Hidden && f.Line > 0 {
			return i
		}
	}
	for i, f := range t.Frames {
		if f.Line > 0 && !f.Hidden {
			return i
		}
	}
	return -1
}
