package inspect

import "time"

// CallTree is the calls that an exchange made, added up by path: a thousand calls in a
// loop are one node. It holds the functions of the user's own modules, and as leaves of
// theirs what they waited for or handed over.
type CallTree struct {
	// Functions are what nodes refer to, each once.
	Functions []CallFunction `json:"functions"`
	// Nodes are in the order of their first call, a parent before its children. Node 0 is
	// the handler, whose Total is the time that it took in the target.
	Nodes []CallNode `json:"nodes"`
	// Lost counts calls that no node was left for; their time is their caller's.
	Lost int64 `json:"lost,omitempty"`
}

// CallKind says what a function of a [CallTree] is.
type CallKind string

// The kinds of a function.
const (
	CallFunc      CallKind = "func"      // a function of the user's
	CallHandler   CallKind = "handler"   // the whole exchange; node 0 only
	CallGoroutine CallKind = "goroutine" // a goroutine, beneath the function that started it
	CallSQL       CallKind = "sql"       // a call of package database/sql
	CallHTTP      CallKind = "http"      // an outgoing request, to the first byte of its response
	CallTemplate  CallKind = "template"  // the execution of a template
	CallJSON      CallKind = "json"      // encoding or decoding
	CallWait      CallKind = "wait"      // the goroutine was parked: lock, channel, sleep, network
)

// CallFunction is one function, or what stands in its place.
type CallFunction struct {
	Kind CallKind `json:"kind"`
	// Name is the function as Go names it, with the import path; for a goroutine the
	// function it began in; the operation and statement; "GET http://host/path"; the
	// template's name; "json.Marshal"; what was waited for, as the runtime calls it.
	Name string    `json:"name"`
	At   *Location `json:"at,omitempty"` // where the function begins; nil when Kind has no source
}

// CallNode is the calls of one function on one path.
type CallNode struct {
	Parent   int           `json:"parent"` // index of a node before this one; -1 for node 0
	Function int           `json:"function"`
	Calls    int64         `json:"calls"`
	Total    time.Duration `json:"total_ns"` // of all calls, with what they called
}
