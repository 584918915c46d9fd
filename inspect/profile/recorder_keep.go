package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// keep cuts what was recorded, describes it, and puts it into the archive.
func (x *run) keep(build int) (inspect.Profile, error) {
	meta := x.meta(build)
	meta.Duration = inspect.Millis(time.Since(x.began))
	if x.req.Kind == inspect.ProfileTrace {
		return x.keepTrace(meta)
	}
	if x.sum == nil {
		return meta, errors.New("the program sent no profile")
	}
	mine, f := x.sum, x.facts()
	if x.cuts() {
		mine, meta.Samples, meta.Others = Cut(x.sum, x.mine)
	} else {
		meta.Samples = Count(x.sum)
		f.uncut = x.ex != nil || x.route != ""
	}
	meta.Others += x.ours
	if x.req.Replay {
		mine = withoutLabel(mine, LabelExchange) // as many as there are replays
	}
	f.samples, f.others, f.profile = meta.Samples, meta.Others, mine
	meta.Note = f.note()
	return x.put(meta, mine)
}

func (x *run) put(meta inspect.Profile, p *pb.Profile) (inspect.Profile, error) {
	data, err := Encode(p)
	if err != nil {
		return meta, err
	}
	return x.r.o.Archive.Put(meta, data)
}

func (x *run) keepTrace(meta inspect.Profile) (inspect.Profile, error) {
	if len(x.trace) == 0 {
		return meta, errors.New("the program sent no trace")
	}
	id := x.exchange()
	for replayed := range x.ids { // there is one
		id = replayed
	}
	var err error
	switch meta.Trace, err = x.r.summarize(x.trace, id); {
	case errors.Is(err, inspect.ErrNotFound) && !x.req.Replay:
		x.problems = append(x.problems, fmt.Sprintf("the request is not in these %s: only one that is under way meanwhile is; have it sent again by a replay", duration(x.limit)))
	case errors.Is(err, inspect.ErrNotFound):
		x.problems = append(x.problems, "the program does not mark requests in its trace, so that there is no summary")
	case err != nil:
		x.problems = append(x.problems, "it has no summary: "+firstLine(err))
	}
	meta.Note = strings.Join(x.facts().rest(), "; ")
	return x.r.o.Archive.Put(meta, x.trace)
}

func (x *run) meta(build int) inspect.Profile {
	return inspect.Profile{
		Kind: x.req.Kind, Time: x.began, Exchange: x.exchange(), Route: x.route, Mount: x.r.o.Mount, Build: build,
		Replays: x.replays(), Walls: x.walls.values,
	}
}

// fromRolling answers at once from the profile that runs all the time.
func (x *run) fromRolling(ctx context.Context, rolling *Rolling, build int) (inspect.Profile, error) {
	keep := x.mine
	if x.req.Route == "" { // the exchange has been: its route need not stand for it
		keep = func(id inspect.ID) bool { return id == x.ex.ID }
	}
	mine, samples, others, since := rolling.Cut(ctx, keep)
	if ctx.Err() != nil {
		return inspect.Profile{}, ctx.Err()
	}
	if mine == nil {
		return inspect.Profile{}, errors.New("the rolling profile has nothing yet\nhint: try again in some seconds")
	}
	meta := x.meta(build)
	meta.Time, meta.Duration = since, inspect.Millis(time.Since(since))
	meta.Samples, meta.Others = samples, others
	if x.req.Route == "" && x.ex.Start.Before(since) {
		x.problems = append(x.problems, "the request began before the kept part of the rolling profile")
	}
	f := x.facts()
	f.samples, f.others, f.profile = samples, others, mine
	meta.Note = f.note()
	return x.put(meta, mine)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// maxWalls is how many times of replays are kept: more are not told apart in a histogram.
const maxWalls = 2000

// thinned keeps values, and when they become too many every second, fourth, ... one.
type thinned struct {
	values []inspect.Millis
	seen   int
	stride int
}

func (t *thinned) add(v inspect.Millis) {
	t.stride = max(t.stride, 1)
	if t.seen%t.stride == 0 {
		if len(t.values) == maxWalls {
			for i := range maxWalls / 2 {
				t.values[i] = t.values[2*i]
			}
			t.values = t.values[:maxWalls/2]
			t.stride *= 2
		}
		if t.seen%t.stride == 0 {
			t.values = append(t.values, v)
		}
	}
	t.seen++
}
