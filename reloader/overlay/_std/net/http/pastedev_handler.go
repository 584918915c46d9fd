package http

import (
	"bufio"
	agent "internal/syscall" // pastedev puts it there
)

// This file joins package http in a build made by pastedev. There serverHandler
// makes each request of pastedev's proxy an exchange, and the head of its response
// says what has happened in it so far.

type pastedevExchange = agent.Exchange

// pastedevH2 does for a response of HTTP/2 what this file does for one of HTTP/1.
// It is empty when the program has no HTTP/2. It is set by an init function.
var pastedevH2 struct {
	attach func(ResponseWriter, *pastedevExchange)
	status func(ResponseWriter) int
}

func init() { agent.AbortHandler = ErrAbortHandler }

// pastedevServe begins the exchange of a request, nil for one that is not
// pastedev's, and hides the header that says so.
func pastedevServe(rw ResponseWriter, req *Request) *pastedevExchange {
	if !agent.Active() {
		return nil
	}
	id := ""
	if v, ok := req.Header[agent.HeaderExchange]; ok {
		delete(req.Header, agent.HeaderExchange)
		if len(v) == 1 {
			id = v[0]
		}
	}
	x := agent.Begin(id)
	if x == nil {
		return nil
	}
	if w, ok := rw.(*response); ok {
		w.pastedev = x
	} else if pastedevH2.attach != nil {
		pastedevH2.attach(rw, x)
	}
	return x
}

// pastedevServed ends the exchange, also during a panic.
func pastedevServed(x *pastedevExchange, rw ResponseWriter) {
	if x == nil {
		return
	}
	status := 0
	if w, ok := rw.(*response); ok {
		if status = w.status; status == 0 && w.conn.hijacked() {
			status = StatusSwitchingProtocols
		}
	} else if pastedevH2.status != nil {
		status = pastedevH2.status(rw)
	}
	x.End(status)
}

// pastedevSums writes a line of the response's head.
func pastedevSums(x *pastedevExchange, w *bufio.Writer) {
	if x != nil {
		b := append(w.AvailableBuffer(), agent.HeaderSums+": "...)
		w.Write(append(x.AppendSums(b), "\r\n"...))
	}
}
