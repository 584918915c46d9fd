package pprof

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// This file joins package pprof in a build made by pastedev. It records a CPU profile
// for pastedev, and gives way to the program's own: StartCPUProfile calls
// pastedevYield.

// pastedevLimit ends a profile that pastedev does not fetch. It bounds the memory too.
const pastedevLimit = 5 * time.Minute

// pastedevRunning counts the profiles for which exchanges are labelled.
var pastedevRunning atomic.Int32

// PastedevLabelling reports whether exchanges are to be labelled.
func PastedevLabelling() bool { return pastedevRunning.Load() > 0 }

var errPastedevIdle = errors.New("no such profile is running")

// pastedevCPU is our profile: running, ended and not fetched, or none.
var pastedevCPU struct {
	mu      sync.Mutex
	out     *pastedevBuffer // nil: none
	running bool
	note    string // how it ended, when not by us
	timer   *time.Timer
}

// A pastedevBuffer is what we hand to StartCPUProfile, unlike all that the program
// does.
type pastedevBuffer struct{ bytes.Buffer }

// PastedevStartCPU begins a CPU profile. One of ours that runs or was not fetched is
// thrown away.
func PastedevStartCPU() error {
	c := &pastedevCPU
	c.mu.Lock()
	defer c.mu.Unlock()
	return pastedevBeginCPU()
}

// pastedevBeginCPU begins a CPU profile. The lock is held.
func pastedevBeginCPU() error {
	c := &pastedevCPU
	pastedevEndCPU()
	out := new(pastedevBuffer)
	pastedevRunning.Add(1)
	if err := StartCPUProfile(out); err != nil {
		pastedevRunning.Add(-1)
		c.out = nil
		return err
	}
	c.out, c.running, c.note = out, true, ""
	c.timer = time.AfterFunc(pastedevLimit, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.out == out && c.running {
			pastedevEndCPU()
			c.note = "the profile ended by itself after " + pastedevLimit.String()
		}
	})
	return nil
}

// PastedevStopCPU ends the profile and returns its data, and what there is to say of
// them. With again the next one begins at once: exchanges that begin in between are
// labelled.
func PastedevStopCPU(again bool) (data []byte, note string, err error) {
	c := &pastedevCPU
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out == nil {
		return nil, "", errPastedevIdle
	}
	if again && c.running {
		pastedevRunning.Add(1)
		defer pastedevRunning.Add(-1)
	}
	pastedevEndCPU()
	data, note = c.out.Bytes(), c.note
	if c.out = nil; again {
		if err := pastedevBeginCPU(); err != nil {
			note = "no further profile was begun: " + err.Error()
		}
	}
	return data, note, nil
}

// pastedevEndCPU ends the profile, if it runs. The lock is held.
func pastedevEndCPU() {
	if c := &pastedevCPU; c.running {
		c.running = false
		c.timer.Stop()
		pastedevRunning.Add(-1)
		StopCPUProfile()
	}
}

// pastedevYield ends our profile when the program begins one of its own.
func pastedevYield(w io.Writer) {
	if _, ours := w.(*pastedevBuffer); ours {
		return
	}
	c := &pastedevCPU
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		pastedevEndCPU()
		c.note = "the program began a CPU profile of its own, which ended this one"
	}
}
