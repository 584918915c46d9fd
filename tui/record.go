package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// wantedSamples and recordLimit are when a profile is done; the source's own ends,
	// told here before the first word of it.
	wantedSamples = 200
	recordLimit   = 10 * time.Second
	// progressCells is the width of the bar of a profile under way.
	progressCells = 16
)

// recording is a profile that this UI has asked for and that is under way.
type recording struct {
	id       inspect.ID
	kind     inspect.ProfileKind
	start    time.Time
	progress inspect.ProfileProgress
	cancel   context.CancelFunc
	stopping bool // the user has ended it
}

// profiledMsg ends a recording.
type profiledMsg struct {
	rec     *recording
	profile inspect.Profile
	err     error
}

// askProfile opens the menu of what to measure.
func (a *App) askProfile() {
	s, ok := a.current()
	switch {
	case !ok:
		a.fail("profile", errors.New("there is no request here"))
		return
	case s.Kind != inspect.KindHTTP:
		a.fail("profile", fmt.Errorf("a %s cannot be sent again", s.Kind))
		return
	case a.rec != nil:
		a.fail("profile", errors.New("one is being recorded; esc ends it"))
		return
	}
	item := func(b key.Binding, kind inspect.ProfileKind) sheetItem {
		return sheetItem{b, func() tea.Cmd { return a.askRepeat(s, kind) }}
	}
	k := a.keys
	a.sheet = &sheet{
		title: fmt.Sprintf("Profile %s %s: sent again until there are %d samples, at most %.0f s", s.Method, s.Path, wantedSamples, recordLimit.Seconds()),
		items: []sheetItem{
			item(k.ProfileCPU, inspect.ProfileCPU), item(k.ProfileWall, inspect.ProfileWall), item(k.ProfileHeap, inspect.ProfileHeap),
			item(k.ProfileMutex, inspect.ProfileMutex), item(k.ProfileBlock, inspect.ProfileBlock), item(k.ProfileTrace, inspect.ProfileTrace),
		},
	}
}

// askRepeat confirms that a request is sent again that may change something.
func (a *App) askRepeat(s inspect.Summary, kind inspect.ProfileKind) tea.Cmd {
	if safeMethod(s.Method) {
		return a.record(s.ID, kind, false)
	}
	a.confirmRepeat(s, kind)
	return nil
}

func (a *App) confirmRepeat(s inspect.Summary, kind inspect.ProfileKind) {
	a.sheet = &sheet{
		title: fmt.Sprintf("Send %s %s again, many times? It may change something each time.", s.Method, s.Path),
		items: []sheetItem{{a.keys.Confirm, func() tea.Cmd { return a.record(s.ID, kind, true) }}},
	}
}

// record starts a profile and shows where it will be.
func (a *App) record(id inspect.ID, kind inspect.ProfileKind, confirmed bool) tea.Cmd {
	if a.rec != nil { // another key was faster than the menu
		return nil
	}
	ctx, cancel := context.WithCancel(a.ctx)
	rec := &recording{id: id, kind: kind, start: a.now, cancel: cancel}
	a.rec = rec
	a.toast = ""
	a.page, a.requests.paper = pageRequests, nil
	a.requests.openDetail(id)
	a.requests.detail.openProfile(modeRecorded)
	src, r := a.src, inspect.ProfileRequest{Kind: kind, Exchange: id, Replay: true, Confirmed: confirmed}
	return func() tea.Msg {
		defer cancel()
		p, err := src.Profile(ctx, r)
		return profiledMsg{rec, p, err}
	}
}

// progressed takes note of how far a profile is.
func (a *App) progressed(p *inspect.ProfileProgress) {
	if a.rec != nil && p != nil && p.Exchange == a.rec.id && p.Kind == a.rec.kind && !p.Done {
		a.rec.progress = *p
	}
}

// profiled ends a recording.
func (a *App) profiled(m profiledMsg) {
	if a.rec != m.rec {
		return
	}
	a.rec = nil
	tab := &a.requests.detail.prof
	what := "profile " + m.rec.id.Short()
	switch {
	case m.rec.stopping && m.err != nil:
		a.say("the profile was cancelled")
	case errors.Is(m.err, inspect.ErrConfirm):
		if s, ok := a.current(); ok && s.ID == m.rec.id && a.sheet == nil {
			a.confirmRepeat(s, m.rec.kind)
		} else {
			a.fail(what, m.err)
		}
	case m.err != nil:
		a.fail(what, m.err)
	default:
		text := fmt.Sprintf("%s profile %d: ", m.profile.Kind, m.profile.ID)
		if m.profile.Kind == inspect.ProfileTrace {
			text += inspect.FormatSize(m.profile.Size)
		} else {
			text += plural(m.profile.Samples, m.profile.Kind.Counted())
		}
		a.say(text)
	}
	if tab.id == m.rec.id {
		tab.due, tab.loadAt = true, time.Time{}
		if m.err == nil {
			tab.recorded.set(append([]inspect.Profile{m.profile}, tab.recorded.list...))
		}
		tab.mode = tab.nearest()
	}
}

// recordingSeen reports whether the page itself tells of the profile under way.
func (a *App) recordingSeen() bool {
	d := &a.requests.detail
	return a.page == pageRequests && a.help == nil && a.requests.open && a.requests.paper == nil &&
		d.tab == tabProfile && d.id == a.rec.id && d.prof.ready && d.prof.mode == modeRecorded
}

// stopRecording ends the profile under way; it reports whether there was one.
func (a *App) stopRecording() bool {
	if a.rec == nil || a.rec.stopping {
		return false
	}
	a.rec.stopping = true
	a.rec.cancel()
	return true
}

// line tells of a profile under way in one line.
func (r *recording) line(sh *shared, width int) string {
	th, p := sh.th, r.progress
	if r.stopping {
		return " " + th.Info.Render(th.Glyph.Pending+" ending the "+string(r.kind)+" profile"+th.Glyph.Ellipsis)
	}
	elapsed := max(sh.now.Sub(r.start), p.Elapsed.Duration(), 0)
	wanted, limit := p.Wanted, p.Limit.Duration()
	if wanted <= 0 {
		wanted = wantedSamples
	}
	if limit <= 0 {
		limit = recordLimit
	}
	done := max(float64(p.Samples)/float64(wanted), float64(elapsed)/float64(limit))
	n := min(int(done*progressCells), progressCells)
	text := fmt.Sprintf(" %s of %s samples, %s, %.1f s of %.0f s  ", countText(p.Samples), countText(wanted), plural(p.Replays, "replay"), elapsed.Seconds(), limit.Seconds())
	return widget.Fit(" "+th.Info.Render(th.Glyph.Pending+" "+string(r.kind)+" profile ")+
		th.Accent.Bold(false).Render(repeat(th.Glyph.Block, n))+th.Faint.Render(repeat(th.Glyph.Dot, progressCells-n))+
		text+th.Accent.Render("esc")+th.Dim.Render(" cancels"), width, th.Glyph.Ellipsis)
}

// recordingLines is the number of the lines of [recording.lines].
const recordingLines = 4

// lines tell of a profile under way in the tab.
func (r *recording) lines(sh *shared, width int) []string {
	note := "The request is sent again and again; what other requests do is left out."
	if width < 80 {
		note = "The request is sent again and again."
	}
	return []string{"", r.line(sh, width), "   " + sh.th.Dim.Render(note), ""}
}
