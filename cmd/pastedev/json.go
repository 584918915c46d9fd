package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// printJSON writes v as one line.
func printJSON(w io.Writer, v any) error { return encodeJSON(w, v, "") }

// encodeJSON writes v as JSON that a terminal may see: encoding/json leaves DEL, the control
// characters above it and those that turn the direction of text as they are, which JSON may
// as well write as escapes.
func encodeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeControls(b.Bytes()))
	return err
}

// escapeControls writes what is above ASCII in JSON, and not for a terminal, as escapes. Such
// characters stand in strings only.
func escapeControls(b []byte) []byte {
	risky := func(c rune) bool {
		return c == 0x7f || c >= 0x80 && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c))
	}
	if bytes.IndexFunc(b, risky) < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		c, n := utf8.DecodeRune(b)
		if risky(c) {
			out = fmt.Appendf(out, `\u%04x`, c)
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}
