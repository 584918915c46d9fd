package reloader

import "context"

// killOnDone kills the group when ctx ends. The returned function ends the watch and
// waits for it.
func (g *procGroup) killOnDone(ctx context.Context) (stop func()) {
	over := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-ctx.Done():
			g.kill()
		case <-over:
		}
	}()
	return func() {
		close(over)
		<-done
	}
}
