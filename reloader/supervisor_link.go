package reloader

import (
	"context"
	"os/exec"
	"time"
)

// Start names one start of the target.
type Start struct {
	Number int // 1 or more, counted over this run; a later start has a larger one
	Build  int // that it runs
}

// Link is our end of the wire to the agent in one process.
type Link interface {
	// Attach hands the target's end to a command that does not run yet.
	Attach(cmd *exec.Cmd)
	// Started is called once the command runs, or could not be started.
	Started()
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
