package main

import (
	"context"
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// of returns the newest failure of a broken exchange once its variables are read, or
// as far as they are when ctx ends. It is false when there is none.
func (fs *failures) of(ctx context.Context, id inspect.ID) (inspect.Trace, bool) {
	f := fs.await(ctx, id)
	if f == nil {
		return inspect.Trace{}, false
	}
	select {
	case <-f.ready:
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.trace, true
}

// await waits until it is known whether a panic broke the exchange off. It is nil when
// none did, or none is heard of soon.
func (fs *failures) await(ctx context.Context, id inspect.ID) *failure {
	unheard := time.NewTimer(tellPatience)
	defer unheard.Stop()
	for {
		fs.mu.Lock()
		f, waits := fs.newest(id)
		news := fs.next()
		fs.mu.Unlock()
		if f != nil {
			return f
		}
		if waits {
			unheard.Stop()
		}
		select {
		case <-news:
		case <-unheard.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// newest returns the last reported failure of an exchange, or whether one is still
// undecided. The caller holds the lock.
func (fs *failures) newest(id inspect.ID) (reported *failure, undecided bool) {
	for _, f := range slices.Backward(fs.recent) {
		if f.exchange != id {
			continue
		}
		f.mu.Lock()
		is, dropped := f.reported, f.dropped
		f.mu.Unlock()
		if is {
			return f, false
		}
		undecided = undecided || !dropped
	}
	return nil, undecided
}

// hit reports whether there was a panic in an exchange, recovered or not. It waits a
// moment for word of one.
func (fs *failures) hit(ctx context.Context, id inspect.ID) bool {
	ctx, cancel := context.WithTimeout(ctx, againPatience)
	defer cancel()
	for {
		fs.mu.Lock()
		known := slices.ContainsFunc(fs.recent, func(f *failure) bool { return f.exchange == id })
		news := fs.next()
		fs.mu.Unlock()
		if known {
			return true
		}
		select {
		case <-news:
		case <-ctx.Done():
			return false
		}
	}
}

// known reports whether an agent has told of the panic that t is the text of.
func (fs *failures) known(t inspect.Trace) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return slices.ContainsFunc(fs.recent, func(f *failure) bool {
		return f.goroutine != 0 && (f.message == t.Message || f.goroutine == t.Goroutine && time.Since(f.told) < textPatience)
	})
}

// next is closed by the next tell. The caller holds the lock.
func (fs *failures) next() <-chan struct{} {
	if fs.news == nil {
		fs.news = make(chan struct{})
	}
	return fs.news
}

// tell wakes those who wait for next. The caller holds the lock.
func (fs *failures) tell() {
	if fs.news != nil {
		close(fs.news)
		fs.news = nil
	}
}
