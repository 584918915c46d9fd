package digest

import (
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"time"
)

const (
	// nonceLimit bounds the nonces whose uses are known. One is kept for each client
	// that has signed in within the life of a nonce; a challenge alone keeps nothing.
	nonceLimit = 4096
	// windowSize is how far behind the highest count a request may come, as parallel
	// requests overtake each other. Browsers send at most some hundred at a time.
	windowSize = 1024
)

// The parts of a nonce in bytes: when it was made, its number, the MAC of both.
const (
	nonceTime = 8
	nonceHead = nonceTime + 8
	nonceMAC  = 16
)

// nonces makes nonces and knows which of them have been used how often. Its clock and its
// key begin with it, so that it knows no nonce but its own.
type nonces struct {
	life  time.Duration
	start time.Time
	key   [32]byte

	mu     sync.Mutex
	last   uint64 // number of the last nonce made
	byNum  map[uint64]*list.Element
	recent list.List // of *used, the last used first
	floor  uint64    // nonces up to this number that are not in recent may have been used
}

// used is a nonce and the counts that came with it.
type used struct {
	num uint64
	window
}

func newNonces(life time.Duration) *nonces {
	n := &nonces{life: life, start: time.Now(), byNum: make(map[uint64]*list.Element)}
	rand.Read(n.key[:])
	return n
}

// make returns a new nonce.
func (n *nonces) make() string {
	n.mu.Lock()
	n.last++
	num := n.last
	n.mu.Unlock()
	b := binary.BigEndian.AppendUint64(nil, uint64(time.Since(n.start)))
	b = binary.BigEndian.AppendUint64(b, num)
	return base64.RawURLEncoding.EncodeToString(append(b, n.mac(b)...))
}

func (n *nonces) mac(head []byte) []byte {
	h := hmac.New(sha256.New, n.key[:])
	h.Write(head)
	return h.Sum(nil)[:nonceMAC]
}

// use counts one use of the nonce, by the client's count nc, or says why it cannot. It is
// called for answers that are right in all else.
func (n *nonces) use(nonce string, nc uint32) (complaint string) {
	// Strict: one nonce must not have a second spelling with uses of its own.
	b, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	if err != nil || len(b) != nonceHead+nonceMAC || !hmac.Equal(n.mac(b[:nonceHead]), b[nonceHead:]) {
		return "The nonce of the answer was not made by this server since it started."
	}
	if time.Since(n.start)-time.Duration(binary.BigEndian.Uint64(b)) > n.life {
		return "The nonce of the answer is too old."
	}
	num := binary.BigEndian.Uint64(b[nonceTime:])
	n.mu.Lock()
	defer n.mu.Unlock()
	e, ok := n.byNum[num]
	switch {
	case ok:
		n.recent.MoveToFront(e)
	case num <= n.floor:
		return "The nonce of the answer is too old."
	default:
		n.evict()
		e = n.recent.PushFront(&used{num: num})
		n.byNum[num] = e
	}
	if !e.Value.(*used).use(nc) {
		return "The request has been here before: the count of its nonce is used."
	}
	return ""
}

// evict makes room for one nonce.
func (n *nonces) evict() {
	if n.recent.Len() < nonceLimit {
		return
	}
	e := n.recent.Back()
	num := n.recent.Remove(e).(*used).num
	delete(n.byNum, num)
	n.floor = max(n.floor, num)
}

// A window holds which of the highest counts have come.
type window struct {
	top  uint32
	bits [windowSize / 64]uint64 // of count c at c % windowSize
}

// use reports whether nc has not come before, and remembers it. What is too far behind
// the highest counts as having come.
func (w *window) use(nc uint32) bool {
	if nc > w.top {
		for c := uint64(max(w.top, nc-min(nc, windowSize))) + 1; c <= uint64(nc); c++ {
			w.bits[c%windowSize/64] &^= 1 << (c % 64)
		}
		w.top = nc
	} else if w.top-nc >= windowSize {
		return false
	}
	word, bit := &w.bits[nc%windowSize/64], uint64(1)<<(nc%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
