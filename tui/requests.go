package tui

import (
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// splitWidth is where the detail begins to stand beside the list.
	splitWidth = 160
	// frozenRefresh is how often a list that does not follow asks what is new.
	frozenRefresh = 500 * time.Millisecond
	// A query that takes longer than slowLoad is repeated for traffic alone only after
	// restFactor times as long: the app needs the processor more.
	slowLoad   = 20 * time.Millisecond
	restFactor = 4
	// retryLoad is how long a page rests after an error of its source.
	retryLoad = time.Second
)

// requests is the page of the live list, with the detail of one exchange.
type requests struct {
	*shared
	win   window
	input widget.Input
	typed bool // the filter field has the keys
	comp  completion

	query   string // what rows are filtered by
	wanted  string // what they shall be filtered by
	bad     string // a wanted query that was refused with qerr
	qerr    *query.Error
	err     error // the source failed
	retryAt time.Time

	dirty    bool
	jump     load // a load that a key asked for
	busy     bool // one request is under way
	gen      int  // answers of an older generation are dropped
	lastLoad time.Time
	rest     time.Time // until then traffic alone asks for nothing

	open   bool // the detail has the keys, or the whole page
	detail detail
	paper  *paper          // over all of it; nil: none
	marked inspect.Summary // for a comparison; ID "" none
	subs   unfolded
	width  int
	height int
}

func newRequests(sh *shared) requests {
	return requests{shared: sh, win: newWindow(), dirty: true, detail: newDetail(sh)}
}

func (p *requests) split() bool { return p.width >= splitWidth }

func (p *requests) editing() bool {
	if p.paper != nil {
		return p.paper.searching
	}
	return p.typed || p.open && p.detail.searching
}

// restyle says that colours have changed.
func (p *requests) restyle() {
	p.detail.stale()
	if p.paper != nil {
		p.paper.draw()
	}
}

// filterRows is the number of lines the filter takes above the list.
func (p *requests) filterRows() int {
	switch {
	case p.typed, p.qerr != nil: // always two while typing: the list must not jump
		return 2
	case p.wanted != "":
		return 1
	}
	return 0
}

func (p *requests) resize(w, h int) {
	p.width, p.height = w, h
	if p.paper != nil {
		p.paper.resize(w, h)
	}
	if rows := h - 1 - p.filterRows(); rows > p.win.height && p.win.follow && !p.win.atStart && len(p.win.rows) < rows {
		p.dirty = true // the rest of the taller screen
	}
	p.win.resize(h - 1 - p.filterRows())
	if p.split() {
		p.detail.resize(w-p.listWidth()-1, h)
	} else {
		p.detail.resize(w, h)
	}
}

func (p *requests) listWidth() int {
	if !p.split() {
		return p.width
	}
	return max(p.width*52/100, 90)
}

// listMsg is the answer to a load.
type listMsg struct {
	gen   int
	load  load
	query string
	list  inspect.List
	took  time.Duration
	err   error
}

// sync starts the next request that the state of the page calls for: at most one is
// under way.
func (p *requests) sync() tea.Cmd {
	return tea.Batch(p.syncList(), p.syncDetail())
}

func (p *requests) syncList() tea.Cmd {
	if p.busy || p.now.Before(p.retryAt) {
		return nil
	}
	l, query := p.due()
	if l == loadNone {
		return nil
	}
	p.busy = true
	p.lastLoad = p.now
	if l == loadTail || l == loadRefresh {
		p.dirty = false
	}
	gen, r, ctx, src := p.gen, p.win.request(l, query), p.ctx, p.src
	if l == loadTail {
		r.Before, r.After, r.Oldest = 0, 0, false
	}
	r.Roots, r.Open = query == "" && !p.subs.all, p.subs.list()
	clock := p.opts.Now
	return func() tea.Msg {
		start := clock()
		list, err := src.Exchanges(ctx, r)
		return listMsg{gen, l, query, list, clock().Sub(start), err}
	}
}

// refused reports whether the wanted query is known to be wrong.
func (p *requests) refused() bool { return p.qerr != nil && p.wanted == p.bad }

