package snapshot

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os/exec"
)

// Session is a helper process as its caller sees it. One goroutine at a time may use
// it. The caller must Close it.
type Session struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	cancel context.CancelFunc
}

// Start starts the helper: argv names a program whose only work is to call [Main]
// with its standard input and output. When ctx ends, the helper is killed; the
// kernel lets a target that it holds go on.
func Start(ctx context.Context, argv []string) (*Session, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, fail(KindFailed, err, "start snapshot helper: %v", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, fail(KindFailed, err, "start snapshot helper: %v", err)
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fail(KindFailed, err, "start snapshot helper: %v", err)
	}
	return &Session{cmd: cmd, in: in, out: bufio.NewReader(out), cancel: cancel}, nil
}

// PID is that of the helper process.
func (s *Session) PID() int { return s.cmd.Process.Pid }

// Do sends one request and waits for its answer. The error is that of the answer,
// or KindFailed when the helper ended.
func (s *Session) Do(r Request) (Response, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return Response{}, fail(KindFailed, err, "snapshot helper: %v", err)
	}
	if _, err := s.in.Write(append(b, '\n')); err != nil {
		return Response{}, fail(KindFailed, err, "snapshot helper: it ended: %v", err)
	}
	var a Response
	dec := json.NewDecoder(io.LimitReader(s.out, maxMessage))
	if err := dec.Decode(&a); err != nil {
		return Response{}, fail(KindFailed, err, "snapshot helper: it ended: %v", err)
	}
	// The decoder may have read the line end, never more: the helper is silent until
	// it is asked again.
	if a.Error != nil {
		return a, a.Error
	}
	return a, nil
}

// Close ends the helper and waits for it. A process that it holds goes on.
func (s *Session) Close() error {
	defer s.cancel()
	s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		return fail(KindFailed, err, "snapshot helper: %v", err)
	}
	return nil
}
