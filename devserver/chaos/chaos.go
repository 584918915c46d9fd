package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Chaos says what is done to answers. The zero value does nothing. Copies made before
// Handler is called are independent.
type Chaos struct {
	// Latency is how long each request waits before it is handled. Zero: not at all.
	Latency time.Duration

	// Jitter is how far the wait may be off Latency, evenly spread, either way but never
	// below zero. Zero: never off.
	Jitter time.Duration

	// Bandwidth bounds the body of each answer, in bytes a second. Zero: no bound.
	Bandwidth int64

	// Fail is the share of requests that fail unhandled, after their wait: 0 none, 1 all.
	Fail float64

	// Abort fails by closing the connection (HTTP/2: resetting the stream) without an
	// answer. False: by an answer of Status.
	Abort bool

	// Status of failures, from 400 on. Anything else, zero too: 503.
	Status int

	// RetryAfter is what a failure's Retry-After says, in whole seconds, rounded up.
	// Zero: 1 s. Negative: the field is not sent.
	RetryAfter time.Duration

	// Seed makes the same sequence of waits and failures each time, request for request.
	// Zero: another one each time.
	Seed uint64

	// Done is told what was done to a request, when its answer is over. Nil: nobody.
	Done func(*http.Request, Report)
}

// Report says what was done to a request.
type Report struct {
	Latency time.Duration // waited before it was handled
	Failed  int           // status of the failure, 0 for none
	Aborted bool          // the connection was closed instead of an answer
	Slowed  time.Duration // waited between pieces of the body
}

// dice are the random numbers of a handler.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// roll returns what meets the next request: two numbers in [0,1).
func (d *dice) roll() (jitter, fail float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64(), d.rng.Float64()
}

// Handler returns next, made worse.
func (c Chaos) Handler(next http.Handler) http.Handler {
	seed := c.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	d := &dice{rng: rand.New(rand.NewPCG(seed, seed))}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, next, d) })
}

func (c Chaos) serve(w http.ResponseWriter, r *http.Request, next http.Handler, d *dice) {
	var report Report
	if c.Done != nil {
		defer func() { c.Done(r, report) }() // also when the handler panics
	}
	jitter, fail := d.roll()
	report.Latency = max(0, c.Latency+time.Duration((2*jitter-1)*float64(c.Jitter)))
	start := time.Now()
	if err := sleep(r.Context(), report.Latency); err != nil {
		report.Latency = time.Since(start)
		panic(http.ErrAbortHandler) // the client is gone, there is nobody to answer
	}
	if report.Latency > 0 {
		w.Header().Add("Server-Timing", `chaos-latency;desc="made to wait";dur=`+milliseconds(report.Latency))
	}
	if fail < c.Fail {
		c.fail(w, r, &report)
		return
	}
	if c.Bandwidth <= 0 || r.Method == http.MethodHead {
		next.ServeHTTP(w, r)
		return
	}
	w.Header().Add("Server-Timing", `chaos-bandwidth;desc="`+strconv.FormatInt(c.Bandwidth, 10)+` bytes a second"`)
	n := &narrow{ResponseWriter: w, ctx: r.Context(), rate: c.Bandwidth}
	defer func() { report.Slowed = n.slowed }()
	next.ServeHTTP(n, r)
}

// fail answers in the place of the handler, or does not answer at all.
func (c Chaos) fail(w http.ResponseWriter, r *http.Request, report *Report) {
	if c.Abort {
		report.Aborted = true
		panic(http.ErrAbortHandler)
	}
	report.Failed = c.Status
	if c.Status < 400 || c.Status > 999 {
		report.Failed = http.StatusServiceUnavailable
	}
	h := w.Header()
	h.Add("Server-Timing", `chaos-fail;desc="made to fail"`)
	if after := c.RetryAfter; after >= 0 {
		if after == 0 {
			after = time.Second
		}
		h.Set("Retry-After", strconv.FormatInt(int64((after+time.Second-1)/time.Second), 10))
	}
	httpx.Refusal{Status: report.Failed, Detail: "made to fail by chaos: this answer is not the application's"}.Send(w, r)
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64)
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
