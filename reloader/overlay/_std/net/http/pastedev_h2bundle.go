//go:build !nethttpomithttp2

package http

import agent "internal/syscall" // pastedev puts it there

// This file joins package http in a build made by pastedev, up to Go 1.26, where
// HTTP/2 is a file of that package.

func init() {
	pastedevH2.attach = func(rw ResponseWriter, x *pastedevExchange) {
		if w, ok := rw.(*http2responseWriter); ok && w.rws != nil {
			w.rws.pastedev = x
		}
	}
	pastedevH2.status = func(rw ResponseWriter) int {
		if w, ok := rw.(*http2responseWriter); ok && w.rws != nil {
			return w.rws.status
		}
		return 0
	}
}

// pastedevHead adds the sums to the fields that are about to be sent, which the
// program does not see.
func (rws *http2responseWriterState) pastedevHead() {
	if rws.pastedev == nil {
		return
	}
	if rws.snapHeader == nil {
		rws.snapHeader = make(Header)
	}
	rws.snapHeader[agent.HeaderSums] = []string{string(rws.pastedev.AppendSums(nil))}
}
