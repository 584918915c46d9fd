package main

import (
	"context"
	"io"
	"os"

	"github.com/pastedev/pastedev/tui"
	"golang.org/x/term"
)

// What stands at the other end of the standard streams.

// isTerminal reports whether a terminal is at the other end of a stream of ours.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && f != nil && term.IsTerminal(int(f.Fd()))
}

// asksTerminal reports whether there is somebody to ask.
func asksTerminal(std stdio) bool { return isTerminal(std.in) && isTerminal(std.err) }

// coloured reports whether what is written to w may be in colour: on a terminal that knows
// of colours, or where CLICOLOR_FORCE asks for them (https://bixense.com/clicolors), unless
// NO_COLOR is set (https://no-color.org).
func coloured(w io.Writer) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if forced := os.Getenv("CLICOLOR_FORCE"); forced != "" && forced != "0" {
		return true
	}
	return isTerminal(w) && os.Getenv("TERM") != "dumb"
}

// terminalWidth returns the columns of the terminal behind w, 0 when there is none.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// terminal returns the two ends of the terminal, nil when the UI cannot run there.
func terminal(std stdio) (in, out *os.File) {
	out, ok := std.out.(*os.File)
	if !ok || !tui.Usable(std.in, out, os.Environ()) {
		return nil, nil
	}
	return std.in, out
}

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
