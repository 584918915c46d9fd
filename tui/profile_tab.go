package tui

import (
	"errors"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
)

// profileMode is a view of the profile tab.
type profileMode int

const (
	modeTree     profileMode = iota // calls, folded
	modeTop                         // functions
	modeFlame                       // calls as frames
	modeRecorded                    // recorded profiles
	modeCount
)

var modeNames = [modeCount]string{"Tree", "Top", "Flame", "Recorded"}

// maxProfiles bounds the profiles among which those of an exchange are looked for: the
// archive keeps no more.
const maxProfiles = 50

// profileTab is the tab that says where the time of an exchange went. What it shows is
// made beside Update, and only the rows that are seen are drawn.
type profileTab struct {
	*shared
	id    inspect.ID
	route string
	nodes int  // of the call tree, as the exchange tells
	early bool // the exchange is under way
	mode  profileMode
	err   error
	m     *callModel // nil: no calls
	ready bool       // what is shown belongs to id

	busy, due bool
	loadAt    time.Time

	tree     treeMode
	top      topMode
	flame    flameMode
	recorded recordedMode
	with     map[inspect.ID]bool // exchanges that have profiles, as far as is known

	needle string
	hits   []int // by mode: nodes, or rows
	at     int   // of hits
	width  int
	height int
}

// callsMsg brings the call tree of an exchange and its recorded profiles.
type callsMsg struct {
	id       inspect.ID
	m        *callModel
	profiles []inspect.Profile // of all exchanges
	err      error
}

// show makes ex the exchange whose time is told.
func (p *profileTab) show(ex *inspect.Exchange) {
	nodes := ex.Sums.Nodes
	if ex.CallTree != nil {
		nodes = max(nodes, len(ex.CallTree.Nodes))
	}
	switch {
	case p.id != ex.ID:
		p.close()
		p.id, p.route, p.nodes, p.due = ex.ID, calltree.Route(ex.Method, ex.Path), nodes, true
		p.resize(p.width, p.height)
	case p.nodes != nodes:
		p.nodes, p.due = nodes, true
	}
	p.early = ex.InFlight
}

func (p *profileTab) close() {
	*p = profileTab{shared: p.shared, mode: p.mode, width: p.width, height: p.height, busy: p.busy, with: p.with}
}

// stale says that more was recorded.
func (p *profileTab) stale() { p.due = p.id != "" }

// sync loads what is seen.
func (p *profileTab) sync() tea.Cmd {
	return tea.Batch(p.syncCalls(), p.recorded.sync(p.shared))
}

func (p *profileTab) syncCalls() tea.Cmd {
	if p.busy || !p.due || p.id == "" || p.now.Sub(p.loadAt) < detailRefresh {
		return nil
	}
	p.busy, p.due, p.loadAt = true, false, p.now
	ctx, src, id, calls := p.ctx, p.src, p.id, p.nodes > 0
	return func() tea.Msg {
		m := callsMsg{id: id}
		if calls {
			t, err := src.CallTree(ctx, id)
			if err == nil {
				m.m, err = newCallModel(t)
			}
			if !errors.Is(err, inspect.ErrNotFound) {
				m.err = err
			}
		}
		var err error
		if m.profiles, err = src.Profiles(ctx, maxProfiles); m.err == nil {
			m.err = err
		}
		return m
	}
}

func (p *profileTab) loaded(m callsMsg) {
	p.busy = false
	if m.id != p.id {
		return
	}
	p.err, p.m, p.ready = m.err, m.m, true
	p.tree.set(p.m)
	p.top.set(p.m)
	p.flame.set(p.m)
	p.with = map[inspect.ID]bool{}
	for _, pr := range m.profiles {
		p.with[pr.Exchange] = true
	}
	p.recorded.set(slices.DeleteFunc(m.profiles, func(pr inspect.Profile) bool {
		return pr.Exchange != p.id && (pr.Exchange != "" || pr.Route != p.route)
	}))
	p.mode = p.nearest()
	p.resize(p.width, p.height)
	p.look(p.needle, false)
}

// has reports whether there is something for a view to show.
func (p *profileTab) has(m profileMode) bool {
	if m == modeRecorded {
		return len(p.recorded.list) > 0 || p.rec != nil && p.rec.id == p.id
	}
	return p.m != nil
}

// nearest is the view that is wanted, or the first that has something to show.
func (p *profileTab) nearest() profileMode {
	if p.has(p.mode) {
		return p.mode
	}
	for m := range modeCount {
		if p.has(m) {
			return m
		}
	}
	return p.mode
}

// next is the view after this one.
func (p *profileTab) next() profileMode {
	for by := profileMode(1); by < modeCount; by++ {
		if m := (p.mode + by) % modeCount; p.has(m) {
			return m
		}
	}
	return p.mode
}

// turn goes to a view and takes the function under the cursor along.
func (p *profileTab) turn(to profileMode) {
	node, function := p.under()
	p.mode = to
	switch {
	case to == modeTree && node >= 0:
		p.tree.reveal(p.m, node)
	case to == modeFlame && node >= 0:
		p.flame.reveal(p.m, node)
	case to == modeTop && function >= 0:
		p.top.reveal(function)
	}
	p.look(p.needle, false)
}

