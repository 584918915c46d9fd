// Package recursive lets a handler hand its request on to another path of the same
// application ([Forward]), or take that path's answer into its own ([Include]), without
// leaving the process.
//
//	app := (&recursive.Middleware{}).Handler(mux)
//
//	func profile(w http.ResponseWriter, r *http.Request) {
//		if !known(r) {
//			if err := recursive.Forward(w, r, "/login"); err != nil { ... }
//			return
//		}
//		nav, err := recursive.Include(r.Context(), "/nav")
//		...
//	}
//
// The new request starts just below the [Middleware], at a path as a client would write
// it, which must be at or under the mount point of the Middleware. A request that
// comes back to a method, path and query that it descends from is a [LoopError], and so is one that
// is too deep. An included body is streamed, never collected. Nothing here panics, and
// what panics in an included request is an error of the include; the requests that a
// handler has included have ended when its own ends. [From] tells where a request comes from.
//
// In Paste this is paste.recursive.
package recursive
