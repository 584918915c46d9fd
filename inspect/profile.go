package inspect

import (
	"errors"
	"time"
)

// ProfileKind says what a profile measured.
type ProfileKind string

// The kinds of profile.
const (
	ProfileCPU       ProfileKind = "cpu"       // processor time, sampled
	ProfileWall      ProfileKind = "wall"      // wall-clock time, sampled: running and waiting
	ProfileHeap      ProfileKind = "heap"      // allocations between begin and end, and what is in use
	ProfileMutex     ProfileKind = "mutex"     // who held the locks that others waited for
	ProfileBlock     ProfileKind = "block"     // who waited
	ProfileGoroutine ProfileKind = "goroutine" // the stacks of a moment
	ProfileTrace     ProfileKind = "trace"     // an execution trace, for go tool trace
)

// Counted is what the Samples of a profile of this kind are, in the singular.
func (k ProfileKind) Counted() string {
	switch k {
	case ProfileHeap:
		return "object"
	case ProfileMutex, ProfileBlock:
		return "wait"
	case ProfileGoroutine:
		return "goroutine"
	}
	return "sample"
}

// Profile is what is known of a profile that was recorded. Its data is a file in the form
// of pprof, gzipped, or an execution trace.
type Profile struct {
	ID       int64         `json:"id"` // 1 or more, in the order of their recording
	Kind     ProfileKind   `json:"kind"`
	Time     time.Time     `json:"time"` // when it began
	Duration Millis        `json:"duration_ms"`
	Exchange ID            `json:"exchange,omitempty"` // that it was made for
	Route    string        `json:"route,omitempty"`    // "GET /cart/{}": method and path, what varies left out
	Mount    string        `json:"mount,omitempty"`    // of the program, in pastedev serve; empty in run
	Build    int           `json:"build"`
	Samples  int64         `json:"samples"`          // that belong to the exchange and its replays, or to the route
	Others   int64         `json:"others,omitempty"` // that were left out: of other requests, or of none
	Replays  int           `json:"replays,omitempty"`
	Walls    []Millis      `json:"walls_ms,omitempty"` // how long each replay took
	Size     int64         `json:"size"`               // bytes of the data
	Note     string        `json:"note,omitempty"`     // what to know when reading it, in words
	Trace    *TraceSummary `json:"trace,omitempty"`    // set when Kind is ProfileTrace
}

// TraceSummary says where the goroutines of an exchange spent its time, by an execution
// trace. The times of several goroutines add up to more than the wall's.
type TraceSummary struct {
	Goroutines int           `json:"goroutines"`
	Running    Millis        `json:"running_ms"`
	Runnable   Millis        `json:"runnable_ms"` // ready, and waiting for a processor
	Syscall    Millis        `json:"syscall_ms"`
	Blocked    []TraceReason `json:"blocked,omitempty"` // longest first
	GC         Millis        `json:"gc_ms"`             // a garbage collection was under way
	STW        Millis        `json:"stw_ms"`            // the world stood still
}

// TraceReason is what goroutines were blocked on.
type TraceReason struct {
	Reason string `json:"reason"` // as the runtime calls it: "sync", "chan receive", "network"
	Time   Millis `json:"time_ms"`
	Count  int64  `json:"count"`
}

// ProfileRow is what a profile measured of one function.
type ProfileRow struct {
	Function string `json:"function"` // as Go names it, with the import path
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"` // the one that most of Flat was measured at; 0 is not known
	Flat     int64  `json:"flat"`           // in the function itself
	Cum      int64  `json:"cum"`            // with what it called, recursion counted once
	Unit     string `json:"unit"`           // of Flat and Cum, as pprof names it: "nanoseconds", "bytes", "count"
}

// ErrConfirm is returned when a profile would send a request again whose method is not
// safe, and [ProfileRequest] does not say that this was confirmed.
var ErrConfirm = errors.New("the request may change something, and nobody has confirmed that it is sent again")

// ProfileProgress tells how far a profile has come that is being recorded.
type ProfileProgress struct {
	Exchange ID          `json:"exchange,omitempty"`
	Mount    string      `json:"mount,omitempty"` // of the program, in pastedev serve
	Kind     ProfileKind `json:"kind"`
	Replays  int         `json:"replays"`
	Samples  int64       `json:"samples"`
	Wanted   int64       `json:"wanted"` // samples at which it ends
	Elapsed  Millis      `json:"elapsed_ms"`
	Limit    Millis      `json:"limit_ms"` // elapsed time at which it ends
	Done     bool        `json:"done"`
	Error    string      `json:"error,omitempty"`
}

// Comparison says how an exchange, or the exchanges of a route, differ from others.
type Comparison struct {
	Before Compared `json:"before"`
	After  Compared `json:"after"`
	// Verdict is the difference in one line, "" when there is none worth telling:
	// "+38 ms in loadCart, 12 more SELECTs".
	Verdict string `json:"verdict,omitempty"`
	// Functions are those whose own time or calls differ, the largest difference first.
	Functions []FunctionChange  `json:"functions,omitempty"`
	SQL       []StatementChange `json:"sql,omitempty"`
	// Tree is that of After with all nodes that only Before has; Delta is by node what
	// After's own time has more than Before's.
	Tree  *CallTree       `json:"tree,omitempty"`
	Delta []time.Duration `json:"delta_ns,omitempty"`
}

// Compared is one side of a [Comparison].
type Compared struct {
	Exchange ID     `json:"exchange,omitempty"` // empty for a route
	Route    string `json:"route,omitempty"`
	Build    int    `json:"build"`
	Count    int    `json:"count"`   // exchanges that it is the mean of
	Wall     Millis `json:"wall_ms"` // in the target
}

// FunctionChange is how a function differs, by call.
type FunctionChange struct {
	Function CallFunction  `json:"function"`
	Calls    [2]float64    `json:"calls"` // before, after; per exchange
	Self     [2]float64    `json:"self_ns"`
	Total    [2]float64    `json:"total_ns"`
	Delta    time.Duration `json:"delta_ns"` // of Self
}

// StatementChange is how the use of an SQL statement differs.
type StatementChange struct {
	Statement string     `json:"statement"`
	Count     [2]float64 `json:"count"` // before, after; per exchange
	Time      [2]float64 `json:"time_ns"`
}

// ProfileRequest says what to profile.
type ProfileRequest struct {
	Kind ProfileKind `json:"kind"`
	// Exchange is the one to profile: with Replay its request is sent again and again
	// until there are enough samples, else what arrives of its route is. Without an
	// Exchange it is the whole target.
	Exchange ID     `json:"exchange,omitempty"`
	Route    string `json:"route,omitempty"` // cut to this route; see [Profile]
	// Mount names one of several programs. "": that of the exchange or of the route, or else
	// the one that is asked most.
	Mount string `json:"mount,omitempty"`
	// Seconds is the longest that it may take; 0 means 10.
	Seconds float64 `json:"seconds,omitempty"`
	// Samples is when there are enough; 0 means 200.
	Samples   int  `json:"samples,omitempty"`
	Replay    bool `json:"replay,omitempty"`
	Confirmed bool `json:"confirmed,omitempty"` // also replay a method that is not safe
}
