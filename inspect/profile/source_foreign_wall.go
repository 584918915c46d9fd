package profile

import (
	"context"
	"time"

	pb "github.com/google/pprof/profile"
)

const (
	// wallEvery is how often the stacks of a foreign program are taken. Each time its
	// world stands still for a moment.
	wallEvery = 50 * time.Millisecond
	// wallBatch is how many stacks of all goroutines are held before they are added up.
	wallBatch = 40
)

// wall takes the stacks of all goroutines again and again: idle ones are among them.
func (f *ForeignSource) wall(ctx context.Context, limit time.Duration) (Recording, error) {
	fetch := func(ctx context.Context) (*pb.Profile, error) { return f.profile(ctx, "goroutine", nil) }
	return startStacks(ctx, limit, fetch)
}

// stacks adds goroutine profiles up to a profile of wall-clock time. One goroutine uses it.
type stacks struct {
	began, last time.Time
	sum         *pb.Profile
	held        []*pb.Profile
}

// startStacks polls fetch in a goroutine that the recording waits for. The first fetch says
// whether it works at all.
func startStacks(ctx context.Context, limit time.Duration, fetch func(context.Context) (*pb.Profile, error)) (Recording, error) {
	now := time.Now()
	s := &stacks{began: now, last: now.Add(-wallEvery)}
	first, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.add(first); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	failed := make(chan error, 1)
	go func() {
		defer cancel()
		failed <- s.poll(ctx, fetch)
	}()
	return stopFunc(func(context.Context) (Data, error) {
		cancel()
		if err := <-failed; err != nil {
			return Data{}, err
		}
		p, err := s.flush()
		return Data{Profile: p}, err
	}), nil
}

// poll returns nil when ctx has ended.
func (s *stacks) poll(ctx context.Context, fetch func(context.Context) (*pb.Profile, error)) error {
	tick := time.NewTicker(wallEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		p, err := fetch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = s.add(p)
		}
		if err != nil {
			return err
		}
	}
}

// add counts each goroutine of p for the time that has passed since the one before.
func (s *stacks) add(p *pb.Profile) error {
	now := time.Now()
	passed := now.Sub(s.last)
	s.last = now
	w := newWall(s.began, wallEvery)
	w.Mapping, w.Location, w.Function = p.Mapping, p.Location, p.Function
	for _, sample := range p.Sample {
		if len(sample.Value) == 0 {
			continue
		}
		sample.Value = []int64{sample.Value[0], sample.Value[0] * int64(passed)}
		w.Sample = append(w.Sample, sample)
	}
	s.held = append(s.held, w)
	if len(s.held) < wallBatch {
		return nil
	}
	_, err := s.flush()
	return err
}

func (s *stacks) flush() (*pb.Profile, error) {
	sum, err := Merge(append(s.held, s.sum)...)
	if err != nil {
		return nil, err
	}
	s.sum, s.held = sum, nil
	s.sum.DurationNanos = int64(s.last.Sub(s.began))
	return s.sum, nil
}

// newWall returns an empty profile of wall-clock time.
func newWall(began time.Time, period time.Duration) *pb.Profile {
	return &pb.Profile{
		SampleType: []*pb.ValueType{{Type: "samples", Unit: "count"}, {Type: "wall", Unit: "nanoseconds"}},
		PeriodType: &pb.ValueType{Type: "wall", Unit: "nanoseconds"}, Period: int64(period),
		TimeNanos: began.UnixNano(),
	}
}
