package profile

import (
	"fmt"
	"strings"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// The labels that samples carry.
const (
	LabelExchange = "pastedev_exchange" // the ID of the exchange
	LabelRoute    = "pastedev_route"    // "GET /cart/{id}"; set by [Profiler] only
)

// Cut returns the samples of p whose exchange keep wants, and how many samples these are
// and how many were left out. A sample without the label [LabelExchange] is left out. p is
// not changed; mine shares nothing with it and may be without samples.
func Cut(p *pb.Profile, keep func(exchange inspect.ID) bool) (mine *pb.Profile, samples, others int64) {
	return cut(p, func(s *pb.Sample) bool {
		id, ok := label(s, LabelExchange)
		return ok && keep(inspect.ID(id))
	})
}

func cut(p *pb.Profile, keep func(*pb.Sample) bool) (mine *pb.Profile, samples, others int64) {
	part := shallow(p)
	part.Sample = nil
	for _, s := range p.Sample {
		if keep(s) {
			part.Sample = append(part.Sample, s)
		}
	}
	samples = Count(part)
	return part.Compact(), samples, Count(p) - samples
}

// shallow returns a profile with its own header and slices, and the samples of p.
func shallow(p *pb.Profile) *pb.Profile {
	return &pb.Profile{
		SampleType: p.SampleType, DefaultSampleType: p.DefaultSampleType, Sample: p.Sample,
		Mapping: p.Mapping, Location: p.Location, Function: p.Function, Comments: p.Comments, DocURL: p.DocURL,
		DropFrames: p.DropFrames, KeepFrames: p.KeepFrames,
		TimeNanos: p.TimeNanos, DurationNanos: p.DurationNanos, PeriodType: p.PeriodType, Period: p.Period,
	}
}

func label(s *pb.Sample, key string) (string, bool) {
	if v := s.Label[key]; len(v) > 0 {
		return v[0], true
	}
	return "", false
}

// labelled says whether any sample of p names an exchange.
func labelled(p *pb.Profile) bool {
	for _, s := range p.Sample {
		if _, ok := label(s, LabelExchange); ok {
			return true
		}
	}
	return false
}

// Count is how many samples p has: the sum of its first value, which in the profiles of Go
// counts samples, objects or contentions. 0 for nil.
func Count(p *pb.Profile) int64 {
	if p == nil {
		return 0
	}
	var n int64
	for _, s := range p.Sample {
		if len(s.Value) > 0 {
			n += s.Value[0]
		}
	}
	return n
}

// Merge adds profiles up. They must have measured the same. Nils are left out; of nothing
// else the result is nil. It shares nothing with its arguments.
func Merge(ps ...*pb.Profile) (*pb.Profile, error) {
	var all []*pb.Profile
	for _, p := range ps {
		if p != nil {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	m, err := pb.Merge(all)
	if err != nil {
		return nil, fmt.Errorf("merge profiles: %w", err)
	}
	return m, nil
}

// Delta returns what after has more than before, of the same program. What is in use is
// not a sum over time (the values named "inuse_..." of a heap profile), and is after's own.
func Delta(before, after *pb.Profile) (*pb.Profile, error) {
	if len(before.SampleType) != len(after.SampleType) {
		return nil, fmt.Errorf("subtract profiles: %d values, and %d before", len(after.SampleType), len(before.SampleType))
	}
	minus := before.Copy()
	ratios := make([]float64, len(minus.SampleType))
	for i, t := range minus.SampleType {
		if ratios[i] = -1; t.Type == "inuse_objects" || t.Type == "inuse_space" {
			ratios[i] = 0
		}
	}
	if err := minus.ScaleN(ratios); err != nil {
		return nil, fmt.Errorf("subtract profiles: %w", err)
	}
	minus.DurationNanos = 0
	d, err := pb.Merge([]*pb.Profile{after, minus})
	if err != nil {
		return nil, fmt.Errorf("subtract profiles: %w", err)
	}
	d.DurationNanos = max(after.TimeNanos-before.TimeNanos, 0)
	d.TimeNanos = before.TimeNanos
	return d, nil
}

// withoutInUse takes what is in use from a heap profile, and leaves what was allocated. Of
// another profile it takes nothing.
func withoutInUse(p *pb.Profile) *pb.Profile {
	kept := []int{}
	for i, t := range p.SampleType {
		if !strings.HasPrefix(t.Type, "inuse_") {
			kept = append(kept, i)
		}
	}
	if len(kept) == len(p.SampleType) {
		return p
	}
	q := p.Copy()
	q.DefaultSampleType = "alloc_space"
	q.SampleType = nil
	for _, i := range kept {
		q.SampleType = append(q.SampleType, p.SampleType[i])
	}
	for j, s := range q.Sample {
		s.Value = nil
		for _, i := range kept {
			s.Value = append(s.Value, p.Sample[j].Value[i])
		}
	}
	return q.Compact()
}

// withoutLabel returns p with its samples no longer told apart by a label.
func withoutLabel(p *pb.Profile, keys ...string) *pb.Profile {
	q := p.Copy()
	for _, k := range keys {
		q.RemoveLabel(k)
	}
	return q.Compact()
}
