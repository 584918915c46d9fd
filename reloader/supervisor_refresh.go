package reloader

import (
	"context"
	"time"
)

// refreshBeside puts in force what w's build reads, beside the build, and lets its
// findings out then. An edit that may have missed the build has been through Dirty
// when the result comes: the gate cannot open for the build's program any more.
func (s *Supervisor) refreshBeside(ctx context.Context, w *work) <-chan error {
	result := make(chan error, 1)
	began := time.Now()
	go func() {
		var err error
		if s.o.Refresh != nil {
			err = s.o.Refresh(ctx, began, w.cause)
		}
		s.post(func() { s.watched(w) })
		result <- err
	}()
	return result
}

// watched publishes what was found in the meantime.
func (s *Supervisor) watched(w *work) {
	held := w.held
	w.watched, w.held = true, nil
	for _, publish := range held {
		publish()
	}
}
