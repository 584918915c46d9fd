package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxSpans bounds the coloured parts of one View; what follows is shown plain.
const maxSpans = 100_000

// looksJSON reports whether text begins as a JSON object or array does.
func looksJSON(text string) bool {
	t := strings.TrimLeft(text, " \t\r\n")
	return t != "" && (t[0] == '{' || t[0] == '[')
}

// jsonView indents text, keeping order, numbers and escapes as they were sent. Text
// that is not JSON becomes KindText with a note about the place of the error.
func jsonView(text string) View {
	text = Terminal(text, false) // before the spans are found; JSON has no control characters
	if size := indentedSize(text); size > maxPretty {
		v := View{Kind: KindJSON, Text: text, Note: "not indented: it would become too long"}
		if !json.Valid([]byte(text)) {
			v.Kind, v.Note = KindText, jsonError(text)
		}
		return v
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(strings.TrimSpace(text)), "", "  "); err != nil {
		return View{Kind: KindText, Text: text, Note: jsonError(text)}
	}
	v := View{Kind: KindJSON, Text: out.String()}
	v.Spans = appendSpans(nil, v.Text, 0)
	return v
}

// jsonError describes where text stops being JSON.
func jsonError(text string) string {
	var raw json.RawMessage
	err := json.Unmarshal([]byte(text), &raw)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return "not valid JSON"
	}
	at := min(max(int(syntax.Offset)-1, 0), len(text))
	if strings.Contains(syntax.Error(), "unexpected end") {
		at = len(text)
	}
	line := 1 + strings.Count(text[:at], "\n")
	column := 1 + len([]rune(text[strings.LastIndexByte(text[:at], '\n')+1:at]))
	return fmt.Sprintf("not valid JSON at line %d, column %d: %v", line, column, syntax)
}

// indentedSize estimates the length of text after indentation. Deep nesting makes it
// quadratic, which must not happen.
func indentedSize(text string) int {
	size, depth, inString := len(text), 0, false
	for i := 0; i < len(text) && size <= maxPretty; i++ {
		c := text[i]
		if inString {
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case '{', '[':
			depth++
			size += 1 + 2*depth
		case '}', ']':
			depth = max(0, depth-1)
			size += 1 + 2*depth
		case ',':
			size += 1 + 2*depth
		}
	}
	return size
}

// jsonLines shows one compact value a line; ok is false when any line that is whole
// is not JSON. The last one may be cut.
func jsonLines(text string) (v View, ok bool) {
	lines := strings.Split(strings.TrimRight(Terminal(text, false), "\n"), "\n")
	var b strings.Builder
	values := 0
	for i, line := range lines {
		line = strings.Trim(line, " \t\x1e")
		if line == "" {
			continue
		}
		if !json.Valid([]byte(line)) {
			if i < len(lines)-1 || values == 0 {
				return View{}, false
			}
			v.Note = "the last line is cut"
		}
		v.Spans = appendSpans(v.Spans, line, b.Len())
		b.WriteString(line + "\n")
		values++
	}
	v.Kind, v.Text = KindJSONLines, b.String()
	v.Note = join(fmt.Sprintf("%d values", values), v.Note)
	return v, values > 1
}

// appendSpans finds the tokens of JSON text, which begins at offset in its View.
func appendSpans(spans []Span, text string, offset int) []Span {
	add := func(from, to int, c Class) {
		if len(spans) >= maxSpans {
			return
		}
		spans = append(spans, Span{offset + from, offset + to, c})
	}
	for i := 0; i < len(text); {
		from := i
		switch c := text[i]; {
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			i = min(i+1, len(text))
			class := ClassString
			if rest := strings.TrimLeft(text[i:], " \t\r\n"); strings.HasPrefix(rest, ":") {
				class = ClassKey
			}
			add(from, i, class)
		case strings.IndexByte("{}[],:", c) >= 0:
			i++
			add(from, i, ClassPunct)
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		default:
			for i < len(text) && strings.IndexByte(" \t\r\n{}[],:\"", text[i]) < 0 {
				i++
			}
			class := ClassLiteral
			if c == '-' || c >= '0' && c <= '9' {
				class = ClassNumber
			}
			add(from, i, class)
		}
	}
	return spans
}

// cutSpans drops what lies beyond the end of a shortened text.
func cutSpans(spans []Span, end int) []Span {
	for len(spans) > 0 && spans[len(spans)-1].Start >= end {
		spans = spans[:len(spans)-1]
	}
	if n := len(spans); n > 0 {
		spans[n-1].End = min(spans[n-1].End, end)
	}
	return spans
}
