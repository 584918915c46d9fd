package reloader

import (
	"context"
	"os"
	"time"
)

// Link is our end of the wire to the agent in one process.
type Link interface {
	// File is the target's end. The supervisor hands it to the process and closes it
	// here once the process has started.
	File() *os.File
	// Env says how the agent finds it, as descriptor fd.
	Env(fd int) []string
	// Serve takes what the agent says until the wire ends or ctx does.
	Serve(ctx context.Context) error
	// Close ends the wire.
	Close() error
}

// linkRun is a Link being served.
type linkRun struct {
	link   Link
	cancel context.CancelFunc
	done   chan struct{}
}

// serveLink starts serving. The owner calls finish.
func serveLink(link Link) *linkRun {
	ctx, cancel := context.WithCancel(context.Background())
	r := &linkRun{link: link, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		_ = link.Serve(ctx) // how the wire ended says nothing about the app
	}()
	return r
}

// finish lets the agent's last words in, at most for drainWait, and closes the wire.
func (r *linkRun) finish() {
	timer := time.NewTimer(drainWait)
	defer timer.Stop()
	select {
	case <-r.done:
	case <-timer.C:
	}
	r.cancel()
	_ = r.link.Close()
	<-r.done
}
