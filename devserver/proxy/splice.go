package proxy

import (
	"io"
	"sync"
)

// splicer keeps hold of connections that are passed through as bytes, so that they
// can be ended from outside.
type splicer struct {
	mu     sync.Mutex
	open   map[io.Closer]struct{}
	closed bool
	wg     sync.WaitGroup
}

// enter registers what ends a splice; it reports false when no more may begin.
func (s *splicer) enter(ends ...io.Closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.open == nil {
		s.open = make(map[io.Closer]struct{})
	}
	for _, c := range ends {
		s.open[c] = struct{}{}
	}
	s.wg.Add(1)
	return true
}

func (s *splicer) leave(ends ...io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range ends {
		delete(s.open, c)
	}
	s.wg.Done()
}

func (s *splicer) close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// splice copies both ways until both sides have ended, and closes both. The end of
// one direction is passed on as such (a half-close); an error ends both.
func splice(client, target io.ReadWriteCloser, up, down *capture) {
	var wg sync.WaitGroup
	wg.Go(func() { pump(target, client, up) })
	pump(client, target, down)
	wg.Wait()
	client.Close()
	target.Close()
}

func pump(to, from io.ReadWriteCloser, seen *capture) {
	buf := copyBuffers.Get().(*[copyBuffer]byte)
	defer copyBuffers.Put(buf)
	for {
		n, rerr := from.Read(buf[:])
		if n > 0 {
			seen.write(buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				break
			}
		}
		if rerr == io.EOF {
			if half, ok := to.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
				return
			}
			break
		}
		if rerr != nil {
			break
		}
	}
	to.Close()
	from.Close()
}
