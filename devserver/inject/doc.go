// Package inject puts one script tag into HTML responses while they stream.
//
// The one call to make is [Injector.Apply] on each response, with
// [Injector.Request] on each request before it goes to the target:
//
//	in.Request(out)                          // conditional requests keep working
//	injected := in.Apply(req, res, inject.Tag{Src: "/_pastedev/panel.js?id=..."})
//
// The tag stands first inside <head>, where that is by the rules of the WHATWG
// HTML parser, and the output without the tag is byte for byte the content that
// the target sent. The page is never buffered: the package looks at no more than
// a bounded window at its start and copies the rest through, forwarding whatever
// a read returned before it reads again. A compressed body is decoded and encoded
// again with the same coding; the negotiated coding never changes.
//
// It never adds 'unsafe-inline' to a policy, never strips a validator, and never
// touches what is not a whole HTML page on its way into a browser: fragments,
// downloads, ranges, HEAD, 204, 304, no-transform, UTF-16, unknown codings.
//
// Its Paste ancestor is the filter of paste.evalexception and paste.debug.prints
// that looked for </body> in a buffered page.
package inject
