// Package devserver turns requests into exchanges. A [Front] answers at the
// addresses the target asked for, keeps them open while the target is built and
// started anew, holds requests at its [Gate] until the target is current, and has
// them forwarded and recorded by devserver/proxy. The one call to make is [New].
//
// It never starts, stops or builds anything: it is told (SetState, Reset,
// SetBackend, Adopt). It never opens an address that neither the target nor the
// caller named, and it answers requests of its own (/_pastedev/) to this machine only.
//
// Its Paste ancestor is paste.httpserver with the monitor of paste.reloader, which
// closed the port at each restart.
package devserver
