package compress

import (
	"net/http"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// MinSize is the smallest body that is compressed unless told otherwise: what fits one
// packet anyway gains nothing.
const MinSize = 1024

// Middleware compresses the answers of handlers. Its zero value works.
type Middleware struct {
	// Min is the smallest body, in bytes, that is compressed. Zero means [MinSize].
	Min int
	// Types reports whether a Content-Type gains by compression. Nil means [Compressible].
	Types func(contentType string) bool
	// Saved hears of each compressed answer, at its end, how many bytes its body had
	// before and after. Nil means nobody does.
	Saved func(r *http.Request, before, after int64)
}

// Handler compresses the answers of next.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	minSize := m.Min
	if minSize <= 0 {
		minSize = MinSize
	}
	types := m.Types
	if types == nil {
		types = Compressible
	}
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(minSize), gzhttp.ContentTypeFilter(types))
	if err != nil { // only options of other values are refused
		panic("compress: " + err.Error())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || r.Method == http.MethodConnect {
			next.ServeHTTP(w, r)
			return
		}
		vary := slices.Clone(w.Header()["Vary"])
		below := &wire{ResponseWriter: w}
		above := &writer{below: below, min: int64(minSize), types: types, r: r}
		above.choose = func(contentType string) string { return choose(wrap, r, contentType) }
		wrap(http.HandlerFunc(func(zw http.ResponseWriter, r *http.Request) {
			if vary == nil { // we say it ourselves, and only where it is true
				delete(zw.Header(), "Vary")
			} else {
				zw.Header()["Vary"] = vary
			}
			above.ResponseWriter = zw
			if _, ok := zw.(*gzhttp.GzipResponseWriter); !ok {
				above.plain = true // the client takes neither encoding
			}
			next.ServeHTTP(above, r)
			above.finish()
		})).ServeHTTP(below, r)
		if m.Saved != nil && below.compressed {
			m.Saved(r, above.written, below.written)
		}
	})
}

// Compressible reports whether a body of a Content-Type gains by compression: text, JSON,
// XML, scripts, fonts and the like, but not event streams, whose events are small and
// whose readers are impatient.
func Compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	t = strings.ToLower(strings.TrimSpace(t))
	switch t {
	case "text/event-stream":
		return false
	case "application/json", "application/javascript", "application/ecmascript", "application/x-javascript", "application/xml",
		"application/wasm", "application/x-ndjson", "application/jsonl", "application/yaml", "application/x-yaml", "application/toml",
		"application/sql", "application/graphql", "application/rtf", "application/postscript", "application/x-sh",
		"application/vnd.ms-fontobject", "application/x-font-ttf", "application/x-tar",
		"font/ttf", "font/otf", "font/collection", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon", "image/x-ms-bmp":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "+xml") ||
		strings.HasSuffix(t, "+text") || strings.HasSuffix(t, "+yaml")
}

// hasToken reports whether a field that is a list names token.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for v := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(v), token) {
				return true
			}
		}
	}
	return false
}
