//go:build unix

package reloader

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// endOfInput is what a terminal in line mode takes as the end of input: VEOF, ^D.
var endOfInput = []byte{4}

// stdinPump reads our terminal and passes on what is typed, over any number of
// restarts of the target.
type stdinPump struct {
	wake *os.File // closing it ends the pump
	done chan struct{}
}

// newStdinPump starts the pump. While send does not return, nothing more is read and
// the terminal keeps what is typed. Its owner calls close, after what ends send.
func newStdinPump(from *os.File, send func([]byte)) (*stdinPump, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &stdinPump{wake: w, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		defer r.Close()
		_ = withFD(r, func(wake int) error {
			return withFD(from, func(fd int) error { return pumpInput(fd, wake, send) })
		})
	}()
	return p, nil
}

// pumpInput reads fd whenever it has something to say, until wake is closed at its
// other end. An end of input (^D) is passed on and is not the end of the pump.
func pumpInput(fd, wake int, send func([]byte)) error {
	buf := make([]byte, 4096) // the longest line that a terminal delivers
	for {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil {
			if errors.Is(err, unix.EINTR) {
				continue
			}
			return err
		}
		if fds[1].Revents != 0 {
			return nil
		}
		if fds[0].Revents&unix.POLLIN == 0 {
			return os.ErrClosed // hung up
		}
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		case n == 0:
			send(endOfInput)
		default:
			send(buf[:n])
		}
	}
}

func (p *stdinPump) close() {
	if p == nil {
		return
	}
	p.wake.Close()
	<-p.done
}
