package tui

import (
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// maxRows bounds the summaries a list holds; the rest is asked for when the cursor
// comes near. A summary is about 500 bytes.
const maxRows = 2000

// maxAgain bounds what comes when something is unfolded; the API gives no more at once.
const maxAgain = 1000

// load is a kind of request for rows.
type load int

const (
	loadNone    load = iota
	loadTail         // the newest
	loadRefresh      // the same rows again
	loadOlder        // before the first row
	loadNewer        // after the last row
	loadOldest       // the very first
	loadAround       // the selected row, or its nearest elder, and those before
	loadAgain        // the rows around the cursor, with what has been unfolded between them
)

// window is the part of the history that a list holds, in the order of [arrange], with the
// cursor in it. It does no I/O: request says what to ask for, apply takes the answer.
type window struct {
	rows    []inspect.Summary
	depth   map[inspect.ID]int // of the sub-requests among rows
	cursor  int
	top     int  // first row that is seen
	height  int  // rows that are seen
	follow  bool // the cursor stays on the newest row
	atStart bool // nothing older is known to exist
	atEnd   bool // rows ends with the newest match, as far as is known
	// frozenSeq and frozenMatch are the newest Seq and the number of matches when
	// the list stopped following.
	frozenSeq, lastSeq     int64
	frozenMatch, lastMatch int
	total                  int
	// anchor is the row that was selected when a filter began to be typed: what the
	// half-typed filters do not match must not be lost to the whole one.
	anchor   inspect.Summary
	anchored bool
}

func newWindow() window { return window{follow: true, height: 1, lastMatch: -1} }

// selected returns the row under the cursor.
func (w *window) selected() (inspect.Summary, bool) {
	if w.cursor < 0 || w.cursor >= len(w.rows) {
		return inspect.Summary{}, false
	}
	return w.rows[w.cursor], true
}

// move puts the cursor by rows further. Leaving the newest row freezes the list;
// going down from the last row of all follows again.
func (w *window) move(by int) {
	if len(w.rows) == 0 {
		return
	}
	if by > 0 && w.cursor == len(w.rows)-1 {
		if w.atEnd {
			w.setFollow(true)
		}
		return
	}
	w.to(w.cursor + by)
}

// hold makes the selected row the anchor until the cursor is moved.
func (w *window) hold() {
	if s, ok := w.selected(); ok && !w.follow {
		w.anchor, w.anchored = s, true
	}
}

// to puts the cursor on row i.
func (w *window) to(i int) {
	w.anchored = false
	w.cursor = max(min(i, len(w.rows)-1), 0)
	if w.cursor < len(w.rows)-1 {
		w.setFollow(false)
	}
	w.scroll()
}

func (w *window) setFollow(on bool) {
	if w.follow && !on {
		w.frozenSeq, w.frozenMatch = w.lastSeq, w.lastMatch
		if len(w.rows) > 0 {
			w.frozenSeq = w.newest()
		}
	}
	w.follow = on
	if on {
		w.anchored = false
		w.cursor = max(len(w.rows)-1, 0)
		w.scroll()
	}
}

// newer returns how many matches have come since the list froze; -1 for some. counted says
// that the list leaves something out, so that only its count of matches can tell.
func (w *window) newer(counted bool) int {
	switch {
	case w.follow:
		return 0
	case !counted:
		return int(max(w.lastSeq-w.frozenSeq, 0))
	case w.lastMatch >= 0 && w.frozenMatch >= 0:
		return max(w.lastMatch-w.frozenMatch, 0)
	case w.lastSeq > w.frozenSeq:
		return -1
	}
	return 0
}

func (w *window) resize(height int) {
	w.height = max(height, 1)
	w.scroll()
}

// scroll moves the seen part so that the cursor is in it.
func (w *window) scroll() {
	w.top = min(w.top, w.cursor)
	w.top = max(w.top, w.cursor-w.height+1)
	w.top = max(min(w.top, len(w.rows)-w.height), 0)
}

// inFlight reports whether a seen row is unfinished, and counts up in less than seconds.
func (w *window) inFlight(now time.Time) bool {
	end := min(w.top+w.height, len(w.rows))
	return slices.ContainsFunc(w.rows[min(w.top, end):end], func(s inspect.Summary) bool {
		return s.InFlight && now.Sub(s.Start) < longFlight
	})
}

// missing returns the load that the cursor's place calls for.
func (w *window) missing() load {
	switch {
	case len(w.rows) == 0 || w.follow:
		return loadNone
	case !w.atStart && w.cursor < w.height:
		return loadOlder
	case !w.atEnd && w.cursor >= len(w.rows)-w.height:
		return loadNewer
	}
	return loadNone
}

// request says what to ask for. A load that needs rows falls back to the tail when
// there are none.
func (w *window) request(l load, query string) inspect.ListRequest {
	r := inspect.ListRequest{Query: query, Limit: 2 * w.height}
	if l == loadAround && w.anchored {
		r.Before = w.anchor.Seq + 1
		return r
	}
	if len(w.rows) == 0 {
		return r
	}
	lo, hi := minSeq(w.rows), w.newest()
	switch l {
	case loadRefresh:
		seen := w.rows[w.top:min(w.top+w.height, len(w.rows))]
		r.After, r.Before, r.Limit = minSeq(seen)-1, maxSeq(seen)+1, 4*w.height // others may lie between
	case loadAgain:
		near := w.rows[max(w.cursor-2*w.height, 0):min(w.cursor+2*w.height, len(w.rows))]
		r.After, r.Before, r.Limit = minSeq(near)-1, maxSeq(near)+1, maxAgain
		if r.Before > hi && w.atEnd {
			r.Before = 0
		}
	case loadOlder:
		r.Before, r.Limit = lo, 4*w.height
	case loadNewer:
		r.After, r.Limit, r.Oldest = hi, 4*w.height, true
	case loadOldest:
		r.Oldest = true
	case loadAround:
		r.Before = w.rows[w.cursor].Seq + 1
	}
	return r
}

// apply takes the answer to a load. The selected exchange stays selected where it is
// still there; else the nearest one is.
func (w *window) apply(l load, list inspect.List) {
	items := slices.Clone(list.Items)
	slices.Reverse(items)
	sel, had := w.selected()
	if w.anchored {
		sel, had = w.anchor, true
	}
	offset := w.cursor - w.top
	switch l {
	case loadTail:
		w.rows, w.atEnd, w.atStart = items, true, !list.More
	case loadRefresh:
		w.replaceSeen(items)
	case loadOlder:
		w.rows = append(items, w.rows...)
		w.atStart = !list.More
	case loadNewer:
		w.rows = append(w.rows, items...)
		w.atEnd = !list.More
	case loadOldest:
		w.rows, w.atStart, w.atEnd = items, true, !list.More
		had, w.anchored, w.cursor, w.top = false, false, 0, 0
	case loadAround:
		w.rows, w.atEnd, w.atStart = items, false, !list.More
		if len(items) == 0 {
			w.atStart = true
		}
	case loadAgain:
		w.atStart = w.atStart && !list.More && minSeq(items) <= minSeq(w.rows)
		w.atEnd = w.atEnd && maxSeq(items) >= w.newest()
		w.rows = items
	}
	w.depth = arrange(w.rows)
	w.total, w.lastMatch = list.Total, list.Match
	w.lastSeq = max(w.lastSeq, w.newest())
	w.reselect(sel, had)
	w.trim()
	if l == loadOlder || l == loadNewer || l == loadAgain { // what is read stays where it is
		w.top = w.cursor - offset
	}
	w.scroll()
}

// replaceSeen puts fresh rows in the place of the ones that were seen when they were
// asked for, by their Seq.
func (w *window) replaceSeen(items []inspect.Summary) {
	fresh := make(map[inspect.ID]inspect.Summary, len(items))
	for _, s := range items {
		fresh[s.ID] = s
	}
	for i := range w.rows {
		if s, ok := fresh[w.rows[i].ID]; ok {
			w.rows[i] = s
		}
	}
}

func (w *window) reselect(sel inspect.Summary, had bool) {
	switch {
	case len(w.rows) == 0:
		w.cursor = 0
	case w.follow:
		w.cursor = len(w.rows) - 1
	case had:
		if w.cursor = w.index(sel.ID); w.cursor < 0 {
			w.cursor = w.elder(sel.Seq)
		}
	default:
		w.cursor = min(w.cursor, len(w.rows)-1)
	}
}

// elder is the row of the newest exchange that is not newer than seq; 0 without any.
func (w *window) elder(seq int64) int {
	best := -1
	for i := range w.rows {
		if n := w.rows[i].Seq; n <= seq && (best < 0 || n > w.rows[best].Seq) {
			best = i
		}
	}
	return max(best, 0)
}

// trim drops the rows farthest from the cursor when there are too many: the oldest or the
// newest ones, so that what is kept has no gap.
func (w *window) trim() {
	over := len(w.rows) - maxRows
	if over <= 0 {
		return
	}
	sel, had := w.selected()
	slices.SortFunc(w.rows, func(a, b inspect.Summary) int { return int(a.Seq - b.Seq) })
	if w.cursor > len(w.rows)/2 {
		w.rows = slices.Clone(w.rows[over:])
		w.atStart = false
	} else {
		w.rows = slices.Clone(w.rows[:maxRows])
		w.atEnd = false
	}
	w.top -= w.cursor
	w.depth = arrange(w.rows)
	w.reselect(sel, had)
	w.top += w.cursor
}
