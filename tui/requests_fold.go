package tui

import (
	"slices"

	"github.com/pastedev/pastedev/inspect"
)

// maxUnfolded bounds the requests whose sub-requests are shown one by one: more than a
// screen of them is better unfolded all at once.
const maxUnfolded = 64

// unfolded says whose sub-requests the list shows. A filter finds them all the same.
type unfolded struct {
	all  bool
	open []inspect.ID // in the order of their unfolding
}

// list is a copy for a request.
func (u *unfolded) list() []inspect.ID { return slices.Clone(u.open) }

func (u *unfolded) has(id inspect.ID) bool { return u.all || slices.Contains(u.open, id) }

// add unfolds one more; the oldest one of too many is folded at the next look.
func (u *unfolded) add(id inspect.ID) {
	if u.open = append(u.open, id); len(u.open) > maxUnfolded {
		u.open = u.open[1:]
	}
}

func (u *unfolded) drop(id inspect.ID) {
	u.open = slices.DeleteFunc(u.open, func(o inspect.ID) bool { return o == id })
}

// foldSubs shows or hides the sub-requests of the selected row; on one of them it hides it
// with its siblings.
func (p *requests) foldSubs() {
	s, ok := p.win.selected()
	switch {
	case !ok:
		return
	case p.query != "":
		p.say("a filter shows sub-requests as it finds them; esc clears it")
		return
	case p.subs.all:
		p.say("all sub-requests are shown; Z folds them")
		return
	case s.Subs > 0 && !p.subs.has(s.ID):
		p.subs.add(s.ID)
		p.win.setFollow(false)
		p.jump = loadAgain
		return
	case s.Subs == 0 && s.Parent == "":
		p.say("this request has no sub-requests")
		return
	}
	id := s.ID
	if !p.subs.has(id) {
		id = s.Parent
	}
	p.shut(id)
	p.win.fold(id)
}

// shut folds id and what was unfolded within it.
func (p *requests) shut(id inspect.ID) {
	p.subs.drop(id)
	for i := range p.win.rows {
		if s := &p.win.rows[i]; s.Parent == id && slices.Contains(p.subs.open, s.ID) {
			p.shut(s.ID)
		}
	}
}

// foldAllSubs shows or hides all sub-requests.
func (p *requests) foldAllSubs() {
	p.subs.all, p.subs.open = !p.subs.all, nil
	switch {
	case p.query != "":
		p.say("a filter shows sub-requests as it finds them; esc clears it")
		p.subs.all = !p.subs.all
	case !p.subs.all:
		p.say("sub-requests are folded")
		p.win.foldAll()
		p.dirty = true
	default:
		p.say("all sub-requests are shown")
		p.dirty = true
		if !p.win.follow {
			p.jump = loadAgain
		}
	}
}
