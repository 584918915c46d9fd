package prints

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	xhtml "golang.org/x/net/html"

	"github.com/pastedev/pastedev/inspect"
)

// placeIDs are the elements that a page can offer for the lines, ours and Paste's.
var placeIDs = []string{"pastedev-prints", "paste-debug-prints"}

// style has no effect where the page's policy forbids it; the lines are readable without.
const style = "margin:0;padding:8px 12px;border-bottom:2px solid #d5382a;background:#fffdf5;color:#211f1c;font:13px/1.5 monospace;white-space:pre-wrap;overflow-wrap:anywhere;max-height:40vh;overflow:auto;text-align:left"

// box is the lines as HTML text, "" when there is nothing to show.
func (r *record) box() string {
	lines, dropped := r.all()
	r.mu.Lock()
	taken := r.taken
	r.mu.Unlock()
	if taken || len(lines) == 0 {
		return ""
	}
	return `<pre id="pastedev-prints" style="` + style + `">` + linesHTML(lines, dropped) + "</pre>"
}

func linesHTML(lines []inspect.Output, dropped int) string {
	var b strings.Builder
	b.WriteByte('\n') // the parser drops one line feed after <pre>
	for _, o := range lines {
		if o.Level != "" {
			fmt.Fprintf(&b, "%s ", html.EscapeString(plain(o.Level)))
		}
		b.WriteString(html.EscapeString(plain(o.Text)))
		for _, a := range o.Attrs {
			fmt.Fprintf(&b, " %s=%s", html.EscapeString(plain(a.Key)), html.EscapeString(plain(a.Value)))
		}
		if n := len(o.Shared); n > 0 {
			fmt.Fprintf(&b, "  (shared by %d requests)", n)
		}
		if !o.Partial {
			b.WriteByte('\n')
		}
	}
	if dropped > 0 {
		fmt.Fprintf(&b, "(%d more lines)\n", dropped)
	}
	return b.String()
}

// place puts the box into a page: into the element that the page offers, else after
// <body>, else at the end, where a parser adds it to the body as well.
func place(page []byte, box string) []byte {
	at, inside := find(page)
	if inside {
		box = strings.TrimSuffix(box[strings.IndexByte(box, '>')+1:], "</pre>")
	}
	out := make([]byte, 0, len(page)+len(box))
	out = append(out, page[:at]...)
	out = append(out, box...)
	return append(out, page[at:]...)
}

// find returns where the lines go, and whether that is inside an element made for them. The
// tokenizer knows comments, scripts and attributes, in which neither is meant.
func find(page []byte) (at int, inside bool) {
	z := xhtml.NewTokenizer(bytes.NewReader(page))
	pos, body := 0, -1
	for {
		kind := z.Next()
		pos += len(z.Raw())
		if kind == xhtml.ErrorToken {
			break
		}
		if kind != xhtml.StartTagToken {
			continue
		}
		name, attrs := z.TagName()
		if body < 0 && string(name) == "body" {
			body = pos
		}
		for attrs && string(name) == "pre" {
			var k, v []byte
			k, v, attrs = z.TagAttr()
			if string(k) == "id" && (string(v) == placeIDs[0] || string(v) == placeIDs[1]) {
				return pos, true
			}
		}
	}
	if body >= 0 {
		return body, false
	}
	return len(page), false
}

// plain removes escape sequences and control characters but tabs.
func plain(s string) string {
	var b strings.Builder
	esc := 0 // 1 after ESC, 2 in CSI, 3 in a string until BEL or ST
	for _, r := range s {
		switch {
		case r == 0x1b:
			esc = 1
		case esc == 1:
			switch {
			case r == '[':
				esc = 2
			case strings.ContainsRune("]PX^_", r):
				esc = 3
			default:
				esc = 0
			}
		case esc == 2:
			if r >= 0x40 && r <= 0x7e {
				esc = 0
			}
		case esc == 3:
			if r == 0x07 {
				esc = 0
			}
		case r == '\t' || r >= ' ' && (r < 0x7f || r >= 0xa0) && !(r >= 0x202a && r <= 0x202e) && !(r >= 0x2066 && r <= 0x2069):
			b.WriteRune(r)
		}
	}
	return b.String()
}
