package traceback

import (
	"bytes"
	"encoding/json"
	"html"
	"mime"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

const (
	maxBody  = 1 << 20 // bytes of a text or body that are searched
	maxDepth = 8       // of JSON that is searched for text
)

// embedded returns the text of a stack that a structured log line carries as an escaped
// string (echo's recoverer, slog's handlers, pino), with the message before it; "" when
// there is none.
func embedded(line string) string {
	if !strings.Contains(line, "goroutine ") && !strings.Contains(line, `    at `) &&
		!strings.Contains(line, "Traceback (most recent call last)") && !strings.Contains(line, `\tat `) {
		return ""
	}
	line, _ = cut(strings.TrimSpace(line), maxJSON)
	if i := strings.IndexByte(line, '{'); i >= 0 {
		if text := fromJSON([]byte(line[i:])); text != "" {
			return text
		}
	}
	for rest := line; ; {
		i := strings.IndexByte(rest, '"')
		if i < 0 {
			return ""
		}
		q, err := strconv.QuotedPrefix(rest[i:])
		if err != nil {
			rest = rest[i+1:]
			continue
		}
		if text, err := strconv.Unquote(q); err == nil && holdsStack(text) {
			return spread(rest[:i], text)
		}
		rest = rest[i+len(q):]
	}
}

func fromJSON(b []byte) string {
	var v any
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&v); err != nil {
		return ""
	}
	text, msg := deepText(v, maxDepth)
	if text == "" {
		return ""
	}
	return spread(msg, text)
}

// deepText finds the string that holds a stack, and the message that stands beside it.
func deepText(v any, depth int) (text, beside string) {
	if depth == 0 {
		return "", ""
	}
	switch v := v.(type) {
	case string:
		if holdsStack(v) {
			return v, ""
		}
	case []any:
		for _, e := range v {
			if text, beside = deepText(e, depth-1); text != "" {
				return text, beside
			}
		}
	case map[string]any:
		for _, e := range v {
			if text, beside = deepText(e, depth-1); text == "" {
				continue
			}
			for _, k := range []string{"panic", "error", "err", "message", "msg"} {
				if s, ok := v[k].(string); ok && beside == "" && s != text {
					beside = s
				}
			}
			return text, beside
		}
	}
	return "", ""
}

func holdsStack(s string) bool {
	return strings.Contains(s, "\n") && (strings.Contains(s, "goroutine ") && strings.Contains(s, "]:\n") ||
		strings.Contains(s, "\n    at ") || strings.Contains(s, "\n\tat ") || strings.Contains(s, "Traceback (most recent call last):\n"))
}

// spread puts a goroutine header that follows its message on the same line (echo) on a
// line of its own.
func spread(before, text string) string {
	head, rest, _ := strings.Cut(text, "\n")
	i := strings.LastIndex(head, "goroutine ")
	if i < 0 || !strings.HasSuffix(head, "]:") {
		return text
	}
	msg := strings.TrimSpace(head[:i])
	for _, p := range []string{"[PANIC RECOVER]", "panic:"} {
		msg = strings.TrimSpace(strings.TrimPrefix(msg, p))
	}
	if msg == "" {
		msg = logfmtMessage(before)
	}
	return "panic recovered: " + oneLine(msg, maxHeadline) + "\n" + head[i:] + "\n" + rest
}

// logfmtMessage takes the message out of what stands before the stack in a line like
// `level=ERROR msg="panic recovered" err="boom" stack=`.
func logfmtMessage(s string) string {
	for _, k := range []string{"panic=", "error=", "err=", "msg="} {
		i := strings.LastIndex(s, k)
		if i < 0 {
			continue
		}
		v := s[i+len(k):]
		if q, err := strconv.QuotedPrefix(v); err == nil {
			v, _ = strconv.Unquote(q)
			return v
		}
		v, _, _ = strings.Cut(v, " ")
		return v
	}
	return s
}

// FromBody finds the trace in the body of an answer: plain text, JSON, or the HTML pages
// that the common frameworks make. The body must be decoded; the first MiB is searched.
func FromBody(contentType string, body []byte, roots Roots) (inspect.Trace, bool) {
	text := string(body[:min(len(body), maxBody)])
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = ""
	}
	switch {
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		text = fromJSON([]byte(text))
	case kind == "text/html" || kind == "application/xhtml+xml":
		text = untag(text)
	case strings.HasPrefix(kind, "text/") || kind == "":
	default:
		return inspect.Trace{}, false
	}
	found := Find(text, roots)
	if len(found) == 0 {
		return inspect.Trace{}, false
	}
	return found[0], true
}

// untag makes text of HTML: tags are dropped, the ones that end a line become one, and
// comments are kept, because Werkzeug puts its plain traceback into one.
func untag(s string) string {
	s = strings.NewReplacer("<!--", "\n", "-->", "\n").Replace(s)
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		end := strings.IndexByte(s, '>')
		if end < 0 || len(s) < 2 || !(s[1] == '/' || s[1] == '!' || s[1] >= 'a' && s[1] <= 'z' || s[1] >= 'A' && s[1] <= 'Z') {
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		if endsLine(s[1:end]) {
			b.WriteByte('\n')
		}
		s = s[end+1:]
	}
	return strings.ReplaceAll(html.UnescapeString(b.String()), "\u00a0", " ")
}

func endsLine(tag string) bool {
	name := strings.ToLower(strings.Trim(tag, "/ "))
	name, _, _ = strings.Cut(name, " ")
	switch name {
	case "br", "br/", "p", "div", "li", "tr", "h1", "h2", "pre", "textarea", "title", "body":
		return true
	}
	return false
}
