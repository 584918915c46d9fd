// Package upstream forwards requests to another server: the target of a mount. The one
// call to make is
//
//	target, err := upstream.Parse("http://localhost:9000/base")
//	http.Handle("/", &upstream.Proxy{Target: target})
//
// The target's path is put before the request's; query, bodies, interim answers,
// trailers and upgrades (WebSocket) go through as they are, every piece at once. Location,
// Content-Location and cookies that name the target come back under the mount point. When
// the target cannot be reached, or is this very server, the answer says why and what to do.
//
// It never follows a redirect, never decodes a body, never holds one, and never tries
// another target.
//
// Its Paste ancestor is paste.proxy, which read all bodies whole and died with the target.
package upstream
