package store

import (
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// packed is a summary as memory holds it: the bytes that the file has of it, and what the
// file does not say. An [inspect.Summary] is five times as large, for most of its fields
// are empty and each text is an object of its own.
//
// It is a value. Nothing can change the bytes of a string, and a record whose summary
// changes gets another one: whoever has copied it under the lock may read the copy
// without.
type packed struct {
	fields string // as appendSummary writes them: its texts, once read, are parts of this one
	seq    int64
	subs   int32 // the index counts them
	live   bool  // in flight
	sub    bool  // has a Parent
}

// packScratch is room for nearly every summary; a longer one takes an allocation more.
const packScratch = 512

// pack returns s packed, without Subs. It holds on to nothing of the exchange that s came
// from, and does not keep Rehearsal, which no exchange in the history has.
func pack(s *inspect.Summary) packed {
	var scratch [packScratch]byte
	return packed{fields: string(appendSummary(scratch[:0], s)), seq: s.Seq, live: s.InFlight, sub: s.Parent != ""}
}

// unpack sets *s, without allocating. An exchange in flight has its duration so far.
func (p packed) unpack(s *inspect.Summary) {
	*s = inspect.Summary{}
	_ = decodeSummary(p.fields, s) // pack has written it
	s.Seq, s.Subs, s.InFlight = p.seq, int(p.subs), p.live
	if p.live {
		s.Duration = inspect.Millis(max(0, time.Since(s.Start)))
	}
}

// summary is unpack for a single one.
func (p packed) summary() (s inspect.Summary) {
	p.unpack(&s)
	return s
}

// id returns the ID, which is the first field wherever there is one.
func (p packed) id() inspect.ID {
	if p.fields == "" || p.fields[0] != fID<<1|1 {
		return ""
	}
	size, n := uvarint(p.fields[1:])
	return inspect.ID(p.fields[1+n:][:size])
}
