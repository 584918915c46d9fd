package agent

import "sync/atomic"

const (
	cacheSlots = 1024 // of one cache: some hundred kilobytes at most when all are taken
	cacheWays  = 4    // slots in which an entry may be
)

// A cache remembers what was looked up, by a hash. It is bounded and free of locks,
// and may forget.
type cache[T any] struct {
	slots [cacheSlots]atomic.Pointer[T]
	next  atomic.Uint32 // counts the entries that had to make room
}

func (c *cache[T]) slot(hash uint64, way int) *atomic.Pointer[T] {
	return &c.slots[(hash+uint64(way))%cacheSlots]
}

func (c *cache[T]) add(hash uint64, entry *T) {
	for way := range cacheWays {
		if c.slot(hash, way).CompareAndSwap(nil, entry) {
			return
		}
	}
	c.slot(hash, int(c.next.Add(1)%cacheWays)).Store(entry)
}

// hashPC spreads addresses, whose low bits differ little.
func hashPC(pc uintptr) uint64 {
	const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	return uint64(pc) * golden >> 32
}

// hashStack is FNV-1a of whole addresses.
func hashStack(pcs []uintptr) uint64 {
	hash := uint64(14695981039346656037)
	for _, pc := range pcs {
		hash = (hash ^ uint64(pc)) * 1099511628211
	}
	return hash ^ hash>>32 // the low bits knew only of low bits
}
