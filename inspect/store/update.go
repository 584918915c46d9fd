package store

import (
	"cmp"

	"github.com/pastedev/pastedev/inspect"
)

// inside is what happened inside an exchange, as it replaces what was known before.
type inside struct {
	logs   []inspect.Output
	spans  []inspect.Span
	traces []int64
	tree   *inspect.CallTree // nil leaves the one that is known
	sums   inspect.Sums
	html   *inspect.HTMLCheck // nil leaves the one that is known
	only   bool               // html alone is new
}

// into returns a copy of ex with what i has.
func (i *inside) into(ex *inspect.Exchange) *inspect.Exchange {
	c := *ex
	if i.html != nil {
		c.HTML = i.html
		addHTML(&c.Sums, i.html)
	}
	if i.only {
		return &c
	}
	c.Logs, c.Spans, c.Traces, c.Sums = i.logs, i.spans, i.traces, i.sums
	addHTML(&c.Sums, c.HTML)
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
	told.Subs, told.Sums.Programs = int(r.sum.subs), max(ex.Sums.Programs, programs(ex.Spans))
	told.Seq = r.sum.seq
	if r.sum.live { // its end brings all of it
		return &told
	}
	sum := r.sum.summary()
	html := sum.Sums
	sum.Sums = told.Sums
	sum.Sums.HTMLErrors, sum.Sums.HTMLWarnings, sum.Sums.HTMLNew = html.HTMLErrors, html.HTMLWarnings, html.HTMLNew
	told.Sums = sum.Sums
	sum.Verdict = cmp.Or(ex.Verdict, sum.Verdict)
	told.Verdict = sum.Verdict
	s.index.set(r, &sum)
	up := &inside{logs: ex.Logs, spans: ex.Spans, traces: ex.Traces, tree: ex.CallTree, sums: told.Sums}
	s.update(r, up, insideBytes(up.logs, up.spans)+treeBytes(up.tree))
	return &told
}

// update adds up, of that size, to what is kept of r. Where there is no room the sums in
// the summary must do.
func (s *Store) update(r *record, up *inside, size int64) {
	if s.queue.bytes+size > pendingBytes || len(s.updates) >= maxPending || r.ex == nil && r.blob == nil && !r.stored {
		return
	}
	s.queue.bytes += size
	if r.queued && r.ex != nil {
		r.ex = up.into(r.ex)
		return
	}
	if s.updates == nil {
		s.updates = map[*record]*inside{}
	}
	s.updates[r] = up.after(s.updates[r])
	s.signal()
}

// after returns what i says where it comes after old, which may be nil.
func (i *inside) after(old *inside) *inside {
	if old == nil {
		return i
	}
	if i.only {
		c := *old
		c.html = i.html
		return &c
	}
	if i.tree == nil {
		i.tree = old.tree
	}
	if i.html == nil {
		i.html = old.html
	}
	return i
}

// checked takes in what the HTML check found in a finished exchange, and returns its
// summary; nil when the exchange is no longer kept.
func (s *Store) checked(id inspect.ID, html *inspect.HTMLCheck) *inspect.Summary {
	r := s.index.byID[id]
	if r == nil || html == nil || r.sum.live {
		return nil
	}
	sum := r.sum.summary()
	addHTML(&sum.Sums, html)
	s.index.set(r, &sum)
	s.update(r, &inside{html: html, only: true}, htmlBytes(html))
	return &sum
}

// addHTML puts the counts of the HTML check into sums.
func addHTML(sums *inspect.Sums, html *inspect.HTMLCheck) {
	if html != nil {
		sums.HTMLErrors, sums.HTMLWarnings, sums.HTMLNew = html.Errors, html.Warnings, html.New
	}
}

// htmlBytes is about what the findings of a page keep alive.
func htmlBytes(html *inspect.HTMLCheck) int64 {
	if html == nil {
		return 0
	}
	n := 0
	for i := range html.Diagnostics {
		d := &html.Diagnostics[i]
		n += 300 + len(d.Message) + len(d.Selector)
		for _, l := range d.Context {
			n += len(l.Text)
		}
	}
	return int64(n)
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
		if p := spans[i].Process; p != nil {
			n += len(p.Program) + len(p.Dir)
			for _, e := range p.Env {
				n += 32 + len(e.Key) + len(e.Value)
			}
		}
	}
	return int64(n)
}

// programs counts the programs that were run.
func programs(spans []inspect.Span) (n int) {
	for i := range spans {
		if spans[i].Kind == inspect.SpanProcess {
			n++
		}
	}
	return n
}
