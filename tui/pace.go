package tui

import (
	"reflect"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

const (
	// quickFrame is the time between two looks of Bubble Tea's renderer for something
	// to draw, its own default.
	quickFrame = time.Second / 60
	// restFrame is that time while nothing happens but the clock. Sixty looks a second
	// cost 1 % of a core, for as long as the terminal is open.
	restFrame = time.Second
	// restAfter is how long nothing must have happened before the renderer rests.
	restAfter = 2 * time.Second
)

// pace lets the renderer rest while nothing happens. Bubble Tea has no way to say so:
// its rate is fixed when it starts, so pace turns the renderer's own ticker. Where
// that cannot be found (another version of Bubble Tea) the rate stays as it was. A
// nil pace does nothing. Only Update may use it, on whose goroutine the ticker is made.
type pace struct {
	program *tea.Program
	resting bool
	last    time.Time // when something happened
}

// heard takes note of a message that was handled at now. idle says that it was the
// clock's, with nothing under way.
func (p *pace) heard(idle bool, now time.Time) {
	switch {
	case p == nil:
	case !idle:
		p.last = now
		if p.resting {
			p.set(false, quickFrame)
		}
	case !p.resting && now.Sub(p.last) >= restAfter:
		p.set(true, restFrame)
	}
}

func (p *pace) set(resting bool, d time.Duration) {
	if t := rendererTicker(p.program); t != nil {
		t.Reset(d)
		p.resting = resting
	}
}

// rendererTicker returns the ticker of a program that runs, nil when it is not where
// it is expected. [TestRendererTicker] tells when a new version has moved it.
func rendererTicker(p *tea.Program) *time.Ticker {
	f := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return *(**time.Ticker)(unsafe.Pointer(f.UnsafeAddr()))
}
