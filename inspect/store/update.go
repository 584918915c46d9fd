package store

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// inside is what happened inside an exchange, as it replaces what was known before.
type inside struct {
	logs   []inspect.Output
	spans  []inspect.Span
	traces []int64
	tree   *inspect.CallTree // nil leaves the one that is known
	sums   inspect.Sums
}

// into returns a copy of ex with what i has.
func (i *inside) into(ex *inspect.Exchange) *inspect.Exchange {
	c := *ex
	c.Logs, c.Spans, c.Traces, c.Sums = i.logs, i.spans, i.traces, i.sums
	if i.tree != nil {
		c.CallTree = i.tree
	}
	return &c
}

// updated takes in what was added to a finished exchange, and returns the event's
// exchange with its Seq and verdict and without a call tree; nil when the exchange is no longer kept. Until the writer has
// come to it, what is new is held beside the record.
func (s *Store) updated(ex *inspect.Exchange) *inspect.Exchange {
	if ex == nil {
		return nil
	}
	r := s.index.byID[ex.ID]
	if r == nil {
		return nil
	}
	told := *withoutTree(ex)
	told.Seq = r.sum.Seq
	if r.sum.InFlight { // its end brings all of it
		return &told
	}
	sum := *r.sum
	sum.Sums = ex.Sums
	r.sum = &sum
	if ex.Verdict != "" {
		sum.Verdict = strings.Clone(ex.Verdict)
	}
	told.Verdict = sum.Verdict
	up := &inside{ex.Logs, ex.Spans, ex.Traces, ex.CallTree, ex.Sums}
	size := insideBytes(up.logs, up.spans) + treeBytes(up.tree)
	if s.queue.bytes+size > pendingBytes || len(s.updates) >= maxPending || r.ex == nil && r.blob == nil && !r.stored {
		return &told // the sums must do
	}
	s.queue.bytes += size
	if r.queued && r.ex != nil {
		r.ex = up.into(r.ex)
		return &told
	}
	if s.updates == nil {
		s.updates = map[*record]*inside{}
	}
	if old := s.updates[r]; old != nil && up.tree == nil {
		up.tree = old.tree
	}
	s.updates[r] = up
	s.signal()
	return &told
}

// withoutTree returns ex without its call tree, in a copy where it has one. Events have
// none: a subscriber's queue is no place for them, and who wants one asks for it.
func withoutTree(ex *inspect.Exchange) *inspect.Exchange {
	if ex.CallTree == nil {
		return ex
	}
	c := *ex
	c.CallTree = nil
	return &c
}

// treeBytes is about what a call tree keeps alive.
func treeBytes(t *inspect.CallTree) int64 {
	if t == nil {
		return 0
	}
	n := int64(32 * len(t.Nodes))
	for i := range t.Functions {
		n += 150 + int64(len(t.Functions[i].Name))
	}
	return n
}

// insideBytes is about what logs and spans keep alive.
func insideBytes(logs []inspect.Output, spans []inspect.Span) int64 {
	n := 200 * (len(logs) + len(spans))
	for i := range logs {
		n += len(logs[i].Text)
		for _, a := range logs[i].Attrs {
			n += len(a.Key) + len(a.Value)
		}
	}
	for i := range spans {
		if q := spans[i].SQL; q != nil {
			n += len(q.Statement)
			for _, a := range q.Args {
				n += len(a)
			}
		}
		if c := spans[i].Call; c != nil {
			n += len(c.URL)
		}
	}
	return int64(n)
}
