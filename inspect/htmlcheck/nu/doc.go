// Package nu asks the Nu HTML checker, the program behind validator.w3.org, for a second
// opinion on a page: CSS properties and the long tail of rules that package htmlcheck does
// not have.
//
// The one call to make is [New]; [Checker.Check] asks. The checker is a Java program of
// some 500 MB of memory that takes seconds to start, so it is started when the first page
// is to be checked, runs as a server on loopback, is asked one page at a time with a time
// limit, and is started again, later each time, when it crashes. A checker that runs
// already can be named by its URL.
//
// It is never needed, never downloaded, and never sees anything but the page's bytes.
package nu
