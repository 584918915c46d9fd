//go:build unix

package reloader

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// openTerminals gives the target two terminals, so that stdout and stderr both are
// one and stay told apart. Its stdin is the first.
func (s *procStreams) openTerminals(cmd *exec.Cmd) error {
	out, outChild, err := s.openTerminal(false)
	if err != nil {
		return err
	}
	s.out, s.input = out, out
	errs, errChild, err := s.openTerminal(false)
	if err != nil {
		return err
	}
	s.err = errs
	s.ptys = []*os.File{out, errs}
	for _, f := range s.ptys {
		s.resize(f, s.io.cols, s.io.rows)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = outChild, outChild, errChild
	if s.io.stdin != nil && !s.io.ptyStdin {
		cmd.Stdin, s.input = s.io.stdin, nil
	}
	ownSession(cmd, 1)
	return nil
}

// openInput gives the target a terminal for stdin alone. Ours has shown what was
// typed, so this one does not echo.
func (s *procStreams) openInput(cmd *exec.Cmd) error {
	in, inChild, err := s.openTerminal(true)
	if err != nil {
		return err
	}
	s.input = in
	cmd.Stdin = inChild
	ownSession(cmd, 0)
	return nil
}

// ownSession makes the target the leader of a session (and so of a group) whose
// terminal is its descriptor ctty.
func ownSession(cmd *exec.Cmd, ctty int) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Ctty = true, true, ctty
}

// openTerminal opens a pseudo terminal that passes output on unchanged (no "\n" to
// "\r\n"): a real terminal behind the raw copy does that itself.
func (s *procStreams) openTerminal(quiet bool) (ours, child *os.File, err error) {
	ours, child, err = pty.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal for the program: %w", err)
	}
	s.child = append(s.child, child)
	if err := setTerminalModes(child, quiet || s.io.stdin != nil); err != nil {
		ours.Close()
		return nil, nil, fmt.Errorf("set up a terminal for the program: %w", err)
	}
	return ours, child, nil
}

func setTerminalModes(f *os.File, quiet bool) error {
	return withFD(f, func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, termiosGet)
		if err != nil {
			return err
		}
		t.Oflag &^= unix.OPOST
		if quiet {
			t.Lflag &^= unix.ECHO
		}
		return unix.IoctlSetTermios(fd, termiosSet, t)
	})
}

// withFD calls fn with the descriptor without making it blocking, as f.Fd may.
func withFD(f *os.File, fn func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = fn(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func (s *procStreams) resize(f *os.File, cols, rows uint16) {
	if cols > 0 && rows > 0 {
		_ = pty.Setsize(f, &pty.Winsize{Cols: cols, Rows: rows}) // fails only when closed
	}
}

// isTerminal reports whether f is a terminal.
func isTerminal(f *os.File) bool {
	return f != nil && withFD(f, func(fd int) error {
		_, err := unix.IoctlGetTermios(fd, termiosGet)
		return err
	}) == nil
}
