// Package reloader turns an edit into a running program: a [Watcher] hears of
// the edit, the builder makes the new program, the supervisor puts it in place
// of the old one and keeps the state that everyone else reads.
//
// The one call to make for the watching half is [Discover] for a Go package
// (or [CommandFiles], [UpstreamFiles] for targets without one), whose [FileSet]
// goes to [Watcher.Watch]; edits then come from [Watcher.Changes] and
// [Watcher.Sync] proves that every edit made so far has been heard of.
//
// It never speaks HTTP, never draws, never writes into the user's tree outside
// the state folder, and never waits before it acts on an edit: there is no
// debounce delay, and what an edit means is decided by contents, not by time
// stamps.
//
// Its ancestor is paste.reloader, which asked every loaded module for its
// modification time once a second and ended the process when one had moved.
package reloader
