package pprof

import (
	"bytes"
	"runtime"
	"sync"
	"time"
	_ "unsafe" // for go:linkname
)

// This file joins package pprof in a build made by pastedev. It sets the rates of the
// runtime's own profiles for as long as pastedev asks, where those of the program see
// too little.

//go:linkname pastedevBlockRate runtime.pastedevBlockRate
func pastedevBlockRate() int64

//go:linkname pastedevSetBlockRate runtime.pastedevSetBlockRate
func pastedevSetBlockRate(ticks int64)

const (
	// pastedevMutexFraction records every mutex that was waited for.
	pastedevMutexFraction = 1
	// pastedevBlockNanos records whoever waits that long, and of shorter waits a share.
	pastedevBlockNanos = 10_000
	// pastedevHeapBytes records an allocation in so many bytes: the runtime's 512 kB sees
	// nothing of a request that allocates 20 kB.
	pastedevHeapBytes = 16 << 10
)

// A pastedevRate is the rate of one profile. The program may set another one at any
// time, which then stays.
type pastedevRate struct {
	mu           sync.Mutex
	before, ours int64 // ours is 0 while it is not set by us
	timer        *time.Timer

	get   func() int64
	serve func(now int64) bool // the program's own rate will do
	begin func()
	end   func(before int64)
	gc    bool   // the profile is as of the last collection
	note  string // for who reads the profile
}

var pastedevHeap = &pastedevRate{
	get:   func() int64 { return int64(runtime.MemProfileRate) },
	serve: func(now int64) bool { return now > 0 && now <= pastedevHeapBytes },
	begin: func() { runtime.MemProfileRate = pastedevHeapBytes },
	end:   func(before int64) { runtime.MemProfileRate = int(before) },
	gc:    true,
	note:  "one allocation in 16 kB was recorded: until the program restarts, heap profiles that it takes itself show too many of these",
}

var pastedevRates = map[string]*pastedevRate{
	"heap":   pastedevHeap,
	"allocs": pastedevHeap,
	"mutex": {
		get:   func() int64 { return int64(runtime.SetMutexProfileFraction(-1)) },
		serve: func(now int64) bool { return now > 0 },
		begin: func() { runtime.SetMutexProfileFraction(pastedevMutexFraction) },
		end:   func(before int64) { runtime.SetMutexProfileFraction(int(before)) },
	},
	"block": {
		get:   pastedevBlockRate,
		serve: func(now int64) bool { return now > 0 },
		begin: func() { runtime.SetBlockProfileRate(pastedevBlockNanos) },
		end:   pastedevSetBlockRate,
	},
}

// PastedevRecord sets the rate of the profile of that name and returns the profile as
// of now: what is in it is not of this recording. The rate is set first, since the
// runtime writes all that it has recorded by the rate of the moment.
func PastedevRecord(name string) ([]byte, error) {
	r := pastedevRates[name]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restore()
	if before := r.get(); !r.serve(before) {
		r.begin()
		r.before, r.ours = before, r.get()
		ours := r.ours
		r.timer = time.AfterFunc(pastedevLimit, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.ours == ours {
				r.restore()
			}
		})
	}
	return r.read(name)
}

// PastedevRecorded returns the profile of that name and what there is to say of it, and
// sets the rate to what it was.
func PastedevRecorded(name string) (data []byte, note string, err error) {
	r := pastedevRates[name]
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ours != 0 {
		note = r.note
	}
	data, err = r.read(name)
	r.restore()
	return data, note, err
}

// PastedevForget sets the rate of the profile of that name to what it was.
func PastedevForget(name string) {
	r := pastedevRates[name]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restore()
}

// read returns the data of the profile. The lock is held.
func (r *pastedevRate) read(name string) ([]byte, error) {
	if r.gc && r.ours != 0 {
		runtime.GC()
	}
	return PastedevLookup(name)
}

// restore sets the rate to what it was, if it is ours. The lock is held.
func (r *pastedevRate) restore() {
	if r.ours != 0 {
		r.timer.Stop()
		if r.get() == r.ours {
			r.end(r.before)
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
