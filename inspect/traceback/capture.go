package traceback

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Capture makes a trace of a value that was just recovered. Call it in the deferred
// function itself: the stack still holds the frames that panicked. Sources are not read;
// see AddSource. No String or Error method of the value can fail it.
func Capture(value any, roots Roots) inspect.Trace {
	t := inspect.Trace{
		Count: 1, Kind: inspect.TracePanic, Language: "go", Time: time.Now(), Recovered: true,
		Type: fmt.Sprintf("%T", value), Message: valueMessage(value), Goroutine: goroutineID(),
		NoLocals: "a program cannot read its own variables; run it under pastedev to see them",
		Frames:   panicFrames(),
	}
	if err, ok := value.(error); ok {
		_ = safely(func() string { t.Causes = causesOf(err, maxCauses); return "" })
	}
	Finish(&t, roots, "")
	return t
}

// valueMessage is the text of a panic value. The prefixes are those of the runtime's own dump,
// so that the same fault reads the same wherever it was seen.
func valueMessage(value any) string {
	return safely(func() string {
		switch v := value.(type) {
		case nil:
			return "panic called with nil argument"
		case error:
			if isNil(v) {
				return fmt.Sprintf("a nil %T", v)
			}
			return v.Error()
		case fmt.Stringer:
			if isNil(v) {
				return fmt.Sprintf("a nil %T", v)
			}
			return v.String()
		case string:
			return v
		}
		text, _ := cut(fmt.Sprintf("%+v", value), maxMessage)
		return text
	})
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

func causesOf(err error, depth int) []inspect.Cause {
	if err == nil || depth == 0 {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []inspect.Cause
		for _, e := range many.Unwrap() {
			if e == nil || len(out) == maxCauses {
				continue
			}
			c := cause(e)
			c.Causes = causesOf(e, depth-1)
			out = append(out, c)
		}
		return out
	}
	next := errors.Unwrap(err)
	if next == nil {
		return nil
	}
	return append([]inspect.Cause{cause(next)}, causesOf(next, depth-1)...)
}

func cause(err error) inspect.Cause {
	return inspect.Cause{Type: fmt.Sprintf("%T", err), Message: safely(func() string { return err.Error() })}
}

// panicFrames are the frames of the innermost panic: what stands below the first
// runtime.gopanic, without the runtime's own way into it.
func panicFrames() []inspect.Frame {
	pcs := make([]uintptr, maxFrames)
	pcs = pcs[:runtime.Callers(2, pcs)]
	frames := runtime.CallersFrames(pcs)
	var out []inspect.Frame
	panicked := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic" && !panicked:
			panicked, out = true, nil
		case panicked && len(out) == 0 && strings.HasPrefix(f.Function, "runtime.") || strings.HasPrefix(f.Function, "internal/runtime/") && len(out) == 0:
		case f.Function == "runtime.goexit":
		default:
			out = append(out, inspect.Frame{
				Location: inspect.Location{Function: f.Function, File: f.File, Path: f.File, Line: f.Line},
				Package:  goPackage(f.Function), PC: uint64(f.PC),
			})
		}
		if !more {
			return out
		}
	}
}

// goroutineID reads the id from the head of the goroutine's own stack text; there is no other
// way that needs no link into the runtime. 0 when it cannot be read.
func goroutineID() int64 {
	var buf [64]byte
	b := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i > 0 {
		id, _ := strconv.ParseInt(string(b[:i]), 10, 64)
		return id
	}
	return 0
}
