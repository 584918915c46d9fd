package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
)

// traceLimit is how many failures the page knows: as many as the history keeps.
const traceLimit = 500

// failures is the page of the errors, the newest first and those of one code together,
// with the trace view of one.
type failures struct {
	*shared
	list  []inspect.Trace // newest first
	heads []int           // of list, the newest of each code
	code  string          // the selected one; "" the newest, whichever it is
	top   int
	seen  int64 // greatest ID that the user has been shown
	known int64 // greatest ID heard of
	// noticed is the notice of a failure, which goes when the page is opened.
	noticed string

	open bool
	look traceView

	dirty, busy, asked bool
	retryAt            time.Time
	err                error
	width, height      int
}

func newFailures(sh *shared) failures {
	return failures{shared: sh, dirty: true, look: newTraceView(sh)}
}

// tracesMsg is the answer to a load.
type tracesMsg struct {
	list []inspect.Trace
	err  error
}

// openTraceMsg asks for the trace view of a failure.
type openTraceMsg struct{ id int64 }

// openExchangeMsg asks for the detail of an exchange.
type openExchangeMsg struct{ id inspect.ID }

// sync loads what is out of date; shown says that the page is before the user's eyes.
func (p *failures) sync(shown bool) tea.Cmd {
	if shown {
		p.seen = max(p.seen, p.known)
		if p.noticed != "" && p.toast == p.noticed {
			p.toast = ""
		}
		p.noticed = ""
	}
	var list, one tea.Cmd
	if p.dirty && !p.busy && !p.now.Before(p.retryAt) {
		p.dirty, p.busy = false, true
		ctx, src := p.ctx, p.src
		list = func() tea.Msg {
			list, err := src.Traces(ctx, traceLimit)
			return tracesMsg{list, err}
		}
	}
	if p.open && shown {
		one = p.look.sync()
	}
	return tea.Batch(list, one)
}

func (p *failures) loaded(m tracesMsg) {
	p.busy, p.err = false, m.err
	if m.err != nil {
		p.dirty, p.retryAt = true, p.now.Add(retryLoad)
		return
	}
	p.list = m.list
	p.heads = p.heads[:0]
	met := map[string]bool{}
	for i, t := range p.list {
		p.known = max(p.known, t.ID)
		if t.Code == "" || !met[t.Code] {
			met[t.Code] = true
			p.heads = append(p.heads, i)
		}
	}
	if !p.asked { // what an earlier run left is no news
		p.asked, p.seen = true, p.known
	}
	p.look.same(p.list)
	p.scroll()
}

// heard takes note of a failure that the feed told of; shown says that the page is
// before the user's eyes, and needs no notice.
func (p *failures) heard(t *inspect.Trace, shown bool) {
	p.dirty = true
	p.look.stale()
	if t == nil {
		return
	}
	fresh := t.ID > p.known
	p.known = max(p.known, t.ID)
	if fresh && p.asked && !shown {
		p.notice(t)
	}
}

// notice tells of a new failure in one line.
func (p *failures) notice(t *inspect.Trace) {
	p.fail(t.Code, errorText(t.Headline+"; "+p.keys.Errors.Help().Key+" shows it"))
	p.noticed = p.toast
}

// errorText is an error that is only its text.
type errorText string

func (e errorText) Error() string { return string(e) }

// news is how many failures have come since the page was last looked at.
func (p *failures) news() (n int) {
	for _, t := range p.list {
		if t.ID > p.seen {
			n++
		}
	}
	return n
}

// cursor is the index into heads of the selected row.
func (p *failures) cursor() int {
	if p.code != "" {
		for i, h := range p.heads {
			if p.list[h].Code == p.code {
				return i
			}
		}
	}
	return 0
}

func (p *failures) selected() (inspect.Trace, bool) {
	if len(p.heads) == 0 {
		return inspect.Trace{}, false
	}
	return p.list[p.heads[p.cursor()]], true
}

// move selects by so many rows further down; the first row is the newest failure,
// whichever that will be.
func (p *failures) move(by int) {
	if len(p.heads) == 0 {
		return
	}
	i := max(min(p.cursor()+by, len(p.heads)-1), 0)
	p.code = p.list[p.heads[i]].Code
	if i == 0 {
		p.code = ""
	}
	p.scroll()
}

func (p *failures) rows() int { return max(p.height-1, 1) }

func (p *failures) scroll() {
	c := p.cursor()
	p.top = max(min(p.top, c), c-p.rows()+1, 0)
}

func (p *failures) resize(w, h int) {
	p.width, p.height = w, h
	p.look.resize(w, h)
	p.scroll()
}

func (p *failures) restyle() { p.look.draw() }

// show opens the trace view of a failure.
func (p *failures) show(id int64) {
	p.open = true
	p.look.show(id)
	for _, t := range p.list {
		if t.ID == id {
			p.code = t.Code
		}
	}
	p.look.same(p.list)
}

// step opens the neighbour in the list.
func (p *failures) step(by int) {
	i := p.cursor() + by
	switch {
	case i < 0:
		p.say("this is the newest error")
	case i >= len(p.heads):
		p.say("this is the oldest error")
	default:
		p.show(p.list[p.heads[i]].ID)
	}
}

func (p *failures) editing() bool { return p.open && p.look.editing() }

func (p *failures) paste(text string) { p.look.paste(text) }

// back closes the trace view; it reports whether there was one.
func (p *failures) back(esc bool) bool {
	if !p.open {
		return false
	}
	if !p.look.back(esc) {
		p.open = false
		p.scroll()
	}
	return true
}

func (p *failures) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case p.open && !p.look.editing() && key.Matches(k, p.keys.Newer):
		p.step(-1)
	case p.open && !p.look.editing() && key.Matches(k, p.keys.Older):
		p.step(+1)
	case p.open:
		return p.look.key(k)
	case key.Matches(k, p.keys.ToRequest):
		if t, ok := p.selected(); ok {
			return toRequest(p.shared, t.Exchange)
		}
	default:
		p.listKey(k)
	}
	return nil
}

// toRequest asks for the exchange of a failure.
func toRequest(s *shared, id inspect.ID) tea.Cmd {
	if id == "" {
		s.say("the error belongs to no request")
		return nil
	}
	return func() tea.Msg { return openExchangeMsg{id} }
}

func (p *failures) listKey(k tea.KeyPressMsg) {
	by, moves := listStep(p.keys, k, p.rows(), len(p.heads))
	switch {
	case moves:
		p.move(by)
	case key.Matches(k, p.keys.Unfold):
		if t, ok := p.selected(); ok {
			p.show(t.ID)
		}
	}
}

func (p *failures) hints() []key.Binding {
	k := p.keys
	if p.open {
		return p.look.hints()
	}
	open := k.Open
	return []key.Binding{open, k.ToRequest, k.Copy, k.Replay, k.Restart, k.Quit}
}
