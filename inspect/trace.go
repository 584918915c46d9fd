package inspect

import "time"

// TraceKind says what made a trace.
type TraceKind string

// The kinds of trace.
const (
	TracePanic TraceKind = "panic" // a Go panic, captured where it was raised
	TraceCrash TraceKind = "crash" // the process ended: a Go crash dump, a signal
	TraceText  TraceKind = "text"  // a traceback found in printed text or in a 5xx body, of any language
	TraceError TraceKind = "error" // an answer of 500 or more without a panic; no frames
)

// Trace is a failure with the stack that led to it.
type Trace struct {
	ID        int64     `json:"id"`    // order in the history, 1 or more
	Code      string    `json:"code"`  // fingerprint: the same fault has the same code, "E-k7m2x"
	Count     int       `json:"count"` // how often a trace of this Code was seen, this one included
	Kind      TraceKind `json:"kind"`
	Language  string    `json:"language"` // "go", "python", "node", "ruby", "java", "php"
	Time      time.Time `json:"time"`
	Exchange  ID        `json:"exchange,omitempty"`
	Build     int       `json:"build"`
	Headline  string    `json:"headline"`         // plain words, one line: "nil pointer dereference: u is nil"
	Type      string    `json:"type,omitempty"`   // of the panic value or exception: "runtime.boundsError"
	Message   string    `json:"message"`          // the value's text as the language prints it
	Causes    []Cause   `json:"causes,omitempty"` // what Message's error wraps, outermost first
	Hints     []string  `json:"hints,omitempty"`  // why it happens and what to do, a sentence each
	Goroutine int64     `json:"goroutine,omitempty"`
	Frames    []Frame   `json:"frames,omitempty"`     // innermost first
	CreatedBy *Frame    `json:"created_by,omitempty"` // the go statement that started the goroutine
	// Recovered is set when the program recovered the panic itself and answered.
	Recovered bool `json:"recovered,omitempty"`
	// NoLocals says why the frames have no variables; empty when they have.
	NoLocals string         `json:"no_locals,omitempty"`
	Pause    Millis         `json:"pause_ms,omitempty"` // how long the program was stopped for the snapshot
	Raw      string         `json:"raw,omitempty"`      // the text it was found in, where it was
	Changed  []ChangedLines `json:"changed,omitempty"`  // what differs from the last build that had no such trace
}

// Cause is one error of a chain.
type Cause struct {
	Type    string  `json:"type"`
	Message string  `json:"message"`
	Causes  []Cause `json:"causes,omitempty"` // of a joined error, where there is more than one
}

// FrameOrigin says whose code a frame runs.
type FrameOrigin string

// The origins of a frame.
const (
	FrameApp        FrameOrigin = "app"        // the main module and its workspace
	FrameDependency FrameOrigin = "dependency" // another module, a package folder of the language
	FrameStandard   FrameOrigin = "std"        // the standard library, the runtime
)

// Frame is one call of a stack.
type Frame struct {
	Location
	Package string       `json:"package,omitempty"`
	Column  int          `json:"column,omitempty"` // 1-based, in bytes; 0 unknown
	Origin  FrameOrigin  `json:"origin"`
	PC      uint64       `json:"pc,omitempty"`
	Hidden  bool         `json:"hidden,omitempty"` // not shown unless all frames are asked for
	Source  []SourceLine `json:"source,omitempty"` // around Line
	Args    []Variable   `json:"args,omitempty"`
	Locals  []Variable   `json:"locals,omitempty"`
	Notes   []Note       `json:"notes,omitempty"` // what the program itself said about the frame
}

// Note is something that a program attached to a frame.
type Note struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Variable is a value that a frame could see, or a part of one.
type Variable struct {
	Name     string     `json:"name"` // of the variable or field, the index, or the key's text
	Type     string     `json:"type"`
	Value    string     `json:"value"`              // one line, as Go syntax where it has any: "42", `"ann"`, "nil", "[]int len 3 cap 4"
	Len      int64      `json:"len,omitempty"`      // of a string, slice, array, map or channel
	More     bool       `json:"more,omitempty"`     // Value or Children leave something out
	Children []Variable `json:"children,omitempty"` // fields, elements, the pointed-to value
	// Unreadable says why Value is empty: "optimized away".
	Unreadable string `json:"unreadable,omitempty"`
}

// ChangedLines are lines of a file that differ from an earlier build.
type ChangedLines struct {
	File  string       `json:"file"` // relative to the module root
	Lines []SourceLine `json:"lines"`
}
