package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestJSONForTerminals: a request can hold what a terminal obeys; --json shows it as escapes,
// and says the same.
func TestJSONForTerminals(t *testing.T) {
	const text = "\x1b[2J \x7f \u009b31m \u202eevil \u2066 é <日本> 🙂 \\u009b"
	for _, indent := range []string{"", "  "} {
		var b bytes.Buffer
		if err := encodeJSON(&b, map[string]string{text: text}, indent); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.String() {
			if c < ' ' && c != '\n' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == '\u202e' || c == '\u2066' {
				t.Errorf("%q holds %U", b.String(), c)
			}
		}
		if !bytes.Contains(b.Bytes(), []byte("é <日本> 🙂")) {
			t.Errorf("readable text is escaped: %s", b.String())
		}
		var back map[string]string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back[text] != text {
			t.Errorf("%q: %v", back, err)
		}
	}
}
