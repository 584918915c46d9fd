// Package exectrace reads execution traces of Go programs, as runtime/trace and its
// flight recorder write them, for one request: how long its goroutines ran, waited for
// a processor, were in system calls or were blocked, and on what.
//
// The one call to make is [Summarize].
//
// Which goroutine serves which request the trace says itself: the agent logs, in
// category [Category], "begin" and "end" with the exchange's id around its handler. The
// goroutines that it starts in between belong to it, and those that they start.
//
// It never records, keeps nothing, and takes any input: what is no trace, was cut off or
// is damaged is an error.
//
// Paste had nothing like it; Python's threads told nobody what they waited for.
package exectrace