// due says what to load next.
func (p *requests) due() (load, string) {
	switch {
	case p.wanted != p.query && !p.refused():
		if p.win.follow || len(p.win.rows) == 0 && !p.win.anchored {
			return loadTail, p.wanted
		}
		return loadAround, p.wanted
	case p.jump != loadNone:
		l := p.jump
		p.jump = loadNone
		return l, p.query
	case p.dirty && (p.win.follow || len(p.win.rows) == 0) && !p.now.Before(p.rest):
		return loadTail, p.query
	}
	if l := p.win.missing(); l != loadNone {
		return l, p.query
	}
	if p.dirty && len(p.win.rows) > 0 && !p.win.follow && p.now.Sub(p.lastLoad) >= frozenRefresh && !p.now.Before(p.rest) {
		return loadRefresh, p.query
	}
	return loadNone, ""
}

// loaded takes the answer to a load. The answer to a query that is no longer wanted
// is dropped.
func (p *requests) loaded(m listMsg) {
	p.busy = false
	if m.took > slowLoad {
		p.rest = p.now.Add(restFactor * m.took)
	}
	var qe *query.Error
	switch {
	case m.gen != p.gen:
		return
	case errors.As(m.err, &qe):
		if m.query == p.wanted {
			p.bad, p.qerr = m.query, qe
		}
		return
	case m.err != nil:
		p.err, p.dirty, p.retryAt = m.err, true, p.now.Add(retryLoad)
		return
	case m.query != p.query && m.query != p.wanted:
		return
	}
	p.err = nil
	if m.query == p.wanted {
		p.bad, p.qerr = "", nil
	}
	p.win.apply(m.load, m.list)
	if m.query != p.query {
		p.query = m.query
		p.win.frozenMatch = m.list.Match
	}
	if m.load == loadAround && len(p.win.rows) == 0 {
		p.dirty = true // nothing as old as the selection matches: load the newest
	}
}

// mark says that exchanges up to seq have changed.
func (p *requests) mark(seq int64) {
	p.dirty = true
	p.win.lastSeq = max(p.win.lastSeq, seq)
	if !p.win.follow && len(p.win.rows) > 0 && seq > p.win.newest() {
		p.win.atEnd = false
	}
}

// cleared forgets all rows.
func (p *requests) cleared() {
	p.gen++
	h := p.win.height
	p.win = newWindow()
	p.win.height = h
	p.dirty = true
	if p.open && !p.split() {
		p.open = false
	}
	p.detail.close()
	p.marked, p.subs.open = inspect.Summary{}, nil
}

// setQuery asks for rows by another filter.
func (p *requests) setQuery(q string) {
	p.wanted = strings.TrimSpace(q)
	if p.wanted == p.query {
		p.bad, p.qerr = "", nil
	} else if !p.refused() {
		p.qerr = nil
	}
}

// syncDetail loads the exchange that the detail shall show.
func (p *requests) syncDetail() tea.Cmd {
	if !p.open && !p.split() {
		return nil
	}
	if s, ok := p.win.selected(); ok && (p.split() && !p.open || p.detail.id == "") {
		p.detail.show(s.ID)
	}
	p.detail.refresh()
	return p.detail.sync()
}

func (p *requests) paste(text string) {
	switch {
	case p.paper != nil:
		p.paper.input.Paste(text)
		p.paper.search(p.paper.input.Text())
	case p.typed:
		p.input.Paste(text)
		p.edited()
	default:
		p.detail.paste(text)
	}
}

// back closes the detail, or with esc the filter; it reports whether there was one.
func (p *requests) back(esc bool) bool {
	switch {
	case p.paper != nil:
		if !p.paper.back(esc) {
			p.paper = nil
		}
		return true
	case p.open && p.detail.back(esc):
		return true
	case p.open:
		p.open = false
		return true
	case esc && p.wanted != "":
		p.input.Set("")
		p.setQuery("")
		return true
	}
	return false
}

func (p *requests) openDetail(id inspect.ID) {
	p.open = true
	p.win.setFollow(false) // what is read must not move away
	p.detail.show(id)
}

func (p *requests) top() {
	p.win.setFollow(false)
	if p.win.atStart {
		p.win.to(0)
		return
	}
	p.jump = loadOldest
	p.win.to(0)
}

func (p *requests) resume() {
	p.win.setFollow(true)
	p.rest = time.Time{} // asked for by a key
	p.dirty = true
}

// current returns the exchange that the keys are about.
func (p *requests) current() (inspect.Summary, bool) {
	if p.open && p.detail.ex != nil && p.detail.ex.ID == p.detail.id {
		return p.detail.ex.Summary, true
	}
	return p.win.selected()
}
