// Package httpx holds what handlers of every kind need and net/http leaves to them: the
// mount point below which a handler sits ([WithMount], [MountPoint]), the URL that the
// client typed ([ExternalURL]), content negotiation ([Negotiate], [NegotiateLanguage]), a
// request body that can be read more than once ([Spool]), a response writer that takes a
// response aside or copies it ([NewCapture], [NewTee]), cookies and query parameters in
// their order and with their blemishes ([Cookies], [ParseQuery]), an immutable [URL] for
// links, a refusal in the form that the client asks for ([Refusal], [Forms]), and a handler
// that answers with the request it got ([Echo]).
//
// There is no one call to make: each of these stands alone and works in any net/http
// program. The package never starts a goroutine, never buffers a body beyond a stated
// bound and trusts no forwarding header unless told whose.
//
// In Paste these are paste.request, paste.response, paste.wsgilib, paste.httpheaders and
// paste.url.
package httpx
