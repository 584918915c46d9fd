package profile

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// Value returns which of a sample's values the views show, and its unit as pprof names it:
// the default one of p, else the last. -1 when p measured nothing.
func Value(p *pb.Profile) (index int, unit string) {
	index = len(p.SampleType) - 1
	for i, t := range p.SampleType {
		if t.Type == p.DefaultSampleType {
			index = i
		}
	}
	if index < 0 {
		return -1, ""
	}
	return index, p.SampleType[index].Unit
}

// Top returns the n functions that most was measured in, largest first; all when n is 0 or
// less. A function in which nothing was measured is left out. total is the sum over all samples, to tell shares by.
func Top(p *pb.Profile, n int) (rows []inspect.ProfileRow, total int64) {
	index, unit := Value(p)
	if index < 0 {
		return nil, 0
	}
	sums := map[topKey]*topSum{}
	for _, s := range p.Sample {
		if index < len(s.Value) {
			total += s.Value[index]
			addTop(sums, s, s.Value[index])
		}
	}
	for k, sum := range sums {
		if sum.flat == 0 && sum.cum == 0 {
			continue // it has only values that are not shown
		}
		rows = append(rows, inspect.ProfileRow{
			Function: k.function, File: k.file, Line: sum.line(), Flat: sum.flat, Cum: sum.cum, Unit: unit,
		})
	}
	slices.SortFunc(rows, func(a, b inspect.ProfileRow) int {
		return cmp.Or(cmp.Compare(b.Flat, a.Flat), cmp.Compare(b.Cum, a.Cum),
			strings.Compare(a.Function, b.Function), strings.Compare(a.File, b.File))
	})
	if n > 0 && len(rows) > n {
		rows = rows[:n]
	}
	return rows, total
}

// sortByCum sorts rows by what was measured in a function with what it called.
func sortByCum(rows []inspect.ProfileRow) {
	slices.SortStableFunc(rows, func(a, b inspect.ProfileRow) int { return cmp.Compare(b.Cum, a.Cum) })
}

type topKey struct{ function, file string }

type topSum struct {
	flat, cum       int64
	flatAt, calling map[int64]int64 // by line
}

// line is the one most was measured at; of a function that only calls, where it mostly did.
func (s *topSum) line() int {
	at := s.flatAt
	if len(at) == 0 {
		at = s.calling
	}
	var best, most int64 = 0, -1
	for line, v := range at {
		if v > most || v == most && line < best {
			best, most = line, v
		}
	}
	return int(best)
}

func addTop(sums map[topKey]*topSum, s *pb.Sample, v int64) {
	seen := map[topKey]bool{}
	leaf := true
	for f := range frames(s) {
		k := topKey{f.name, f.file}
		sum := sums[k]
		if sum == nil {
			sum = &topSum{flatAt: map[int64]int64{}, calling: map[int64]int64{}}
			sums[k] = sum
		}
		if leaf {
			sum.flat += v
			sum.flatAt[f.line] += v
		}
		if !seen[k] {
			seen[k] = true
			sum.cum += v
			sum.calling[f.line] += v
		}
		leaf = false
	}
}

// frame is one function on a stack. A location that nobody could name has its address.
type frame struct {
	name, file string
	line       int64
}

// frames yields the stack of s, innermost first, inlined functions as frames of their own.
func frames(s *pb.Sample) func(yield func(frame) bool) {
	return func(yield func(frame) bool) {
		for _, l := range s.Location {
			if len(l.Line) == 0 && !yield(frame{name: fmt.Sprintf("%#x", l.Address)}) {
				return
			}
			for _, line := range l.Line {
				f := frame{name: "?", line: line.Line}
				if line.Function != nil {
					f.name, f.file = cmp.Or(line.Function.Name, "?"), line.Function.Filename
				}
				if !yield(f) {
					return
				}
			}
		}
	}
}

// WriteTop writes the n largest functions of p as a table: own value, share, with what was
// called, share, function, place. Without samples it writes one sentence.
func WriteTop(w io.Writer, p *pb.Profile, n int) error {
	rows, total := Top(p, n)
	return writeRows(w, rows, total)
}

func writeRows(w io.Writer, rows []inspect.ProfileRow, total int64) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "no samples")
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%10s %6s %10s %6s  %s\n", "flat", "flat%", "cum", "cum%", "function")
	for _, r := range rows {
		at := ""
		if r.File != "" {
			at = fmt.Sprintf("  %s:%d", base(r.File), r.Line)
		}
		fmt.Fprintf(&b, "%10s %5.1f%% %10s %5.1f%%  %s%s\n",
			Amount(r.Flat, r.Unit), share(r.Flat, total), Amount(r.Cum, r.Unit), share(r.Cum, total), r.Function, at)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

func share(v, total int64) float64 {
	if total == 0 {
		return 0
	}
	return 100 * float64(v) / float64(total)
}

// Amount writes a value of a profile for people: "1.25 s", "40.0 ms", "3.1 MB", "12".
func Amount(v int64, unit string) string {
	switch unit {
	case "nanoseconds":
		return inspect.FormatNanos(time.Duration(v))
	case "bytes":
		if v < 0 && v > math.MinInt64 { // what a profile has less than another
			return "-" + inspect.FormatSize(-v)
		}
		return inspect.FormatSize(v)
	}
	return fmt.Sprint(v)
}
