package reloader

import "time"

// Times of automatic restarts after a crash of a target that had been running.
const (
	retryFirst  = time.Second      // grows by doubling
	retryMost   = 30 * time.Second // and stays here
	retryHealed = time.Minute      // a run this long makes the next crash the first again
)

// backoff counts crashes and says how long to wait before the next try. A save
// resets it: only crash loops without a save wait.
type backoff struct{ crashes int }

// next returns the delay after a crash of a target that had run for ran.
func (b *backoff) next(ran time.Duration) time.Duration {
	if ran >= retryHealed {
		b.crashes = 0
	}
	delay := retryFirst
	for range b.crashes {
		delay = min(2*delay, retryMost)
	}
	if delay < retryMost {
		b.crashes++
	}
	return delay
}

func (b *backoff) reset() { b.crashes = 0 }
