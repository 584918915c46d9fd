package inspect

import "time"

// SpanKind says what a span measured.
type SpanKind string

// The kinds of span.
const (
	SpanSQL     SpanKind = "sql"     // a call of package database/sql
	SpanCall    SpanKind = "call"    // an outgoing HTTP request
	SpanProcess SpanKind = "process" // a program that was run for the exchange: CGI
)

// Span is timed work inside an exchange.
type Span struct {
	Seq       int64     `json:"seq"` // order of the spans' beginnings within the exchange, 1 or more
	Kind      SpanKind  `json:"kind"`
	Start     time.Time `json:"start"`
	Duration  Millis    `json:"duration_ms"`
	Goroutine int64     `json:"goroutine,omitempty"` // id of the goroutine that did it
	Caller    *Location `json:"caller,omitempty"`    // the innermost line of the app's own that led here, where known
	Error     string    `json:"error,omitempty"`
	SQL       *SQL      `json:"sql,omitempty"`     // set when Kind is SpanSQL
	Call      *Call     `json:"call,omitempty"`    // set when Kind is SpanCall
	Process   *Process  `json:"process,omitempty"` // set when Kind is SpanProcess
}

// Location is a line of source.
type Location struct {
	Function string `json:"function,omitempty"` // "example.com/shop.(*Cart).Add"
	File     string `json:"file"`               // relative to the module root where inside it, else absolute
	Path     string `json:"path,omitempty"`     // absolute path of File
	Line     int    `json:"line"`               // 1-based
}

// SQLOp is what was asked of database/sql.
type SQLOp string

// The operations.
const (
	SQLQuery    SQLOp = "query"
	SQLExec     SQLOp = "exec"
	SQLPrepare  SQLOp = "prepare"
	SQLBegin    SQLOp = "begin"
	SQLCommit   SQLOp = "commit"
	SQLRollback SQLOp = "rollback"
)

// SQL is what is known of one call of database/sql. The span's duration runs until
// the call returned; for a query that is before its rows are read.
type SQL struct {
	Op        SQLOp    `json:"op"`
	Statement string   `json:"statement,omitempty"`
	Args      []string `json:"args,omitempty"` // as Go syntax, long ones cut
	Rows      int64    `json:"rows"`           // affected, or read by the app until it closed them; -1 unknown
	Tx        int64    `json:"tx,omitempty"`   // number of the transaction within the process; 0 outside of one
}

// Call is what is known of one outgoing HTTP request. The span's duration runs to
// the first byte of the response.
type Call struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status"` // 0 when no response came
}

// Process is what is known of a program that was run for one exchange. The span's duration
// runs from its start to its end.
type Process struct {
	Program string `json:"program"`          // path of the executable
	Dir     string `json:"dir,omitempty"`    // that it ran in
	PID     int    `json:"pid,omitempty"`    // 0 when it could not be started
	Exit    int    `json:"exit"`             // code; -1 when it was ended by Signal or did not start
	Signal  string `json:"signal,omitempty"` // that ended it
	Input   int64  `json:"input"`            // bytes it was given
	Output  int64  `json:"output"`           // bytes it wrote to standard output
	Env     []Note `json:"env,omitempty"`    // its environment, secrets masked where they are those of header fields
}

// Sums counts what happened inside an exchange. It covers also what was too much
// to keep.
type Sums struct {
	Logs     int    `json:"logs,omitempty"` // lines printed or logged
	SQL      int    `json:"sql,omitempty"`  // statements
	SQLTime  Millis `json:"sql_ms,omitempty"`
	Calls    int    `json:"calls,omitempty"` // outgoing requests
	CallTime Millis `json:"call_ms,omitempty"`
	Errors   int    `json:"errors,omitempty"`   // traces
	Programs int    `json:"programs,omitempty"` // programs that were run for it: CGI
	Nodes    int    `json:"nodes,omitempty"`    // of the call tree

	HTMLErrors   int `json:"html_errors,omitempty"` // findings of the HTML check
	HTMLWarnings int `json:"html_warnings,omitempty"`
	HTMLNew      int `json:"html_new,omitempty"` // errors that the page did not have under the build before
}
