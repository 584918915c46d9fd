// Package httperr lets a handler return its failures as errors: [Handler] makes an
// http.Handler of a func(w, r) error and answers for what it returns, as a small HTML page,
// as problem details (RFC 9457) or as text, whichever the client asks for.
//
//	http.Handle("/", httperr.Handler(func(w http.ResponseWriter, r *http.Request) error {
//		u, err := load(r)
//		if errors.Is(err, sql.ErrNoRows) {
//			return httperr.NotFound("no such user").Because(err)
//		}
//		...
//	}))
//
// An [Error] is found through any wrapping. Every other error is a 500 whose text nobody
// sees but the log, unless [Middleware] has Debug set. An error after the first byte never
// ends up in the middle of a page: it is logged and the connection is cut. The package
// recovers no panic but one that was raised with an [Error] below [Middleware.Handler].
//
// In Paste this is paste.httpexceptions.
package httperr
