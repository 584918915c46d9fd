package http2

import agent "internal/syscall" // pastedev puts it there

// This file joins package http2 in a build made by pastedev, from Go 1.27 on.

type pastedevExchange = agent.Exchange

// PastedevAttach ties a response to its exchange.
func PastedevAttach(w *ResponseWriter, x *pastedevExchange) {
	if w != nil && w.rws != nil {
		w.rws.pastedev = x
	}
}

// PastedevStatus is the status that the response has so far.
func PastedevStatus(w *ResponseWriter) int {
	if w != nil && w.rws != nil {
		return w.rws.status
	}
	return 0
}

// pastedevHead adds the sums to the fields that are about to be sent, which the
// program does not see.
func (rws *responseWriterState) pastedevHead() {
	if rws.pastedev == nil {
		return
	}
	if rws.snapHeader == nil {
		rws.snapHeader = make(Header)
	}
	rws.snapHeader[agent.HeaderSums] = []string{string(rws.pastedev.AppendSums(nil))}
}
