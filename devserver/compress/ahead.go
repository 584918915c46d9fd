package compress

import (
	"io"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The compressor chooses with the first bytes. A head that is flushed before there are any,
// as a proxy does with a chunked answer, has to name the choice ahead of it.

// choose returns the encoding in which the compressor will answer r, "" for none.
func choose(wrap func(http.Handler) http.HandlerFunc, r *http.Request, contentType string) string {
	p := &probe{h: http.Header{"Content-Type": {contentType}}}
	wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "x")
		w.(http.Flusher).Flush() // it begins here, if ever
	}))(p, &http.Request{Method: http.MethodGet, Header: http.Header{"Accept-Encoding": r.Header["Accept-Encoding"]}})
	return p.h.Get("Content-Encoding")
}

// probe is an answer to nobody.
type probe struct{ h http.Header }

func (p *probe) Header() http.Header         { return p.h }
func (p *probe) WriteHeader(int)             {}
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) Flush()                      {}

// begin sends the head of an answer of unknown length before its first byte, with the
// encoding that its body will have. It reports false where that is not known.
func (w *writer) begin() bool {
	h := w.Header()
	types := h["Content-Type"]
	if w.announced >= 0 || len(types) == 0 || w.r.Method == http.MethodHead || len(h[gzhttp.HeaderNoCompression]) > 0 {
		return false
	}
	w.ahead = w.choose(types[0])
	if w.ahead == "" {
		return false
	}
	w.contentType = types[0]
	h.Set("Content-Encoding", w.ahead)
	h.Del("Accept-Ranges") // of the bytes before
	code := w.code
	if code == 0 {
		code = http.StatusOK
	}
	w.code = 0
	w.below.WriteHeader(code)
	w.below.sent = true
	return true
}

// settle makes the compressor see the head that it is to see at the first byte: what has been
// set since the head was sent counts for nothing.
func (w *writer) settle() {
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Range", gzhttp.HeaderNoCompression} {
		h.Del(name)
	}
	h["Content-Type"] = []string{w.contentType}
}

// nothing is the body of an answer that was begun and has none.
func (w *writer) nothing() error {
	if w.ahead == "gzip" {
		return gzip.NewWriter(w.below).Close()
	}
	z, err := zstd.NewWriter(w.below, zstd.WithZeroFrames(true), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	return z.Close()
}
