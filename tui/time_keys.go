package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
)

// stuckAfter is from when a request without an end is marked: a browser's user has
// given up by then.
const stuckAfter = 30 * time.Second

// stuck reports whether an exchange should have ended by now. What streams for as long as
// its client stays is not meant.
func stuck(now time.Time, s inspect.Summary) bool {
	return s.InFlight && s.Kind == inspect.KindHTTP && now.Sub(s.Start) >= stuckAfter && typeText(s.ContentType) != "sse"
}

// timeKey handles the keys that ask where time goes; it reports whether k was one.
func (a *App) timeKey(k tea.KeyPressMsg) (tea.Cmd, bool) {
	if key.Matches(k, a.keys.CallTree) {
		return a.switchCalls(), true
	}
	if a.page != pageRequests && !(a.page == pageErrors && a.errors.open) {
		return nil, false
	}
	switch {
	case key.Matches(k, a.keys.Profile):
		a.askProfile()
	case key.Matches(k, a.keys.Mark) && a.page == pageRequests:
		a.mark()
	case key.Matches(k, a.keys.Compare) && a.page == pageRequests:
		return a.compare(), true
	case key.Matches(k, a.keys.Stacks):
		return a.stacks(), true
	case key.Matches(k, a.keys.End):
		a.askEnd()
	default:
		return nil, false
	}
	return nil, true
}

// switchCalls turns the recording of calls on or off.
func (a *App) switchCalls() tea.Cmd {
	on := !a.status.st.CallTree
	text := "the calls of requests are recorded"
	if !on {
		text = "the calls of requests are no longer recorded"
	}
	ctx, src := a.ctx, a.src
	return func() tea.Msg {
		return doneMsg{what: "call tree", text: text, err: src.SetCallTree(ctx, on), state: true}
	}
}

// mark notes the exchange that the next comparison is with; a second time forgets it.
func (a *App) mark() {
	s, ok := a.current()
	switch {
	case !ok:
		a.fail("mark", errors.New("there is no request here"))
	case s.ID == a.requests.marked.ID:
		a.requests.marked = inspect.Summary{}
		a.say("no request is marked")
	default:
		a.requests.marked = s
		a.say(fmt.Sprintf("marked %s %s; %s on another compares", s.Method, clean(s.Path), a.keys.Compare.Help().Key))
	}
}

// compare shows how the exchange differs from the marked one, or its route from what it
// was in the build before.
func (a *App) compare() tea.Cmd {
	s, ok := a.current()
	src, ctx := a.src, a.ctx
	switch {
	case !ok:
		a.fail("compare", errors.New("there is no request here"))
		return nil
	}
	route := calltree.Route(s.Method, s.Path)
	title := route + " compared with the build before"
	get := func() (inspect.Comparison, error) { return src.CompareRoute(ctx, route) }
	if m := a.requests.marked; m.ID != "" && m.ID != s.ID {
		before, after := m, s
		if before.Seq > after.Seq {
			before, after = after, before
		}
		title = before.Method + " " + before.Path + " compared with " + after.Method + " " + after.Path
		get = func() (inspect.Comparison, error) { return src.Compare(ctx, before.ID, after.ID) }
	}
	return a.showPaper(title, func() (paperText, error) {
		c, err := get()
		return paperText{plain: c.Verdict, write: func(f *folder) { f.comparison(c) }}, err
	})
}

// stacks shows what the goroutines of an exchange do.
func (a *App) stacks() tea.Cmd {
	s, ok := a.current()
	src, ctx, now := a.src, a.ctx, a.now
	switch {
	case !ok:
		a.fail("goroutines", errors.New("there is no request here"))
		return nil
	case !s.InFlight:
		a.fail("goroutines", errors.New("the request has ended; it has none any more"))
		return nil
	}
	return a.showPaper("Goroutines of "+s.Method+" "+s.Path, func() (paperText, error) {
		text, err := src.Goroutines(ctx, s.ID)
		if err == nil && text == "" {
			err = errors.New("it has no goroutines; has it ended?")
		}
		return paperText{note: "after " + elapsed(now, s), plain: text, write: func(f *folder) { f.stacks(text) }}, err
	})
}

// showPaper lays a text over the page, which get makes beside Update.
func (a *App) showPaper(title string, get func() (paperText, error)) tea.Cmd {
	a.page = pageRequests
	p := newPaper(a.shared, title)
	a.requests.paper = p
	return func() tea.Msg {
		text, err := get()
		return paperMsg{p, text, err}
	}
}

// askEnd asks whether to end a request that is under way.
func (a *App) askEnd() {
	s, ok := a.current()
	src := a.src
	switch {
	case !ok:
		a.fail("end", errors.New("there is no request here"))
		return
	case !s.InFlight:
		a.fail("end", errors.New("the request has ended by itself"))
		return
	}
	a.sheet = &sheet{
		title: fmt.Sprintf("End %s %s after %s? Its client gets an error.", s.Method, s.Path, elapsed(a.now, s)),
		items: []sheetItem{{a.keys.Confirm, func() tea.Cmd {
			return a.act("end "+s.ID.Short(), "ended "+s.ID.Short(), func(ctx context.Context) error { return src.Cancel(ctx, s.ID) })
		}}},
	}
}
