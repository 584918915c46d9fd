package main

import (
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// ratio counts agreement: what both say, what only we say, what only vnu says.
type ratio struct{ both, ours, theirs int }

func (r *ratio) add(we, they bool) {
	switch {
	case we && they:
		r.both++
	case we:
		r.ours++
	case they:
		r.theirs++
	}
}

// precision is the share of ours that is right, recall of theirs that we have; 1 of nothing.
func (r ratio) precision() float64 { return share(r.both, r.ours) }
func (r ratio) recall() float64    { return share(r.both, r.theirs) }

func share(both, alone int) float64 {
	if both+alone == 0 {
		return 1
	}
	return float64(both) / float64(both+alone)
}

// result is what a set of documents shows.
type result struct {
	documents, invalid int
	bytes              int
	took, slowest      time.Duration
	panics             int
	doc, pair, line    ratio
	families           map[finding.Family]*familyResult
}

// familyResult is of one family: documents with an error of it, and messages by line.
type familyResult struct {
	doc, line ratio
	messages  int // vnu's
}

// measure counts. Only errors count, unless warnings are asked for in the families' rows.
func measure(set []*document, warnings bool) *result {
	r := &result{documents: len(set), families: map[finding.Family]*familyResult{}}
	for _, f := range families() {
		r.families[f] = &familyResult{}
	}
	for _, d := range set {
		r.bytes += d.size
		r.took += d.took
		r.slowest = max(r.slowest, d.took)
		if d.failed != "" {
			r.panics++
		}
		we, they := errorsOnly(d.ours, false), errorsOnly(d.truth, false)
		if len(they) > 0 {
			r.invalid++
		}
		r.doc.add(len(we) > 0, len(they) > 0)
		ourFamilies, theirFamilies := familiesOf(we), familiesOf(they)
		for _, f := range families() {
			r.pair.add(ourFamilies[f], theirFamilies[f])
		}
		l := byLine(we, they)
		r.line.both += l.both
		r.line.ours += l.ours
		r.line.theirs += l.theirs
		r.countFamilies(errorsOnly(d.ours, warnings), errorsOnly(d.truth, warnings))
	}
	return r
}

func (r *result) countFamilies(we, they []message) {
	ourFamilies, theirFamilies := familiesOf(we), familiesOf(they)
	for f, row := range r.families {
		row.doc.add(ourFamilies[f], theirFamilies[f])
		if !ourFamilies[f] && !theirFamilies[f] {
			continue
		}
		mine, their := ofFamily(we, f), ofFamily(they, f)
		l := byLine(mine, their)
		row.line.both += l.both
		row.line.ours += l.ours
		row.line.theirs += l.theirs
		row.messages += len(their)
	}
}

// byLine matches messages of one family on one line, each with at most one other.
func byLine(we, they []message) ratio {
	var r ratio
	ours, theirs := unmatched(we, they)
	r.ours, r.theirs = len(ours), len(theirs)
	r.both = len(we) - len(ours)
	return r
}

// unmatched returns the messages that have no partner of the same family: one on the same
// lines, else one that ends on ours, else one that begins on the same, else one whose lines
// overlap. We mark an attribute where vnu marks the start tag, often from the end of what
// stands before it; it has no place at all for some.
func unmatched(we, they []message) (ours, theirs []message) {
	taken := make([]bool, len(they))
	match := func(m message, fits func(m, t message) bool) bool {
		best := -1
		for i, t := range they {
			if !taken[i] && t.family == m.family && fits(m, t) && (best < 0 || t.end < they[best].end) {
				best = i
			}
		}
		if best >= 0 {
			taken[best] = true
		}
		return best >= 0
	}
	for _, fits := range []func(m, t message) bool{
		func(m, t message) bool { return m.line == t.line && m.end == t.end },
		func(m, t message) bool { return m.line <= t.end && t.end <= m.end },
		func(m, t message) bool { return m.line == t.line },
		func(m, t message) bool { return m.line <= t.end && t.line <= m.end },
		func(_, t message) bool { return t.end == 0 },
	} {
		ours = nil
		for _, m := range we {
			if !match(m, fits) {
				ours = append(ours, m)
			}
		}
		we = ours
	}
	for i, t := range they {
		if !taken[i] {
			theirs = append(theirs, t)
		}
	}
	return ours, theirs
}

func errorsOnly(ms []message, all bool) []message {
	if all {
		return ms
	}
	return slices.DeleteFunc(slices.Clone(ms), func(m message) bool { return m.severity != inspect.SeverityError })
}

func ofFamily(ms []message, f finding.Family) []message {
	return slices.DeleteFunc(slices.Clone(ms), func(m message) bool { return m.family != f })
}

func familiesOf(ms []message) map[finding.Family]bool {
	set := map[finding.Family]bool{}
	for _, m := range ms {
		set[m.family] = true
	}
	return set
}
