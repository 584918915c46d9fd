//go:build !nethttpomithttp2

package http

import "net/http/internal/http2"

// This file joins package http in a build made by pastedev, from Go 1.27 on, where
// HTTP/2 is a package of its own.

func init() {
	pastedevH2.attach = func(rw ResponseWriter, x *pastedevExchange) {
		if w, ok := rw.(http2ResponseWriter); ok {
			http2.PastedevAttach(w.ResponseWriter, x)
		}
	}
	pastedevH2.status = func(rw ResponseWriter) int {
		if w, ok := rw.(http2ResponseWriter); ok {
			return http2.PastedevStatus(w.ResponseWriter)
		}
		return 0
	}
}
