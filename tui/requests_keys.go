package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

func (p *requests) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case p.paper != nil:
		return p.paper.key(k)
	case p.typed:
		p.filterKey(k)
	case p.open:
		return p.detailKey(k)
	default:
		p.listKey(k)
	}
	return nil
}

func (p *requests) filterKey(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, p.keys.Back):
		p.typed = false
		p.input.Set("")
		p.setQuery("")
	case key.Matches(k, p.keys.Open):
		if p.qerr != nil {
			return // the error stands below the field; esc leaves it
		}
		p.typed = false
		p.input.Remember()
	case p.comp.key(&p.input, k):
		p.setQuery(p.input.Text())
	default:
		p.input.Key(k)
		p.edited()
	}
}

// edited follows the filter field, of which text or cursor has changed.
func (p *requests) edited() {
	p.setQuery(p.input.Text())
	p.comp.look(p.input.Before())
}

func (p *requests) detailKey(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case p.detail.searching:
		return p.detail.key(k)
	case key.Matches(k, p.keys.Newer):
		p.step(+1)
	case key.Matches(k, p.keys.Older):
		p.step(-1)
	default:
		return p.detail.key(k)
	}
	return nil
}

// step moves the selection while the detail is open and shows the neighbour.
func (p *requests) step(by int) {
	if by > 0 && p.win.cursor >= len(p.win.rows)-1 {
		p.say("this is the newest request")
		return
	}
	if by < 0 && p.win.cursor == 0 {
		p.say("this is the oldest request")
		return
	}
	p.win.move(by)
	if s, ok := p.win.selected(); ok {
		p.detail.show(s.ID)
	}
}

func (p *requests) listKey(k tea.KeyPressMsg) {
	h := p.win.height
	switch {
	case key.Matches(k, p.keys.Up):
		p.win.move(-1)
	case key.Matches(k, p.keys.Down):
		p.win.move(1)
	case key.Matches(k, p.keys.HalfUp):
		p.win.move(-max(h/2, 1))
	case key.Matches(k, p.keys.HalfDown):
		p.win.move(max(h/2, 1))
	case key.Matches(k, p.keys.PageUp):
		p.win.move(-h)
	case key.Matches(k, p.keys.PageDown):
		p.win.move(h)
	case key.Matches(k, p.keys.Top):
		p.top()
	case key.Matches(k, p.keys.Bottom):
		p.resume()
	case key.Matches(k, p.keys.Follow):
		if p.win.follow {
			p.win.setFollow(false)
		} else {
			p.resume()
		}
	case key.Matches(k, p.keys.Filter):
		p.typed = true
		p.win.hold()
		p.input.Set(p.wanted)
		p.comp.look(p.input.Before())
	case key.Matches(k, p.keys.Subs):
		p.foldSubs()
	case key.Matches(k, p.keys.AllSubs):
		p.foldAllSubs()
	case key.Matches(k, p.keys.Open):
		if s, ok := p.win.selected(); ok {
			p.openDetail(s.ID)
		}
	case p.split() && key.Matches(k, p.keys.NextTab):
		p.detail.turn(1)
	case p.split() && key.Matches(k, p.keys.PrevTab):
		p.detail.turn(-1)
	case p.split() && key.Matches(k, p.keys.Reveal):
		p.detail.key(k)
	}
}