// under is the node and the function under the cursor, -1 where there is none.
func (p *profileTab) under() (node, function int) {
	if p.m == nil || p.mode == modeRecorded {
		return -1, -1
	}
	switch p.mode {
	case modeTree:
		node = p.tree.node()
	case modeFlame:
		node = p.flame.node
	case modeTop:
		if r, ok := p.top.row(); ok {
			return p.m.largest(r.fn), r.fn
		}
		return -1, -1
	}
	if node < 0 || node >= len(p.m.t.Nodes) {
		return -1, -1
	}
	return node, p.m.fn[node]
}

// largest is the node of a function that took the longest.
func (m *callModel) largest(function int) int {
	best := -1
	for i, n := range m.t.Nodes {
		if m.fn[i] == function && (best < 0 || n.Total > m.t.Nodes[best].Total) {
			best = i
		}
	}
	return best
}

func (p *profileTab) resize(w, h int) {
	p.width, p.height = w, h
	p.tree.resize(h - 2) // below the names of the views and the headings
	p.top.resize(h - 2)
	p.flame.resize(p.m, w, h-1-flameFoot)
	p.recorded.resize(p.shared, w, h-1)
}

// key handles the keys of the view; it reports whether k was one.
func (p *profileTab) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, p.keys.View):
		p.turn(p.next())
	case key.Matches(k, p.keys.Edit):
		return p.edit(), true
	case key.Matches(k, p.keys.NextHit):
		p.hop(1)
	case key.Matches(k, p.keys.PrevHit):
		p.hop(-1)
	case key.Matches(k, p.keys.Open) && p.opens():
		return p.edit(), true
	case p.mode == modeRecorded:
		return nil, p.recorded.key(p.keys, k)
	case p.m == nil:
		return nil, false
	case p.mode == modeTree:
		return nil, p.tree.key(p.m, p.keys, k)
	case p.mode == modeFlame:
		return nil, p.flame.key(p.m, p.keys, k)
	case p.mode == modeTop:
		moved := p.top.key(p.keys, k)
		p.look(p.needle, false) // the rows may have another order
		return nil, moved
	}
	return nil, true
}

// opens reports whether the key that opens has nothing to unfold or to zoom into, and so
// opens the source.
func (p *profileTab) opens() bool {
	node, _ := p.under()
	switch p.mode {
	case modeTop, modeRecorded:
		return true
	}
	return node >= 0 && len(p.m.kids[node]) == 0 && p.m.at(p.m.fn[node]).Line > 0
}

// edit opens the function under the cursor in the editor.
func (p *profileTab) edit() tea.Cmd {
	if p.mode == modeRecorded {
		return openEditor(p.shared, p.recorded.at(), 0)
	}
	var at inspect.Location
	if _, function := p.under(); function >= 0 {
		at = p.m.at(function)
	}
	return openEditor(p.shared, at, 0)
}

// back leaves a zoomed frame; it reports whether there was one.
func (p *profileTab) back() bool {
	return p.mode == modeFlame && p.m != nil && p.flame.out(p.m)
}

// look finds text in the view; with jump the cursor goes to the first hit from where it is.
func (p *profileTab) look(text string, jump bool) {
	p.needle, p.hits, p.at = text, p.hits[:0], 0
	if text == "" {
		return
	}
	here := 0
	switch {
	case p.mode == modeRecorded:
		p.hits, here = p.recorded.find(text), p.recorded.cursor
	case p.m == nil:
		return
	case p.mode == modeTop:
		match := p.m.matches(text)
		for i, r := range p.top.rows {
			if match[r.fn] {
				p.hits = append(p.hits, i)
			}
		}
		here = p.top.cursor
	default:
		match := p.m.matches(text)
		node, _ := p.under()
		here = slices.Index(p.m.order, node)
		for i, n := range p.m.order {
			if match[p.m.fn[n]] {
				p.hits = append(p.hits, i)
			}
		}
	}
	for p.at < len(p.hits)-1 && p.hits[p.at] < here {
		p.at++
	}
	if jump {
		p.toHit()
	}
}

// hop goes by hits forwards (1) or backwards (-1), around the ends.
func (p *profileTab) hop(by int) {
	if n := len(p.hits); n > 0 {
		p.at = (p.at + by + n) % n
		p.toHit()
	}
}

func (p *profileTab) toHit() {
	if p.at >= len(p.hits) {
		return
	}
	i := p.hits[p.at]
	switch p.mode {
	case modeTree:
		p.tree.reveal(p.m, p.m.order[i])
	case modeFlame:
		p.flame.reveal(p.m, p.m.order[i])
	case modeTop:
		p.top.to(i)
	case modeRecorded:
		p.recorded.to(i)
	}
}

// found says what is searched for, and which hit the cursor is at.
func (p *profileTab) found() (needle string, at, of int) {
	if len(p.hits) == 0 {
		return p.needle, 0, 0
	}
	return p.needle, p.at + 1, len(p.hits)
}

func (p *profileTab) percent() (int, bool) {
	switch p.mode {
	case modeTree:
		return p.tree.percent()
	case modeTop:
		return p.top.percent()
	case modeRecorded:
		return p.recorded.percent()
	}
	return 100, false
}

func (p *profileTab) wheel(by int) {
	switch p.mode {
	case modeTree:
		p.tree.to(p.tree.cursor + by)
	case modeTop:
		p.top.to(p.top.cursor + by)
	case modeRecorded:
		p.recorded.to(p.recorded.cursor + by)
	}
}
