package inspect

import "time"

// Kind says what sort of traffic an exchange carried.
type Kind string

// The kinds of exchange.
const (
	KindHTTP      Kind = "http"      // a request with its response
	KindWebSocket Kind = "websocket" // an upgrade to WebSocket; the messages follow as bytes
	KindUpgrade   Kind = "upgrade"   // an upgrade to any other protocol
	KindTunnel    Kind = "tunnel"    // a connection that is not HTTP (TLS, say), passed through untouched
)

// Summary is what a list shows of an exchange. It is small and holds no body, so
// that many thousands fit into memory.
type Summary struct {
	ID           ID        `json:"id"`
	Seq          int64     `json:"seq"` // order of arrival in the history, 1 or more; survives restarts of pastedev
	Kind         Kind      `json:"kind"`
	Method       string    `json:"method"`
	URL          string    `json:"url"` // absolute, as the client asked for it
	Host         string    `json:"host"`
	Path         string    `json:"path"`   // decoded URL path
	Proto        string    `json:"proto"`  // protocol of the client's side: HTTP/1.1, HTTP/2.0
	Status       int       `json:"status"` // 0 until a response has begun, or when none came
	Start        time.Time `json:"start"`
	Duration     Millis    `json:"duration_ms"`    // arrival to last byte; so far, when InFlight
	InFlight     bool      `json:"in_flight"`      // not finished yet
	Rehearsal    bool      `json:"-"`              // one of the many replays that a profile is made of; never kept
	RequestSize  int64     `json:"request_size"`   // body bytes from the client as sent, encoded
	ResponseSize int64     `json:"response_size"`  // body bytes from the target as sent, encoded
	ContentType  string    `json:"content_type"`   // of the response, as sent
	Client       string    `json:"client"`         // address of the client, ip:port
	Build        int       `json:"build"`          // number of the build that answered; 0 without one
	Page         ID        `json:"page,omitempty"` // the page whose script or markup asked, where known
	ReplayOf     ID        `json:"replay_of,omitempty"`
	Parent       ID        `json:"parent,omitempty"` // the exchange that this one is a sub-request of; its client is the app, not the network
	Via          Via       `json:"via,omitempty"`    // why there is a sub-request; set where Parent is
	Mount        string    `json:"mount,omitempty"`  // the path that pastedev serve has what answered at; empty in run
	Subs         int       `json:"subs,omitempty"`   // sub-requests of this one, in the history; the store counts them
	Error        string    `json:"error,omitempty"`  // what went wrong on the way, in words; empty for any complete answer
	Sums         Sums      `json:"sums,omitzero"`    // of what happened inside
	// Verdict says in one line what got slower since the build before, empty when nothing
	// did: "+38 ms in loadCart, 12 more SELECTs".
	Verdict string `json:"verdict,omitempty"`
}

// Exchange is a request with its response and all that is known of both.
type Exchange struct {
	Summary
	Timing   Timing  `json:"timing"`
	Request  Message `json:"request"`
	Response Message `json:"response"`
	// ResponseFrom says who made the response: the target, or pastedev itself (the
	// build-error page, a held request whose limit passed, a dead upstream).
	ResponseFrom Origin `json:"response_from,omitempty"`
	// Injected is set when pastedev added its script tag to the response. Sizes and
	// bodies in the record are always the target's own, before the injection.
	Injected bool `json:"injected,omitempty"`
	// Added lists the header fields that pastedev added to the request on its way to
	// the target ("X-Forwarded-For", ...). They are not in Request.Header.
	Added []string `json:"added,omitempty"`

	// What happened inside the target, in the order of its beginning. Sums counts also
	// what was too much to keep.
	Logs   []Output `json:"logs,omitempty"`
	Spans  []Span   `json:"spans,omitempty"`
	Traces []int64  `json:"traces,omitempty"` // IDs of the traces of this exchange

	// CallTree is nil when it was off, or the target has none. It is large, and left out
	// where an exchange is not asked for by itself.
	CallTree *CallTree `json:"call_tree,omitempty"`

	// HTML is what the check found in the response's body, nil when there was none: not
	// HTML, switched off, or not done yet.
	HTML *HTMLCheck `json:"html,omitempty"`

	// Children are the sub-requests of this one, in order of their beginning. They are
	// found when an exchange is asked for by itself.
	Children []Summary `json:"children,omitempty"`

	// Hints are what could be better about the exchange as a whole. They are made when it is
	// asked for by itself, and not kept.
	Hints []Diagnostic `json:"hints,omitempty"`
}

// Origin says who made a response.
type Origin string

// The origins of a response.
const (
	FromTarget   Origin = "target"
	FromPastedev Origin = "pastedev"
)

// Via says how a sub-request came about.
type Via string

// The kinds of sub-requests.
const (
	ViaForward  Via = "forward"  // its answer is the answer of the exchange it belongs to
	ViaInclude  Via = "include"  // its answer is a part of that one
	ViaRedirect Via = "redirect" // a local redirect of a CGI program, RFC 3875 section 6.2.2
	ViaError    Via = "error"    // the page in place of a failed answer
)

// Words says it in a word or two, as views do: "forwarded", "error page". A kind that is not
// known here is told as it is.
func (v Via) Words() string {
	switch v {
	case ViaForward:
		return "forwarded"
	case ViaInclude:
		return "included"
	case ViaRedirect:
		return "redirected"
	case ViaError:
		return "error page"
	}
	return string(v)
}

// Timing holds the phases of an exchange. Each is measured from the end of the one
// before; a phase that did not take place is 0.
type Timing struct {
	Held       Millis `json:"held_ms"`     // waiting at the gate for a current build
	Connect    Millis `json:"connect_ms"`  // dialling the target; 0 on a kept connection
	Send       Millis `json:"send_ms"`     // request head and body to the target
	Wait       Millis `json:"wait_ms"`     // last request byte sent to first response byte
	Receive    Millis `json:"receive_ms"`  // first to last response byte
	Total      Millis `json:"total_ms"`    // arrival to last byte
	ReusedConn bool   `json:"reused_conn"` // the connection to the target was a kept one
}

// Header is a set of header fields under their canonical names. It has the shape
// of http.Header and converts to it.
type Header map[string][]string

// Get returns the first value of the field with this canonical name, or "".
func (h Header) Get(name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Message is one half of an exchange.
type Message struct {
	Proto   string `json:"proto,omitempty"`
	Header  Header `json:"header"`
	Trailer Header `json:"trailer,omitempty"`
	Body    Body   `json:"body"`
}

// Body is what was kept of a message body. Data is as it was sent, content coding
// included.
type Body struct {
	Size      int64  `json:"size"`           // bytes that went by
	Data      []byte `json:"data,omitempty"` // the first of them, up to the body limit; base64 in JSON
	Truncated bool   `json:"truncated"`      // Data is shorter than Size
	// Decoded is set in copies made for display whose Data has lost the content
	// codings that the header names. A recorded body never has it.
	Decoded bool `json:"decoded,omitempty"`
}
