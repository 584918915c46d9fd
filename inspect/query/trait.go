package query

import (
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// trait is a yes-or-no property of an exchange: is:NAME, or NAME alone.
type trait func(s *inspect.Summary) bool

func (t trait) term(name string) node {
	return term{text: "is:" + name, test: func(c *candidate) bool { return t(c.s) }}
}

// traits is read only.
var traits = map[string]trait{
	"error":    func(s *inspect.Summary) bool { return s.Error != "" || s.Status >= 500 },
	"replay":   func(s *inspect.Summary) bool { return s.ReplayOf != "" },
	"slow":     func(s *inspect.Summary) bool { return s.Duration.Duration() >= slowFrom },
	"slower":   func(s *inspect.Summary) bool { return s.Verdict != "" },
	"static":   isStatic,
	"inflight": func(s *inspect.Summary) bool { return s.InFlight },
	"sub":      func(s *inspect.Summary) bool { return s.Parent != "" },
}

// things is what has: knows; read only.
var things = map[string]trait{
	"error":    func(s *inspect.Summary) bool { return s.Error != "" },
	"body":     func(s *inspect.Summary) bool { return s.ResponseSize > 0 },
	"reqbody":  func(s *inspect.Summary) bool { return s.RequestSize > 0 },
	"page":     func(s *inspect.Summary) bool { return s.Page != "" },
	"build":    func(s *inspect.Summary) bool { return s.Build > 0 },
	"trace":    func(s *inspect.Summary) bool { return s.Sums.Errors > 0 },
	"sql":      func(s *inspect.Summary) bool { return s.Sums.SQL > 0 },
	"calls":    func(s *inspect.Summary) bool { return s.Sums.Calls > 0 },
	"logs":     func(s *inspect.Summary) bool { return s.Sums.Logs > 0 },
	"tree":     func(s *inspect.Summary) bool { return s.Sums.Nodes > 0 },
	"html":     func(s *inspect.Summary) bool { return s.Sums.HTMLErrors > 0 },
	"verdict":  func(s *inspect.Summary) bool { return s.Verdict != "" },
	"children": func(s *inspect.Summary) bool { return s.Subs > 0 },
	"process":  func(s *inspect.Summary) bool { return s.Sums.Programs > 0 },
}

func isTerm(name, op string, v value, p *parser) (func(*candidate) bool, error) {
	return traitTerm(name, op, v, traits)
}

func hasTerm(name, op string, v value, p *parser) (func(*candidate) bool, error) {
	return traitTerm(name, op, v, things)
}

func traitTerm(name, op string, v value, known map[string]trait) (func(*candidate) bool, error) {
	if op != ":" && op != "=" {
		return nil, v.errorf("", "%s is written with a colon", name)
	}
	t, ok := known[strings.ToLower(v.text)]
	if !ok {
		var names []string
		for n := range known {
			names = append(names, n)
		}
		slices.Sort(names)
		return nil, v.errorf(Nearest(v.text, names), "%s:%s is unknown, not one of %s", name, v.text, strings.Join(names, ", "))
	}
	return func(c *candidate) bool { return t(c.s) }, nil
}

// isStatic reports whether an exchange looks like the fetch of an asset: by the type
// of a response, or, where there is none (304, a failure), by the path's extension.
func isStatic(s *inspect.Summary) bool {
	if s.Kind != inspect.KindHTTP || s.Method != "GET" && s.Method != "HEAD" {
		return false
	}
	if s.ContentType != "" && s.Status < 400 {
		for _, class := range []string{"css", "js", "image", "font", "media", "wasm"} {
			if typeClasses[class](mediaType(s.ContentType)) {
				return true
			}
		}
		return false
	}
	switch strings.ToLower(path.Ext(s.Path)) {
	case ".css", ".js", ".mjs", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico",
		".woff", ".woff2", ".ttf", ".otf", ".mp3", ".mp4", ".webm", ".wasm":
		return true
	}
	return false
}

// typeClasses are the short names that type: knows; read only. Any other value is
// looked for in the content type as it was sent.
var typeClasses = map[string]func(mediaType string) bool{
	"json": func(t string) bool {
		return strings.HasSuffix(t, "/json") || strings.HasSuffix(t, "+json") || strings.Contains(t, "ndjson")
	},
	"html":  func(t string) bool { return t == "text/html" || t == "application/xhtml+xml" },
	"xml":   func(t string) bool { return strings.HasSuffix(t, "/xml") || strings.HasSuffix(t, "+xml") },
	"css":   func(t string) bool { return t == "text/css" },
	"js":    func(t string) bool { return strings.HasSuffix(t, "javascript") || strings.HasSuffix(t, "ecmascript") },
	"image": func(t string) bool { return strings.HasPrefix(t, "image/") },
	"font":  func(t string) bool { return strings.HasPrefix(t, "font/") || strings.Contains(t, "font-") },
	"media": func(t string) bool { return strings.HasPrefix(t, "audio/") || strings.HasPrefix(t, "video/") },
	"wasm":  func(t string) bool { return t == "application/wasm" },
	"text":  func(t string) bool { return strings.HasPrefix(t, "text/") },
	"form":  func(t string) bool { return t == "application/x-www-form-urlencoded" || t == "multipart/form-data" },
	"sse":   func(t string) bool { return t == "text/event-stream" },
	"grpc":  func(t string) bool { return strings.HasPrefix(t, "application/grpc") },
}

// mediaType returns a content type without its parameters, in lower case.
func mediaType(contentType string) string {
	if t, _, err := mime.ParseMediaType(contentType); err == nil {
		return t
	}
	t, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

func typeTerm(name, op string, v value, p *parser) (func(*candidate) bool, error) {
	if class, ok := typeClasses[strings.ToLower(v.text)]; ok && (op == ":" || op == "=") {
		return func(c *candidate) bool { return class(mediaType(c.s.ContentType)) }, nil
	}
	return summaryText(func(s *inspect.Summary) string { return s.ContentType })(name, op, v, p)
}

// wordTerm looks for a bare word in the URL, as it was sent and with its path decoded.
func wordTerm(v value) node {
	return term{text: quote(v.text), test: func(c *candidate) bool {
		return containsFold(c.s.URL, v.text) || containsFold(c.s.Path, v.text)
	}}
}
