package reloader

import (
	"os"
	"os/exec"
)

// Windows programs get pipes: their console is ours.

func (s *procStreams) openTerminals(cmd *exec.Cmd) error { return s.openPipes(cmd) }

func (s *procStreams) openInput(cmd *exec.Cmd) error {
	cmd.Stdin = s.io.stdin
	return nil
}

func (s *procStreams) resize(*os.File, uint16, uint16) {}

func isTerminal(*os.File) bool { return false }

// stdinPump is not needed: the program reads our console itself.
type stdinPump struct{}

func newStdinPump(*os.File, func([]byte)) (*stdinPump, error) { return nil, nil }

func (*stdinPump) close() {}
