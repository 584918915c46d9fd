package profile

import (
	"fmt"
	"strings"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// facts is what a note says in words.
type facts struct {
	kind            inspect.ProfileKind
	profile         *pb.Profile
	samples, others int64
	wanted          int64
	single          bool           // it is about one exchange, not a route
	route           bool           // it is about a route
	wall            inspect.Millis // of the exchange, or the median of its replays
	replay          bool
	replays         int
	elapsed         time.Duration
	cutOff          bool // the end of the time came during a replay
	uncut           bool // it should have been cut, and could not be
	differ          int
	problems        []string
}

func (x *run) facts() facts {
	f := facts{
		kind: x.req.Kind, wanted: x.wanted, single: x.ex != nil && x.req.Route == "", route: x.req.Route != "", replay: x.req.Replay, replays: x.replays(),
		elapsed: time.Since(x.began), cutOff: x.cutOff, differ: x.differ, problems: x.problems,
	}
	if x.ex != nil {
		f.wall = x.ex.Duration
	}
	if len(x.walls.values) > 0 {
		f.wall = SpreadOf(x.walls.values).Median
	}
	return f
}

// note says what to know when reading the profile.
func (f facts) note() string {
	parts := []string{}
	if first := f.first(); first != "" {
		parts = append(parts, first)
	}
	return strings.Join(append(parts, f.rest()...), "; ")
}

// first is about what was measured.
func (f facts) first() string {
	switch f.kind {
	case inspect.ProfileCPU, inspect.ProfileWall:
		return f.sampledNote()
	case inspect.ProfileHeap:
		return f.heapNote()
	case inspect.ProfileMutex:
		return f.contention("held up others", "runtime.SetMutexProfileFraction(5)")
	case inspect.ProfileBlock:
		return f.contention("waited", "runtime.SetBlockProfileRate(10_000)")
	}
	return ""
}

func (f facts) heapNote() string {
	if f.samples == 0 {
		return fmt.Sprintf("no allocation was sampled: one is for each %s%s", inspect.FormatSize(max(f.profile.Period, 1)), f.whole())
	}
	s := fmt.Sprintf("%s allocated in about %s", inspect.FormatSize(valueSum(f.profile, "alloc_space")), count(int(f.samples), "object"))
	if used := valueSum(f.profile, "inuse_space"); used > 0 {
		s += fmt.Sprintf(", %s in use at the end", inspect.FormatSize(used))
	}
	return s + f.whole()
}

// whole says that the profile counts all that the program did.
func (f facts) whole() string {
	if !f.uncut {
		return ""
	}
	if f.replay {
		return fmt.Sprintf(": by the whole program, while the request was sent %s", times(f.replays))
	}
	return ": by the whole program, as profiles of this kind are not told apart by request"
}

func (f facts) contention(verb, how string) string {
	if f.samples == 0 {
		return fmt.Sprintf("nothing %s, or the program does not measure it (%s)%s", verb, how, f.whole())
	}
	return fmt.Sprintf("%d times, together %s%s", f.samples, Amount(valueSum(f.profile, "delay"), "nanoseconds"), f.whole())
}

func (f facts) sampledNote() string {
	if f.uncut {
		s := "the program does not label its samples by request: these are of all that it did"
		if f.kind == inspect.ProfileWall {
			s = "the program does not label its goroutines by request: these are all of them, also idle ones"
		}
		if f.replay {
			s += fmt.Sprintf(" while the request was sent %s", times(f.replays))
		}
		return s
	}
	period := f.period()
	switch {
	case f.samples == 0 && f.replay && f.replays > 0:
		return fmt.Sprintf("0 samples of %s: %s", count(f.replays, "replay"), f.why(period))
	case f.samples == 0 && f.single && !f.replay:
		s := fmt.Sprintf("0 samples: the request took %s, one sample is %s", duration(f.wall.Duration()), duration(period))
		if f.wall.Duration() >= 2*period {
			s = "0 samples: " + f.why(period)
		}
		return s + fmt.Sprintf("; press P to replay it until there are %d", f.wanted)
	case f.samples == 0:
		return "0 samples: " + f.idle()
	case f.replay:
		s := fmt.Sprintf("%s of %s", count(int(f.samples), "sample"), count(f.replays, "replay"))
		if f.samples < f.wanted {
			s += fmt.Sprintf(" in %s, fewer than the %d wanted: small shares say little", duration(f.elapsed), f.wanted)
		}
		return s
	case f.single && f.samples < f.wanted:
		return fmt.Sprintf("%s: shares say little; press P to replay the request until there are %d", count(int(f.samples), "sample"), f.wanted)
	}
	return ""
}

// why explains that a request has no samples although there should be some.
func (f facts) why(period time.Duration) string {
	if f.kind == inspect.ProfileCPU && f.wall.Duration() >= 2*period {
		return fmt.Sprintf("the request took %s and hardly used the processor; a wall profile shows what it waited for", duration(f.wall.Duration()))
	}
	return fmt.Sprintf("the request takes %s, one sample is %s", duration(f.wall.Duration()), duration(period))
}

// idle explains that a route or the whole program has no samples.
func (f facts) idle() string {
	switch {
	case f.route:
		return "no request of the route came, or all were too short"
	case f.kind == inspect.ProfileCPU:
		return "the program hardly used the processor"
	}
	return "no request was under way"
}

// period is the time between samples; 10 ms, unless the profile says something else.
func (f facts) period() time.Duration {
	if f.profile != nil && f.profile.Period > 0 && f.profile.PeriodType != nil && f.profile.PeriodType.Unit == "nanoseconds" {
		return time.Duration(f.profile.Period)
	}
	return 10 * time.Millisecond
}

// rest is about how it was measured.
func (f facts) rest() []string {
	var parts []string
	if f.cutOff && f.replays == 0 {
		parts = append(parts, fmt.Sprintf("no replay ended within %s", duration(f.elapsed)))
	}
	if f.differ > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s ended otherwise than the request itself", f.differ, count(f.replays, "replay")))
	}
	seen := map[string]bool{}
	for _, p := range f.problems {
		if !seen[p] {
			seen[p] = true
			parts = append(parts, p)
		}
	}
	return parts
}

// valueSum adds one value of all samples up.
func valueSum(p *pb.Profile, name string) int64 {
	var sum int64
	for i, t := range p.SampleType {
		if t.Type != name {
			continue
		}
		for _, s := range p.Sample {
			sum += s.Value[i]
		}
	}
	return sum
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// duration writes d as people do: "4 ms", "0.3 ms", "2.4 s".
func duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d >= time.Millisecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond)/time.Millisecond)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(d)/1e6), ".0") + " ms"
}
