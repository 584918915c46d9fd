package panel

import (
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// Reason says why the target did not answer a request itself.
type Reason string

// The reasons.
const (
	BuildFailed Reason = "build-failed" // the newest source does not compile
	Held        Reason = "held"         // the hold limit passed while the target was being built or started
	Crashed     Reason = "crashed"      // the program ended by itself and has not been started again
	Stopped     Reason = "stopped"      // the program was stopped
	Unreachable Reason = "unreachable"  // the program (or the upstream) refused or broke the connection
	Panicked    Reason = "panicked"     // the program failed amid the request: Trace says how
)

// Failure is what an error page tells: why there is no answer of the target's, and
// all that helps to mend it.
type Failure struct {
	ID     inspect.ID // of the exchange
	Reason Reason
	Status int              // to answer with: 500 for BuildFailed and Panicked, 503 for Held, 502 for the rest
	State  inspect.State    // of the target at this moment
	Detail string           // one line: "exit status 3", "dial tcp 127.0.0.1:41233: connection refused"
	Target string           // as the user named it
	Build  *inspect.Build   // the newest, where there is one; holds the Diagnostics
	Output []inspect.Output // the last lines the program printed, oldest first
	// Apart says that State and the state events are of other programs. The page asks again
	// when a file changes, when Build.Mount is built anew, and when it is looked at again.
	Apart bool

	// Of Panicked: what failed, and what is known of the request until then. All of it
	// is masked by the caller.
	Trace   *inspect.Trace
	Request *traceback.Request
	Prints  []inspect.Output
	Spans   []inspect.Span
}
