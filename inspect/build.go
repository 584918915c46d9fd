package inspect

import "time"

// State is where the target is between an edit and an answer.
type State string

// The states of a target.
const (
	StateBuilding State = "building" // the source is newer than any finished build
	StateStarting State = "starting" // built; the process has not listened yet
	StateRunning  State = "running"  // current and answering
	StateFailed   State = "failed"   // the newest source does not build
	StateBackoff  State = "backoff"  // the process ended by itself; waits for a save, a key or the next try
	StateStopped  State = "stopped"  // ended, and nothing will start it
)

// Status is what the status line shows.
type Status struct {
	Version  string    `json:"version"` // of pastedev
	PID      int       `json:"pid"`     // of pastedev
	Dir      string    `json:"dir"`     // where it was started
	StateDir string    `json:"state_dir"`
	Target   string    `json:"target"` // as the user named it: "./myapp", "node server.js", "http://..."
	State    State     `json:"state"`
	Since    time.Time `json:"since"`            // when State was entered
	Detail   string    `json:"detail,omitempty"` // one line: "exit status 3", "12 of 188 packages"
	// Recording says whether exchanges are recorded: false while the app answers
	// directly and the instrumented build is still being made.
	Recording bool `json:"recording"`
	// CallTree says whether the calls of exchanges are recorded.
	CallTree   bool         `json:"call_tree"`
	TargetPID  int          `json:"target_pid,omitempty"`
	Build      *Build       `json:"build,omitempty"` // the newest, finished or not
	Listeners  []string     `json:"listeners"`       // public URLs: "http://localhost:8080"
	ControlURL string       `json:"control_url,omitempty"`
	Lost       []string     `json:"lost,omitempty"` // features that are off, and why, one line each
	History    HistoryStats `json:"history"`
	// Programs are those of the mounts, in pastedev serve, of which State, Detail and Build
	// show the one that is worst off. Empty in run.
	Programs []Program `json:"programs,omitempty"`
	// Editor is the address that opens a file in the user's editor, with {path}, {line} and
	// {column} in it; empty for none.
	Editor string `json:"editor,omitempty"`
}

// Program is how the program of a mount stands.
type Program struct {
	Mount     string    `json:"mount"`  // "/app"
	Target    string    `json:"target"` // as the user named it: "./myapp", "node server.js"
	State     State     `json:"state"`
	Since     time.Time `json:"since"`
	Detail    string    `json:"detail,omitempty"`
	Recording bool      `json:"recording"`
	CallTree  bool      `json:"call_tree"`
	PID       int       `json:"pid,omitempty"`
	Build     *Build    `json:"build,omitempty"`
}

// HistoryStats describes the stored history.
type HistoryStats struct {
	Exchanges int   `json:"exchanges"`
	Bytes     int64 `json:"bytes"`   // on disk
	Dropped   int64 `json:"dropped"` // exchanges that could not be stored in this run
}

// Build is one attempt to turn the source into a program.
type Build struct {
	Number       int          `json:"number"`          // 1 or more, counted over the history
	Mount        string       `json:"mount,omitempty"` // of the program, in pastedev serve; empty in run
	Start        time.Time    `json:"start"`
	Duration     Millis       `json:"duration_ms"` // so far, while Result is empty; 0 for a command that is started and not built
	Result       BuildResult  `json:"result"`
	Cause        []string     `json:"cause,omitempty"` // files whose change started it, relative to the module; empty for the first
	Instrumented bool         `json:"instrumented"`    // with the agent and the hooks
	Done         int          `json:"done,omitempty"`  // packages compiled so far
	Total        int          `json:"total,omitempty"` // packages that must be compiled, where known
	Diagnostics  []Diagnostic `json:"diagnostics,omitempty"`
	Output       string       `json:"output,omitempty"` // what the build printed beside its diagnostics
	Debug        string       `json:"debug,omitempty"`  // path of the same program with DWARF, once it is linked; the file goes with the build's folder
}

// BuildResult says how a build ended.
type BuildResult string

// The results of a build.
const (
	BuildUnfinished BuildResult = ""
	BuildOK         BuildResult = "ok"
	BuildFailed     BuildResult = "failed"
	BuildCanceled   BuildResult = "canceled" // a newer save came
)

// Severity orders diagnostics.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Diagnostic is a finding with a place: a compiler error, a lint or HTML finding.
type Diagnostic struct {
	Severity Severity     `json:"severity"`
	Code     string       `json:"code"`              // stable rule name: "compile", "parse-tree/..."
	Message  string       `json:"message"`           // plain words, no position
	File     string       `json:"file,omitempty"`    // relative to the module root where inside it, else absolute
	Path     string       `json:"path,omitempty"`    // absolute path of File
	Line     int          `json:"line,omitempty"`    // 1-based; 0 unknown
	Column   int          `json:"column,omitempty"`  // 1-based, in bytes; 0 unknown
	Context  []SourceLine `json:"context,omitempty"` // source lines around the position

	// The following are of HTML findings.
	EndLine   int    `json:"end_line,omitempty"`   // of the last byte marked; 0 unknown
	EndColumn int    `json:"end_column,omitempty"` // 1-based, in bytes, of the last byte marked
	Start     int    `json:"start,omitempty"`      // byte range in the checked body
	End       int    `json:"end,omitempty"`        // exclusive
	MarkStart int    `json:"mark_start,omitempty"` // bytes of Context's first line that are meant
	MarkEnd   int    `json:"mark_end,omitempty"`   // exclusive
	Section   string `json:"section,omitempty"`    // of the HTML standard, or of another one by its name
	Selector  string `json:"selector,omitempty"`   // a CSS selector of the element in the page
	Count     int    `json:"count,omitempty"`      // places that this finding stands for, when more than 1
	New       bool   `json:"new,omitempty"`        // the page did not have it under the build before
	Source    string `json:"source,omitempty"`     // who says it: "" pastedev, "nu" the external checker
}

// SourceLine is one line of source shown around a position.
type SourceLine struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
}

// Output is one line (or a long line's part) that the target printed, or that
// pastedev says about it.
type Output struct {
	Seq     int64     `json:"seq"`
	Time    time.Time `json:"time"`
	Stream  Stream    `json:"stream"`
	Text    string    `json:"text"`              // without the line end; may hold ANSI colour, nothing else of a terminal
	Partial bool      `json:"partial,omitempty"` // the line goes on in the next Output of this stream
	Build   int       `json:"build"`
	// Exchange is the one whose handler, or a goroutine started by it, wrote the line.
	// It is empty for what the app did on its own.
	Exchange ID `json:"exchange,omitempty"`
	// Shared lists the exchanges that were in flight when the line came, where it
	// cannot be told which of them wrote it.
	Shared    []ID   `json:"shared,omitempty"`
	Goroutine int64  `json:"goroutine,omitempty"`
	Level     string `json:"level,omitempty"` // of a record of log/slog: "INFO", "ERROR+2"; "LOG" for package log
	Attrs     []Note `json:"attrs,omitempty"` // of a record of log/slog; groups joined with dots
}

// Stream says where an output line came from.
type Stream string

// The streams.
const (
	Stdout   Stream = "stdout"
	Stderr   Stream = "stderr"
	Logged   Stream = "log"      // a log record that was not written to stdout or stderr
	Pastedev Stream = "pastedev" // notices: a lost feature, a restart, a refusal
)
