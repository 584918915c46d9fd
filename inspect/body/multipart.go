package body

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"slices"
	"strings"
)

// maxParts bounds the parts of a multipart body that are shown.
const maxParts = 100

// multipartView shows the parts of a multipart body one after the other, each with its
// fields and its own pretty form. ok is false when not even one part can be read.
func multipartView(boundary string, data []byte, width, depth int) (v View, ok bool) {
	if boundary == "" || depth >= maxNested {
		return View{}, false
	}
	r := multipart.NewReader(bytes.NewReader(data), boundary)
	var b strings.Builder
	parts := 0
	for ; parts < maxParts && b.Len() < maxPretty; parts++ {
		p, err := r.NextRawPart()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				v.Note = "the end is missing or damaged"
			}
			break
		}
		content, err := io.ReadAll(p)
		if err != nil {
			v.Note = "the last part is cut"
		}
		writePart(&b, p, content, width, depth)
	}
	if parts == 0 {
		return View{}, false
	}
	if parts == maxParts {
		v.Note = join(fmt.Sprintf("only the first %d parts are shown", maxParts), v.Note)
	}
	v.Kind, v.Text, v.Note = KindMultipart, b.String(), join(fmt.Sprintf("%d parts", parts), v.Note)
	return v, true
}

func writePart(b *strings.Builder, p *multipart.Part, content []byte, width, depth int) {
	title := "part"
	if name := p.FormName(); name != "" {
		title = name
	}
	fmt.Fprintf(b, "── %s (%d bytes) ──\n", oneLine(title), len(content))
	var names []string
	for name := range p.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range p.Header[name] {
			fmt.Fprintf(b, "%s: %s\n", oneLine(name), oneLine(value))
		}
	}
	inner := pretty(p.Header.Get("Content-Type"), content, width, depth+1)
	if inner.Note != "" {
		fmt.Fprintf(b, "(%s)\n", oneLine(inner.Note))
	}
	if inner.Text != "" {
		b.WriteString("\n" + strings.TrimRight(inner.Text, "\n") + "\n")
	}
	b.WriteString("\n")
}

func oneLine(s string) string { return strings.ReplaceAll(Terminal(s, false), "\n", " ") }
