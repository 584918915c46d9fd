package profile

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	pb "github.com/google/pprof/profile"
)

// functionRows is how many functions are listed when nobody says, as in Paste.
const functionRows = 20

// Order says by what a table of functions is sorted, largest first.
type Order int

// The orders of a table.
const (
	ByFlat Order = iota // time in the function itself
	ByCum               // time with what it called
)

// Function times a call of a function, records its processor profile, and writes both as
// text when it ends, also by a panic, which goes on. Only what the call itself does is
// counted, not goroutines that it starts, nor what goes on elsewhere. When a profile is
// recorded already the call is only timed, and the text says so.
//
// The zero value works. Its Paste ancestor is profile_decorator.
type Function struct {
	Name   string    // as the text calls it
	Out    io.Writer // where the text goes, in one Write; nil: standard error
	Rows   int       // how many functions are listed; 0: 20, less than 0: all
	Sort   Order
	File   string // is written with the profile, for `go tool pprof`; "": none is
	Timing bool   // only time it
}

// Func runs fn, and writes to standard error how long it took and where.
func Func(name string, fn func()) { Function{Name: name}.Run(fn) }

// FuncErr is Func for a function that returns an error, which it returns.
func FuncErr(name string, fn func() error) error { return Function{Name: name}.RunErr(fn) }

// Run runs fn.
func (f Function) Run(fn func()) {
	_ = f.RunErr(func() error { fn(); return nil }) // is nil
}

// RunErr runs fn and returns what it returns.
func (f Function) RunErr(fn func() error) error {
	var data bytes.Buffer
	began := time.Now()
	if f.Timing {
		defer func() { f.write(time.Since(began), nil, "") }()
		return fn()
	}
	if err := pprof.StartCPUProfile(&data); err != nil {
		defer func() { f.write(time.Since(began), nil, "not profiled: "+err.Error()) }()
		return fn()
	}
	defer func() {
		took := time.Since(began)
		pprof.StopCPUProfile()
		p, err := f.read(data.Bytes())
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		f.write(took, p, problem)
	}()
	return profiledCall(fn)
}

// profiledCall is on the stack of every sample that belongs to a profiled call.
//
//go:noinline
func profiledCall(fn func() error) error {
	err := fn()
	return err
}

// read keeps of a profile what the call did, without who called it.
func (f Function) read(data []byte) (*pb.Profile, error) {
	p, err := Parse(data)
	if err != nil {
		return nil, err
	}
	marker := runtime.FuncForPC(reflect.ValueOf(profiledCall).Pointer()).Name()
	p, _, _ = cut(p, func(s *pb.Sample) bool {
		i := slices.IndexFunc(s.Location, func(l *pb.Location) bool {
			return slices.ContainsFunc(l.Line, func(line pb.Line) bool { return line.Function != nil && line.Function.Name == marker })
		})
		if i <= 0 {
			return false
		}
		s.Location = s.Location[:i]
		return true
	})
	if f.File == "" {
		return p, nil
	}
	out, err := Encode(p)
	if err != nil {
		return nil, err
	}
	return p, os.WriteFile(f.File, out, 0o600)
}

func (f Function) write(took time.Duration, p *pb.Profile, problem string) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: %s", cmp.Or(f.Name, "function"), Amount(int64(took), "nanoseconds"))
	n := Count(p)
	switch {
	case p != nil && n == 0:
		b.WriteString(", 0 samples: one sample is 10 ms of processor time")
	case p != nil:
		b.WriteString(", " + count(int(n), "sample"))
	}
	if problem != "" {
		b.WriteString(", " + problem)
	}
	b.WriteString("\n")
	if n > 0 {
		f.table(&b, p)
	}
	out := f.Out
	if out == nil {
		out = os.Stderr
	}
	_, _ = out.Write(b.Bytes()) // there is nobody else to tell
}

func (f Function) table(w io.Writer, p *pb.Profile) {
	rows, total := Top(p, 0)
	if f.Sort == ByCum {
		sortByCum(rows)
	}
	if limit := cmp.Or(f.Rows, functionRows); limit > 0 && len(rows) > limit {
		rows = rows[:limit]
	}
	_ = writeRows(w, rows, total) // a buffer takes everything
}
