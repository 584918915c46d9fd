// Package chaos makes a handler slow, narrow and unreliable on purpose, so that a front
// end is seen as its users see it. The one call to make is
//
//	mux.Handle("/api/", chaos.Chaos{Latency: 300 * time.Millisecond, Fail: 0.1}.Handler(api))
//
// Each answer says in Server-Timing what was done to it, where the browser's developer
// tools show it. Waits end when the client leaves.
//
// It never touches what is in a message, and the bytes of an upgraded connection
// (WebSocket) go at full speed; its latency and failures meet the upgrade request.
//
// Paste had nothing of the kind.
package chaos
