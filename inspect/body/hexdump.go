package body

import (
	"fmt"
	"strings"
)

// hexDump dumps data as hexadecimal digits and characters, 16 bytes a line, or 8 where
// width is too small for that.
func hexDump(data []byte, width int) View {
	perLine := 16
	if width > 0 && width < 78 {
		perLine = 8
	}
	v := View{Kind: KindBinary, Note: fmt.Sprintf("%d bytes", len(data))}
	if len(data) > maxBinary {
		data = data[:maxBinary]
		v.Note += fmt.Sprintf(", the first %d are shown", maxBinary)
	}
	var b strings.Builder
	for at := 0; at < len(data); at += perLine {
		line := data[at:min(at+perLine, len(data))]
		fmt.Fprintf(&b, "%08x ", at)
		for i := range perLine {
			if i%8 == 0 {
				b.WriteByte(' ')
			}
			if i < len(line) {
				fmt.Fprintf(&b, "%02x ", line[i])
			} else {
				b.WriteString("   ")
			}
		}
		b.WriteString(" |")
		for _, c := range line {
			if c < ' ' || c > '~' {
				c = '.'
			}
			b.WriteByte(c)
		}
		b.WriteString("|\n")
	}
	v.Text = b.String()
	return v
}
