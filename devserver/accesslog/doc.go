// Package accesslog writes a line for every request: in the combined format that log
// readers know, or as JSON.
//
//	log := &accesslog.Middleware{Out: os.Stdout}
//	defer log.Close()
//	http.ListenAndServe(addr, log.Handler(app))
//
// What the client sent is what is logged, also when a handler below rewrites the request;
// the bytes are those that were written. Whatever a client sends, its request is one line
// of printable text: control bytes, quotes and bytes that are no UTF-8 are escaped. A
// forwarding header is believed only from proxies that are trusted. A log that is slow or
// stuck never holds up an answer: lines wait in a bounded queue, and what does not fit is
// dropped and counted. The package runs no goroutine while nothing waits.
//
// In Paste this is paste.translogger.
package accesslog
