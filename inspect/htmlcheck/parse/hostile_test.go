package parse

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostile are documents of a quarter of a megabyte that ask for more than linear work.
func hostile() map[string][]byte {
	const size = 1 << 18
	fill := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	number := func(format string) []byte {
		var b bytes.Buffer
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.Bytes()
	}
	every := make([]byte, size)
	for i := range every {
		every[i] = byte(i)
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	half := func(b []byte) []byte { return b[:len(b)/2] }
	return map[string][]byte{
		"nested tags":          fill("<div>"),
		"nested unknown tags":  fill("<x>"),
		"nested tables":        fill("<table><tr><td>"),
		"tables in tables":     fill("<table>"),
		"foster parenting":     fill("<table>x<tr>"),
		"foster parenting b":   fill("<table><b>x<tr>"),
		"deep, then blocks":    join(half(fill("<span>"))[:6000], fill("<p>")),
		"p hidden in object":   join([]byte("<p><object>"), []byte(strings.Repeat("<span>", 1900)), fill("<div></div>")),
		"formatting":           fill("<b>"),
		"formatting, distinct": number("<b a=%d>"),
		"reconstruct":          join([]byte("<p>"), number("<b a=%d>")[:50_000], []byte("</p>"), fill("<p>x</p>")),
		"adoption":             fill("<b><p></b>"),
		"adoption of a":        fill("<a><div>"),
		"adoption, many":       join([]byte(strings.Repeat("<b><div>", 900)), fill("</b>")),
		"misnested":            fill("<b><i><p></b></i>"),
		"stray end tags":       fill("x</x>"),
		"end tags p":           fill("</p>"),
		"attributes":           join([]byte("<p "), number("a%d "), []byte(">")),
		"formatting, long":     bytes.Repeat(join([]byte("<b "), number("a%d ")[:size/4], []byte(">")), 4),
		"body attributes":      number("<body a%d>"),
		"long attribute":       join([]byte("<p a='"), fill("x"), []byte("'>")),
		"references":           fill("&amp;"),
		"bad references":       fill("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		"ampersands":           fill("&"),
		"less-than signs":      fill("<"),
		"open comments":        fill("<!--"),
		"comment dashes":       join([]byte("<!--"), fill("--!-")),
		"bogus comments":       fill("<!>"),
		"script":               join([]byte("<script>"), fill("<!--<script>")),
		"title":                join([]byte("<title>"), fill("</titl")),
		"NULs":                 make([]byte, size),
		"every byte":           every,
		"controls on one line": fill("\x01"),
		"CR LF":                fill("\r\n"),
		"malformed":            fill("\xF0\x90"),
		"templates":            fill("<template>"),
		"select":               fill("<select><option><optgroup>"),
		"svg":                  fill("<svg><desc>"),
		"svg, breaking out":    fill("<svg><g><p>"),
		"forms":                fill("<form></form><form>"),
		"lists":                fill("<li><ul>"),
		"ruby":                 fill("<ruby><rt>"),
		"framesets":            fill("<frameset>"),
		"html":                 fill("<html a><head></head>"),
	}
}

// TestHostile reads each in bounded memory, and in time that no quadratic reading has.
func TestHostile(t *testing.T) {
	for name, doc := range hostile() {
		t.Run(name, func(t *testing.T) {
			for _, fragment := range []bool{false, true} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := time.Now()
				d := Parse(doc, Options{Fragment: fragment})
				took := time.Since(start)
				runtime.ReadMemStats(&after)
				perByte := (after.TotalAlloc - before.TotalAlloc) / uint64(len(doc))
				checkTree(t, d, len(doc))
				t.Logf("%v, %d bytes a byte, %d errors, truncated %v", took.Round(time.Millisecond), perByte, len(d.Errors), d.Truncated)
				if perByte > 250 {
					t.Errorf("%d bytes were allocated for each byte", perByte)
				}
			}
		})
	}
}
