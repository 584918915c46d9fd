// Package inspect holds what is known of an exchange: the record types that every
// room of pastedev shares, and nothing else.
//
// The types are plain values with JSON tags. They are at once what the recorder
// fills in, what the history stores, what the control API sends and what the
// terminal UI, the inspector page and the command line show. The package imports
// only the standard library and nothing of pastedev, so any program may use it.
//
// A value handed to [Event] consumers is shared: treat it as read-only.
//
// Its Paste ancestor is the WSGI environ, which carried what every filter knew of
// a request; here that knowledge is typed.
package inspect
