package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/pastedev/pastedev/inspect/redact"
)

// keyLines are the lines of a settings file that a block's keys stand in. A block that came
// from elsewhere has none.
type keyLines map[string]numbered

// numbered is a line of a file.
type numbered struct {
	number int // from 1
	text   string
}

var (
	tomlHeader = regexp.MustCompile(`^\s*\[+\s*([^\[\]]*?)\s*\]+`)
	tomlKey    = regexp.MustCompile(`^\s*([A-Za-z0-9_-]+)\s*=`)
)

// blockLines finds the keys of the [[name]] blocks of a settings file, in their order. It
// takes blocks as everybody writes them; of what is written otherwise nothing is found.
func blockLines(file []byte, name string) []keyLines {
	var blocks []keyLines
	inside := false
	n := 0
	for line := range bytes.Lines(file) {
		n++
		text := strings.TrimRight(string(line), "\r\n")
		if m := tomlHeader.FindStringSubmatch(text); m != nil {
			if inside = m[1] == name; inside {
				blocks = append(blocks, keyLines{})
			}
			continue
		}
		if m := tomlKey.FindStringSubmatch(text); m != nil && inside {
			if b := blocks[len(blocks)-1]; b[m[1]].number == 0 {
				b[m[1]] = numbered{n, text}
			}
		}
	}
	return blocks
}

// mark shows the line of a key, as the decoder shows those that it cannot read; "" if it is
// not known.
func (k keyLines) mark(key string) string {
	line, ok := k[key]
	if !ok {
		return ""
	}
	number := fmt.Sprintf("%d| ", line.number)
	begin := strings.Index(line.text, key)
	text := new(redact.Redactor).Source(line.text) // a notice is for more eyes than the file
	return fmt.Sprintf("\n%s%s\n%s| %s%s", number, text, strings.Repeat(" ", len(number)-2), strings.Repeat(" ", begin), strings.Repeat("~", len(key)))
}
