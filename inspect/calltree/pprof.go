package calltree

import (
	"github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/inspect"
)

// Pprof returns t as a profile of pprof: a sample for each node, with its calls (calls,
// count) and its own time (time, nanoseconds), which is what is shown first. A sample of
// a goroutine's has the label goroutine, one of a leaf the label kind. The result is not
// compressed until it is written. nil when t is not valid.
func Pprof(t *inspect.CallTree) *profile.Profile {
	if Validate(t) != nil {
		return nil
	}
	self, total := times(t)
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "calls", Unit: "count"}, {Type: "time", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "time", Unit: "nanoseconds"}, Period: 1,
		DefaultSampleType: "time", DurationNanos: int64(total[0]),
	}
	locations := make([]*profile.Location, len(t.Functions))
	for i, f := range t.Functions {
		fn := &profile.Function{ID: uint64(i + 1), Name: Label(f), SystemName: Label(f)}
		at := int64(0)
		if f.At != nil {
			fn.Filename, at = f.At.File, int64(f.At.Line)
			if f.At.Path != "" {
				fn.Filename = f.At.Path
			}
			fn.StartLine = at
		}
		locations[i] = &profile.Location{ID: uint64(i + 1), Line: []profile.Line{{Function: fn, Line: at}}}
		p.Function = append(p.Function, fn)
	}
	p.Location = locations
	for i, n := range t.Nodes {
		path := stack(t, i)
		s := &profile.Sample{Value: []int64{n.Calls, int64(self[i])}, Label: map[string][]string{}}
		for k := len(path) - 1; k >= 0; k-- { // pprof has the innermost first
			s.Location = append(s.Location, locations[t.Nodes[path[k]].Function])
		}
		if path[0] != 0 {
			s.Label["goroutine"] = []string{line(t.Functions[t.Nodes[path[0]].Function].Name)}
		}
		switch k := kind(t, i); k {
		case inspect.CallFunc, inspect.CallHandler, inspect.CallGoroutine:
		default:
			s.Label["kind"] = []string{string(k)}
		}
		p.Sample = append(p.Sample, s)
	}
	return p
}
