// Package store keeps the history: every exchange, build and trace, in a SQLite file,
// and the live feed of what happens now.
//
// The one call to make is [Open]; from then on everything that happens enters by
// [Store.Publish] and [Store.PutTrace], and is read back by [Store.Exchanges],
// [Store.Exchange], [Store.Builds], [Store.Outputs], [Store.Traces], [Store.Trace] and
// [Store.Subscribe].
//
// A summary of each exchange stays in memory, packed, so that lists and filters are quick;
// headers, bodies and call trees live in the file and are read one exchange at a time.
// A single goroutine writes, in batches, so that Publish costs its caller neither a disk
// access nor an encoding. A killed process loses at most the last batch.
//
// It never blocks its publisher, never fails to open (a file that cannot be used is
// set aside, a folder that cannot be written means memory only, each with a notice),
// never grows beyond its limits, and never changes a record that it was given. It
// does not mask secrets: that is done where records leave the process.
//
// # Delivery
//
// A subscriber receives events in the order in which they were published, exchanges
// without their call trees. Each has a queue of its own. ExchangeStarted,
// ExchangeUpdated, OutputWritten and a BuildChanged without a result are chatter: they
// are left out when more than [chatterQueue] events wait.
// Everything else is always delivered, or the subscription ends: when more than
// [maxQueue] events or [maxQueueBytes] of what was recorded wait, the channel is closed
// after what was queued before; the subscriber may subscribe again and read what it
// missed with Exchanges and After. A subscriber never slows another one or the
// publisher.
//
// Its Paste ancestor is the request log of the interactive debugger, which kept
// tracebacks in the memory of one process and forgot them with it.
package store
