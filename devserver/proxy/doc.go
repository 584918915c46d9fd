// Package proxy forwards requests to the target and records them as exchanges.
// Make one with [New] and mount [Proxy.Handler] for each listener; connections that
// are not HTTP go to [Proxy.Tunnel].
//
// It is transparent: what the client sends reaches the target and what the target
// sends reaches the client as it was, when it was: no buffering, no time limits, no
// decoding, no changed URL. What it adds is named in the record and can be turned
// off. Four things net/http does not let through are the letter case and order of
// header fields, the reason phrase of a status line, chunk boundaries, and the
// Content-Type and Content-Length of a 304.
//
// It never decides whether the target is current (a [Route] does), never repeats a
// request that the target may have carried out, never answers CONNECT, and never
// sends a replay to any address but the target's.
package proxy
