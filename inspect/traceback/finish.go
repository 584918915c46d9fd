package traceback

import (
	"slices"
	"strings"

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
	if t.Language == "go" {
		t.Frames = belowHook(t.Frames)
	}
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

// belowHook drops what a stack taken at the entry of runtime.gopanic begins with: the hook,
// gopanic itself and the runtime's way into it. A panic further down, under other code, is
// part of the story and stays.
func belowHook(frames []inspect.Frame) []inspect.Frame {
	for i, f := range frames {
		if f.Function == "runtime.gopanic" {
			rest := frames[i+1:]
			for len(rest) > 1 && inRuntime(rest[0].Function) {
				rest = rest[1:]
			}
			if len(rest) > 0 {
				return rest
			}
			return frames
		}
		if !strings.HasPrefix(f.Function, "internal/") && !strings.HasPrefix(f.Function, "runtime.") {
			break
		}
	}
	return frames
}

func inRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
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
