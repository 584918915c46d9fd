package profile

import (
	"bytes"
	"net/http"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// sharedCPU is the processor profile of the program, of which there can be one at a time,
// shared by all requests that are profiled meanwhile.
type sharedCPU struct {
	mu   sync.Mutex
	now  *cpuWindow
	last int64          // ID
	kept []*profiledOne // oldest first
}

// cpuWindow is a processor profile from its beginning to its end.
type cpuWindow struct {
	data    bytes.Buffer // written by the runtime until it is stopped
	timer   *time.Timer
	members []*profiledOne
	users   int           // of members, that are still served
	ending  bool          // somebody stops it
	ended   chan struct{} // closed when the members have their profiles
}

// profiledOne is a request that is profiled, and its profile.
type profiledOne struct {
	id     int64
	what   string // "GET /cart?id=1"
	began  time.Time
	window *cpuWindow

	// These are set before the window's channel is closed.
	wall    time.Duration // 0: the profile ended before the request
	profile *pb.Profile
	data    []byte
	err     error
}

// begin adds a request to the profile, which is begun unless it runs.
func (p *Profiler) begin(r *http.Request) (*profiledOne, error) {
	one := &profiledOne{what: r.Method + " " + r.URL.Path, began: time.Now()}
	for {
		wait, err := p.cpu.join(one, p.keep(), p.limit())
		if wait == nil {
			return one, err
		}
		select {
		case <-wait:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// join adds one to the profile that runs or to a new one. wait is closed when the one that
// is just ending has ended.
func (c *sharedCPU) join(one *profiledOne, keep int, limit time.Duration) (wait <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != nil && c.now.ending {
		return c.now.ended, nil
	}
	if c.now == nil {
		w := &cpuWindow{ended: make(chan struct{})}
		if err := pprof.StartCPUProfile(&w.data); err != nil {
			return nil, err
		}
		// Requests may follow each other without a gap, or not end.
		w.timer = time.AfterFunc(limit, func() { c.stop(w) })
		c.now = w
	}
	c.last++
	one.id, one.window = c.last, c.now
	one.window.users++
	one.window.members = append(one.window.members, one)
	c.kept = append(c.kept, one)
	if n := len(c.kept) - keep; n > 0 {
		c.kept = append([]*profiledOne(nil), c.kept[n:]...)
	}
	if n := len(one.window.members) - keep; n > 0 { // nobody can read theirs any more
		one.window.members = append([]*profiledOne(nil), one.window.members[n:]...)
	}
	return nil, nil
}

// leave says that the request has been served. The last one ends the profile.
func (c *sharedCPU) leave(one *profiledOne) {
	w := one.window
	c.mu.Lock()
	if !w.ending {
		one.wall = max(time.Since(one.began), 1)
	}
	w.users--
	last := w.users == 0
	c.mu.Unlock()
	if last {
		w.timer.Stop()
		c.stop(w)
	}
}

// stop ends a profile and shares it out. When another stops it already, it does nothing.
func (c *sharedCPU) stop(w *cpuWindow) {
	c.mu.Lock()
	if w.ending {
		c.mu.Unlock()
		return
	}
	w.ending = true
	members := w.members
	c.mu.Unlock()

	pprof.StopCPUProfile() // takes 0.1 to 0.2 s
	all, err := Parse(w.data.Bytes())
	w.data = bytes.Buffer{}
	for _, one := range members {
		if one.err = err; err != nil {
			continue
		}
		id := strconv.FormatInt(one.id, 10)
		mine, _, _ := cut(all, func(s *pb.Sample) bool { v, ok := label(s, labelProfile); return ok && v == id })
		one.profile = withoutLabel(mine, labelProfile)
		one.data, one.err = Encode(one.profile)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, w.members = nil, nil
	close(w.ended)
}

// all returns the kept profiles, oldest first.
func (c *sharedCPU) all() []*profiledOne {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*profiledOne(nil), c.kept...)
}

func (c *sharedCPU) find(id string) *profiledOne {
	for _, one := range c.all() {
		if strconv.FormatInt(one.id, 10) == id {
			return one
		}
	}
	return nil
}

// note says what to know of a profile whose window has ended.
func (one *profiledOne) note() string {
	f := facts{kind: inspect.ProfileCPU, profile: one.profile, samples: Count(one.profile), wall: inspect.Millis(one.wall)}
	switch {
	case one.err != nil:
		return one.err.Error()
	case one.wall == 0:
		return count(int(f.samples), "sample") + " until the profile ended; the request went on"
	case f.samples == 0:
		return "0 samples: " + f.why(f.period())
	}
	return count(int(f.samples), "sample") + " in " + duration(one.wall)
}
