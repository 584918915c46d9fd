package tui

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

func (w *writer) body(m inspect.Message) {
	if m.Body.Size == 0 {
		w.heading("No body", "")
		return
	}
	w.heading("Body", bytesText(m.Body.Size))
	for _, l := range strings.Split(string(m.Body.Data), "\n") {
		w.add(2, terminalLine(l))
	}
}
