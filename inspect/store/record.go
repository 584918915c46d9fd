package store

import (
	"slices"

	"github.com/pastedev/pastedev/inspect"
)

// record is what memory holds of one exchange. Its fields are guarded by the index's
// owner; what they point to is not changed, so that a reader may copy a record, or its
// sum alone, and read the copy without a lock.
type record struct {
	sum    packed
	ex     *inspect.Exchange // complete, until the writer has encoded it
	blob   []byte            // encoded details, when they live in memory
	size   int64             // bytes that the exchange takes on disk or in blob
	stored bool              // the details are in the file
	queued bool              // it waits for the writer
	gone   bool              // removed from the index; the writer must skip it
}

// index holds all records in the order of their Seq. It is not safe for concurrent
// use.
type index struct {
	recs []*record // ascending Seq
	byID map[inspect.ID]*record
	subs int // of recs, those that are sub-requests
}

func newIndex() *index { return &index{byID: map[inspect.ID]*record{}} }

// add appends or inserts r. Only an exchange whose Seq was given long ago and whose
// record was removed since lands before the end.
func (x *index) add(r *record) {
	x.byID[r.sum.id()] = r
	x.count(r.sum, 1)
	if n := len(x.recs); n == 0 || x.recs[n-1].sum.seq < r.sum.seq {
		x.recs = append(x.recs, r)
		return
	}
	x.recs = slices.Insert(x.recs, x.search(r.sum.seq), r)
}

// set gives r, which byID has, another summary with the same ID and Seq.
func (x *index) set(r *record, s *inspect.Summary) {
	x.count(r.sum, -1)
	p := pack(s)
	p.subs = r.sum.subs
	r.sum = p
	x.count(r.sum, 1)
	id := r.sum.id()
	delete(x.byID, id) // its key is a part of the old summary, and would keep it alive
	x.byID[id] = r
}

// search returns the position of the first record whose Seq is at least seq.
func (x *index) search(seq int64) int {
	i, _ := slices.BinarySearchFunc(x.recs, seq, func(r *record, seq int64) int {
		switch {
		case r.sum.seq < seq:
			return -1
		case r.sum.seq > seq:
			return 1
		}
		return 0
	})
	return i
}

// removeOldest removes the oldest finished records for as long as more says so, and
// returns the ranges of Seq that the file no longer needs. Exchanges in flight stay,
// and no range holds the Seq of one.
func (x *index) removeOldest(more func(r *record) bool) (ranges []seqRange) {
	var kept []*record
	n, open := 0, false
	for ; n < len(x.recs); n++ {
		r := x.recs[n]
		if r.sum.live {
			kept, open = append(kept, r), false
			continue
		}
		if !more(r) {
			break
		}
		r.gone = true
		if id := r.sum.id(); x.byID[id] == r {
			delete(x.byID, id)
		}
		x.count(r.sum, -1)
		if open {
			ranges[len(ranges)-1].last = r.sum.seq
		} else {
			ranges, open = append(ranges, seqRange{r.sum.seq, r.sum.seq}), true
		}
	}
	from := n - len(kept)
	copy(x.recs[from:n], kept)
	clear(x.recs[:from]) // the array lives on; what it pointed to must not
	x.recs = x.recs[from:]
	return ranges
}

// seqRange is a closed range of Seq.
type seqRange struct{ first, last int64 }
