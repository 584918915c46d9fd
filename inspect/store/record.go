package store

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// record is what memory holds of one exchange. Its fields are guarded by the
// index's owner; the summary behind sum never changes once it is set, so that a
// reader may keep it without a lock.
type record struct {
	sum    *inspect.Summary
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
	text interner
}

func newIndex() *index { return &index{byID: map[inspect.ID]*record{}} }

// add appends or inserts r. Only an exchange whose Seq was given long ago and whose
// record was removed since lands before the end.
func (x *index) add(r *record) {
	x.byID[r.sum.ID] = r
	x.count(r.sum, 1)
	if n := len(x.recs); n == 0 || x.recs[n-1].sum.Seq < r.sum.Seq {
		x.recs = append(x.recs, r)
		return
	}
	x.recs = slices.Insert(x.recs, x.search(r.sum.Seq), r)
}

// search returns the position of the first record whose Seq is at least seq.
func (x *index) search(seq int64) int {
	i, _ := slices.BinarySearchFunc(x.recs, seq, func(r *record, seq int64) int {
		switch {
		case r.sum.Seq < seq:
			return -1
		case r.sum.Seq > seq:
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
		if r.sum.InFlight {
			kept, open = append(kept, r), false
			continue
		}
		if !more(r) {
			break
		}
		r.gone = true
		if x.byID[r.sum.ID] == r {
			delete(x.byID, r.sum.ID)
		}
		x.count(r.sum, -1)
		if open {
			ranges[len(ranges)-1].last = r.sum.Seq
		} else {
			ranges, open = append(ranges, seqRange{r.sum.Seq, r.sum.Seq}), true
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

// maxInterned bounds the interner: the values it is meant for are few, and traffic
// made of ever new ones must not fill memory.
const maxInterned = 4096

// interner makes equal strings share their bytes. A history repeats its hosts,
// methods and types endlessly.
type interner map[string]string

func (in *interner) do(s string) string {
	if t, ok := (*in)[s]; ok {
		return t
	}
	if *in == nil || len(*in) >= maxInterned {
		*in = interner{}
	}
	s = strings.Clone(s)
	(*in)[s] = s
	return s
}

// compact returns a copy of s that shares its repeated strings with other summaries
// and holds on to nothing else of the exchange it came from.
func (in *interner) compact(s *inspect.Summary) *inspect.Summary {
	c := *s
	c.Kind = inspect.Kind(in.do(string(s.Kind)))
	c.Method = in.do(s.Method)
	c.Host = in.do(s.Host)
	c.Proto = in.do(s.Proto)
	c.ContentType = in.do(s.ContentType)
	c.Mount = in.do(s.Mount)
	c.Via = inspect.Via(in.do(string(s.Via)))
	c.ID = inspect.ID(strings.Clone(string(s.ID)))
	c.URL = strings.Clone(s.URL)
	if i := strings.Index(c.URL, s.Path); i >= 0 {
		c.Path = c.URL[i : i+len(s.Path)]
	} else {
		c.Path = strings.Clone(s.Path)
	}
	c.Client = strings.Clone(s.Client)
	c.Parent = inspect.ID(strings.Clone(string(s.Parent)))
	c.Error = strings.Clone(s.Error)
	c.Verdict = strings.Clone(s.Verdict)
	c.Start = s.Start.Round(0) // without the monotonic reading, as after a reload
	return &c
}
