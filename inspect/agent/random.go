package agent

import (
	"sync/atomic"
	"syscall"
	"time"
)

// seed numbers the random values of this process.
var seed atomic.Uint64

// random returns a number for ids, which need to differ and not to be secret.
func random() uint64 {
	const step = 0x9e3779b97f4a7c15 // of splitmix64
	if seed.Load() == 0 {
		seed.CompareAndSwap(0, uint64(time.Now().UnixNano())*step^uint64(syscall.Getpid())<<40|1)
	}
	z := seed.Add(step)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

const hexDigits = "0123456789abcdef"

// appendHex appends u as 16 digits.
func appendHex(b []byte, u uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[u>>shift&0xf])
	}
	return b
}
