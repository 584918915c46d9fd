// Package session keeps data of a visitor between requests, on alexedwards/scs, with a
// store in files that survives restarts of the program. The one call to make is
//
//	sessions, err := session.New(session.Options{Dir: ".pastedev/sessions"})
//	http.ListenAndServe(addr, sessions.Handler(mux))
//
// and in a handler sessions.Put(r.Context(), "cart", 3) and the like, which are scs's.
// The cookie holds a random token of 256 bits, is HttpOnly and SameSite=Lax, and lasts a
// day.
//
// scs reads a session when a request begins and writes the whole of it when its answer
// begins, so that of two requests in parallel the later writer would undo the earlier.
// [Manager.Handler] writes only what a request changed: changes of different keys are all
// kept, of the same key the last one holds. Options.Serial takes the requests of one
// session one after another instead, for counters and the like. What is put into a
// session after the answer has begun is still kept if the client has the session's
// cookie already; if not, it cannot be, and Options.Notice hears of it ([LateError]).
//
// [Dir] is the folder that whoever runs the program would like sessions in: pastedev tells
// it, shows them in its inspector, and ends them there. [Folder] is how another program
// looks into one.
//
// It never makes a file name of what a client sent, never reads outside its directory,
// and never brings back a session that was destroyed meanwhile.
//
// For several processes or machines: scs has stores for Redis and PostgreSQL, among
// others (github.com/alexedwards/scs/redisstore, pgxstore, postgresstore); set
// Options.Store to one.
//
// Its Paste ancestors are paste.session and paste.flup_session. The former took the
// cookie for a path and unpickled what was there.
package session
