package inspect

// Event is what the live feed carries. Consumers switch on the concrete type and
// ignore the ones they do not know.
type Event interface {
	// EventKind is the stable name of the event on the wire: "exchange_started", ...
	EventKind() string
}

// ExchangeStarted says that a request has arrived. It is chatter: a slow
// subscriber may not get it.
type ExchangeStarted struct {
	Exchange Summary `json:"exchange"`
}

// ExchangeFinished says that the last byte has gone out, or that the exchange
// broke. It is always delivered.
type ExchangeFinished struct {
	Exchange *Exchange `json:"exchange"`
}

// ExchangeUpdated says that something was added to a finished exchange: a goroutine
// that its handler started went on. Its CallTree is nil when nothing was added to that.
// Chatter.
type ExchangeUpdated struct {
	Exchange *Exchange `json:"exchange"`
}

// HTMLChecked says that the answer of a finished exchange was checked, or checked again by
// an external checker. Always delivered.
type HTMLChecked struct {
	// Exchange has the counts in its Sums. Publishers need give its ID only: the store
	// fills in the rest.
	Exchange Summary    `json:"exchange"`
	HTML     *HTMLCheck `json:"html"`
}

// TraceRecorded says that a failure was captured, or that one got its locals. It is
// always delivered.
type TraceRecorded struct {
	Trace *Trace `json:"trace"`
}

// ProfileRecorded says that a profile can be read. It is always delivered.
type ProfileRecorded struct {
	Profile Profile `json:"profile"`
}

// ProfileProgressed says how far a profile has come. Chatter, but for the one that is Done.
type ProfileProgressed struct {
	Progress ProfileProgress `json:"progress"`
}

// OutputWritten carries a line that the target printed. Chatter.
type OutputWritten struct {
	Output Output `json:"output"`
}

// BuildChanged says that a build began, moved on or ended. Its last one (with a
// Result) is always delivered.
type BuildChanged struct {
	Build Build `json:"build"`
}

// StateChanged says that the target entered a state. It is always delivered.
type StateChanged struct {
	State  State  `json:"state"`
	Detail string `json:"detail,omitempty"`
	Build  int    `json:"build"` // the build that State is about
}

// AssetsChanged names files that a browser can take up without a restart of the
// program. It is always delivered.
type AssetsChanged struct {
	Paths []string `json:"paths"` // relative to the module root, slash-separated
	// Styles is set when every path is a style sheet, which a page swaps in place.
	Styles bool `json:"styles"`
}

// HistoryCleared says that the stored exchanges were removed.
type HistoryCleared struct{}

// EventKind names the event on the wire.
func (ExchangeStarted) EventKind() string { return "exchange_started" }

// EventKind names the event on the wire.
func (ExchangeFinished) EventKind() string { return "exchange_finished" }

// EventKind names the event on the wire.
func (ExchangeUpdated) EventKind() string { return "exchange_updated" }

// EventKind names the event on the wire.
func (HTMLChecked) EventKind() string { return "html" }

// EventKind names the event on the wire.
func (TraceRecorded) EventKind() string { return "trace" }

// EventKind names the event on the wire.
func (ProfileRecorded) EventKind() string { return "profile" }

// EventKind names the event on the wire.
func (ProfileProgressed) EventKind() string { return "profile_progress" }

// EventKind names the event on the wire.
func (OutputWritten) EventKind() string { return "output" }

// EventKind names the event on the wire.
func (BuildChanged) EventKind() string { return "build" }

// EventKind names the event on the wire.
func (StateChanged) EventKind() string { return "state" }

// EventKind names the event on the wire.
func (AssetsChanged) EventKind() string { return "assets" }

// EventKind names the event on the wire.
func (HistoryCleared) EventKind() string { return "cleared" }
