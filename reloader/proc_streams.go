package reloader

import (
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// readChunk is how much of a stream is read at once: a full pipe of Linux.
const readChunk = 64 << 10

// procIO says where the target's standard streams go.
type procIO struct {
	stdout, stderr io.Writer // raw copies; nil for none
	stdin          *os.File  // nil for none
	ptyStdin       bool      // stdin is a terminal: the target gets a terminal of its own for it
	pty            bool      // stdout and stderr are terminals of their own
	cols, rows     uint16    // size of those; 0 leaves the default
	line           func(stream inspect.Stream, text string, partial bool)
}

// procStreams holds our ends of the target's standard streams.
type procStreams struct {
	io      procIO
	child   []*os.File // the target's ends, closed here once it has started
	out     *os.File
	err     *os.File
	input   *os.File // the terminal that the target reads from; nil without one
	ptys    []*os.File
	readers sync.WaitGroup
}

// openStreams makes the streams and hands the target's ends to cmd.
func openStreams(cmd *exec.Cmd, cfg procIO) (*procStreams, error) {
	s := &procStreams{io: cfg}
	var err error
	if cfg.pty {
		err = s.openTerminals(cmd)
	} else {
		err = s.openPipes(cmd)
	}
	if err != nil {
		s.closeChild()
		s.abort()
		return nil, err
	}
	return s, nil
}

func (s *procStreams) openPipes(cmd *exec.Cmd) error {
	for _, p := range []struct {
		ours *(*os.File)
		to   *io.Writer
	}{{&s.out, &cmd.Stdout}, {&s.err, &cmd.Stderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		*p.ours, *p.to = r, w
		s.child = append(s.child, w)
	}
	switch {
	case s.io.stdin != nil && s.io.ptyStdin:
		return s.openInput(cmd)
	case s.io.stdin != nil:
		cmd.Stdin = s.io.stdin
	}
	return nil
}

// closeChild closes the target's ends in this process.
func (s *procStreams) closeChild() {
	for _, f := range s.child {
		f.Close()
	}
	s.child = nil
}

// abort closes our ends when the target did not start.
func (s *procStreams) abort() {
	for _, f := range []*os.File{s.out, s.err, s.input} {
		if f != nil {
			f.Close()
		}
	}
}

// run starts copying.
func (s *procStreams) run() {
	s.copy(s.out, s.io.stdout, inspect.Stdout)
	s.copy(s.err, s.io.stderr, inspect.Stderr)
}

// copy reads a stream until all its writers are gone. A raw copy that fails is given
// up; the target never notices.
func (s *procStreams) copy(from *os.File, raw io.Writer, stream inspect.Stream) {
	s.readers.Go(func() {
		lines := newLineSplitter(func(text string, partial bool) { s.io.line(stream, text, partial) })
		defer lines.close()
		buf := make([]byte, readChunk)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				if raw != nil {
					if _, werr := raw.Write(buf[:n]); werr != nil {
						raw = nil
					}
				}
				lines.Write(buf[:n])
			}
			if err != nil {
				return // EOF, or EIO from a terminal without a reader, or closed by finish
			}
		}
	})
}

// finish waits for the rest of the output, at most for wait: a process that got away
// may hold the other end for ever.
func (s *procStreams) finish(wait time.Duration) {
	timer := time.AfterFunc(wait, func() {
		s.out.Close()
		s.err.Close()
	})
	s.readers.Wait()
	timer.Stop()
	s.out.Close()
	s.err.Close()
	if s.input != nil && s.input != s.out {
		s.input.Close()
	}
}
