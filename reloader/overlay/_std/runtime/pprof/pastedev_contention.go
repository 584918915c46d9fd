package pprof

import (
	"bytes"
	"runtime"
	"sync"
	_ "unsafe" // for go:linkname
)

// This file joins package pprof in a build made by pastedev. It sets the rates of the
// mutex and block profiles for as long as pastedev asks, where the program does not
// record these profiles itself.

//go:linkname pastedevBlockRate runtime.pastedevBlockRate
func pastedevBlockRate() int64

//go:linkname pastedevSetBlockRate runtime.pastedevSetBlockRate
func pastedevSetBlockRate(ticks int64)

const (
	// pastedevMutexFraction records every mutex that was waited for.
	pastedevMutexFraction = 1
	// pastedevBlockNanos records whoever waits that long, and of shorter waits a share.
	pastedevBlockNanos = 10_000
)

// pastedevRate is the rate of one profile: ours while it is not 0. The program may set
// another one at any time, which then stays.
type pastedevRate struct {
	mu   sync.Mutex
	ours int64
	get  func() int64
	set  func() // ours
	off  func()
}

var pastedevRates = map[string]*pastedevRate{
	"mutex": {
		get: func() int64 { return int64(runtime.SetMutexProfileFraction(-1)) },
		set: func() { runtime.SetMutexProfileFraction(pastedevMutexFraction) },
		off: func() { runtime.SetMutexProfileFraction(0) },
	},
	"block": {
		get: pastedevBlockRate,
		set: func() { runtime.SetBlockProfileRate(pastedevBlockNanos) },
		off: func() { pastedevSetBlockRate(0) },
	},
}

// PastedevRecord switches the recording of the profile of that name, "mutex" or
// "block", on or off.
func PastedevRecord(name string, on bool) {
	r := pastedevRates[name]
	r.mu.Lock()
	defer r.mu.Unlock()
	switch now := r.get(); {
	case on && now == 0:
		r.set()
		r.ours = r.get()
	case !on && r.ours != 0:
		if now == r.ours {
			r.off()
		}
		r.ours = 0
	}
}

// PastedevLookup returns the data of a profile of the runtime's as of now.
func PastedevLookup(name string) ([]byte, error) {
	var out bytes.Buffer
	err := Lookup(name).WriteTo(&out, 0)
	return out.Bytes(), err
}
