package tui

import tea "charm.land/bubbletea/v2"

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

// click selects what is under the pointer; a second click on a row opens it.
func (a *App) click(m tea.Mouse) tea.Cmd {
	if m.Button != tea.MouseLeft || a.sheet != nil || a.help != nil {
		return nil
	}
	above, _ := a.chrome()
	if m.Y == 0 {
		a.clickTab(m.X)
		return nil
	}
	row := m.Y - above - 1 // below the headings
	switch {
	case a.page == pageRequests && a.requests.paper != nil:
		if p := a.requests.paper; row >= 1 && row-1 < p.view_.Height() { // below its title
			p.to(p.view_.First() + row - 1)
		}
	case a.page == pageRequests && (a.requests.split() && m.X >= a.requests.listWidth() || a.requests.open && !a.requests.split()):
		return a.requests.clickDetail(m.X, m.Y-above)
	case a.page == pageRequests:
		a.requests.clickList(row)
	case a.page == pageErrors && row+1 >= 0:
		a.clickErrors(row)
	case a.page == pageBuilds && !a.builds.open && row >= 0 && a.builds.top+row < len(a.builds.list):
		a.builds.move(a.builds.top + row - a.builds.cursor())
	}
	return nil
}

// clickList selects a row; a second click opens it.
func (p *requests) clickList(row int) {
	i := p.win.top + row - p.filterRows()
	if row < p.filterRows() || i >= len(p.win.rows) {
		return
	}
	again := i == p.win.cursor && !p.win.follow
	p.open = false
	p.win.setFollow(false)
	p.win.to(i)
	if again {
		p.openDetail(p.win.rows[i].ID)
	}
}

// clickDetail gives the detail the keys, and opens the tab or selects the line under the
// pointer; line is counted from the detail's title.
func (p *requests) clickDetail(x, line int) tea.Cmd {
	d := &p.detail
	if !p.open {
		s, ok := p.win.selected()
		if !ok {
			return nil
		}
		p.openDetail(s.ID)
	}
	if p.split() {
		x -= p.listWidth() + 1
	}
	if line == 1 {
		d.clickTab(x)
		return nil
	}
	return d.clickText(line - (d.height - 1 - d.textRows()))
}

// clickErrors selects in the list of errors or in the trace view; a second click
// opens. row is counted from the line below the headings.
func (a *App) clickErrors(row int) {
	p := &a.errors
	if p.open {
		v := &p.look
		i := v.view_.First() + row + 1
		again := i == v.cursor
		if i < len(v.rows) && row+1 < v.view_.Height() {
			v.to(i)
			if again && v.toggle() {
				v.draw()
			}
		}
		return
	}
	i := p.top + row
	if row < 0 || i >= len(p.heads) {
		return
	}
	again := i == p.cursor()
	p.move(i - p.cursor())
	if again {
		p.show(p.list[p.heads[i]].ID)
	}
}

// clickTab opens the page whose name is at cell x of the first line.
func (a *App) clickTab(x int) {
	text, at := a.tabs()
	line := stripped(a.headerView())
	start := indexCells(line, stripped(text))
	for i, r := range at {
		if start >= 0 && x >= start+r[0] && x < start+r[1] {
			a.page = pageID(i)
		}
	}
}

// wheel scrolls what is under the pointer.
func (a *App) wheel(m tea.Mouse) tea.Cmd {
	by := wheelLines
	switch m.Button {
	case tea.MouseWheelUp:
		by = -wheelLines
	case tea.MouseWheelDown:
	default:
		return nil
	}
	p := &a.requests
	switch {
	case a.help != nil:
		a.help.Scroll(by)
	case a.page == pageOutput:
		a.output.scroll(by)
	case a.page == pageBuilds && a.builds.open:
		a.builds.view_.Scroll(by)
	case a.page == pageBuilds:
		a.builds.move(by)
	case a.page == pageErrors && a.errors.open:
		a.errors.look.to(a.errors.look.cursor + by)
	case a.page == pageErrors:
		a.errors.move(by)
	case p.paper != nil:
		p.paper.to(p.paper.cursor + by)
	case p.open && !p.split(), p.split() && m.X >= p.listWidth():
		p.detail.wheel(by)
	default:
		p.win.move(by)
	}
	return nil
}
