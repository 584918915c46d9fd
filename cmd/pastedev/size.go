package main

import (
	"context"
	"os"

	"golang.org/x/term"
)

// terminalSize is the size of the terminal that the target's own ones stand for; 0
// where there is none.
func (s *session) terminalSize() (cols, rows uint16) {
	out, _ := s.std.out.(*os.File)
	for _, f := range []*os.File{out, s.std.in} {
		if f == nil {
			continue
		}
		if w, h, err := term.GetSize(int(f.Fd())); err == nil {
			return uint16(w), uint16(h)
		}
	}
	return 0, 0
}

// followSize tells the target of each change of the terminal's size, until ctx ends.
func (s *session) followSize(ctx context.Context) {
	changed, stop := sizeChanges()
	defer stop()
	for {
		select {
		case <-changed:
			if cols, rows := s.terminalSize(); cols > 0 {
				s.super.Resize(cols, rows)
			}
		case <-ctx.Done():
			return
		}
	}
}
