package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// statusEvery bounds how often passing traffic alone asks for the status; a
	// change of state asks at once.
	statusEvery = time.Second
	// errorsEvery bounds the count of failed requests, which is a search over all.
	errorsEvery = 5 * time.Second
	// errorsQuery is what the status line counts as errors.
	errorsQuery = "status:5xx"
)

// status is what the first and the last lines of the screen tell.
type status struct {
	*shared
	st     inspect.Status
	known  bool
	err    error
	broken error // the feed is down
	errors int   // matches of errorsQuery; -1 unknown

	dirty     bool // the state may have changed
	exchanges bool // requests have come
	recount   bool
	busy      bool
	counting  bool
	asked     time.Time
	countedAt time.Time
}

type statusMsg struct {
	st  inspect.Status
	err error
}

type errorsMsg struct {
	n   int
	err error
}

func (s *status) sync() tea.Cmd {
	var cmds []tea.Cmd
	old := s.now.Sub(s.asked) >= statusEvery
	if s.exchanges {
		s.recount = true
	}
	if !s.busy && (!s.known && old || s.dirty && (s.err == nil || old) || s.exchanges && old) {
		s.busy, s.dirty, s.exchanges, s.asked = true, false, false, s.now
		ctx, src := s.ctx, s.src
		cmds = append(cmds, func() tea.Msg {
			st, err := src.Status(ctx)
			return statusMsg{st, err}
		})
	}
	if !s.counting && (s.recount || s.countedAt.IsZero()) && s.now.Sub(s.countedAt) >= errorsEvery {
		s.counting, s.recount, s.countedAt = true, false, s.now
		ctx, src := s.ctx, s.src
		cmds = append(cmds, func() tea.Msg {
			l, err := src.Exchanges(ctx, inspect.ListRequest{Query: errorsQuery, Limit: 1})
			return errorsMsg{l.Match, err}
		})
	}
	return tea.Batch(cmds...)
}

func (s *status) loaded(m statusMsg) {
	s.busy, s.err = false, m.err
	if m.err != nil {
		s.dirty = true
		return
	}
	s.st, s.known = m.st, true
	b := m.st.Build
	s.callsOff = !m.st.CallTree && m.st.Recording && b != nil && b.Instrumented
}

func (s *status) counted(m errorsMsg) {
	s.counting = false
	if s.errors = m.n; m.err != nil {
		s.errors = -1
	}
}

// building reports whether a build is under way, be it beside the running app.
func (s *status) building() bool {
	return s.st.Build != nil && s.st.Build.Result == inspect.BuildUnfinished && s.st.Build.Number > 0
}

// busyState reports whether the state line counts up.
func (s *status) busyState() bool {
	return s.st.State == inspect.StateBuilding || s.st.State == inspect.StateStarting || s.building()
}

// stateView draws the state with its glyph and word, and the build.
func (s *status) stateView() string {
	th := s.th
	if !s.known {
		if s.err != nil {
			return th.Bad.Render(th.Glyph.Fail + " no contact")
		}
		return th.Dim.Render("connecting" + th.Glyph.Ellipsis)
	}
	detail := clean(s.st.Detail)
	switch s.st.State {
	case inspect.StateRunning:
		return th.Good.Render(th.Glyph.OK+" Running") + th.Dim.Render(s.buildNote())
	case inspect.StateBuilding:
		elapsed := max(s.now.Sub(s.st.Since), 0)
		return th.Info.Render(fmt.Sprintf("%s Building %.1f s", th.Glyph.Pending, elapsed.Seconds())) + th.Dim.Render(space(s.progress(detail)))
	case inspect.StateStarting:
		return th.Info.Render(th.Glyph.Pending+" Starting") + th.Dim.Render(space(detail))
	case inspect.StateFailed:
		note := ""
		if s.st.Build != nil && errorCount(*s.st.Build) > 0 {
			note = " " + plural(errorCount(*s.st.Build), "error")
		}
		return th.Bad.Render(th.Glyph.Fail + " Failed" + note)
	case inspect.StateBackoff:
		return th.Warn.Render(th.Glyph.Warn + " Backoff") // the banner says why
	case inspect.StateStopped:
		return th.Dim.Render(th.Glyph.Plain + " Stopped" + space(detail))
	}
	return th.Dim.Render(clean(string(s.st.State)) + space(detail))
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return "  " + s
}

// buildNote names the build that runs and the time it took.
func (s *status) buildNote() string {
	b := s.st.Build
	if b == nil || b.Number == 0 || b.Result != inspect.BuildOK {
		return ""
	}
	if b.Duration == 0 { // a command that nothing builds
		return fmt.Sprintf("  start %d%s", b.Number, ofMount(b))
	}
	return fmt.Sprintf("  build %d%s in %s", b.Number, ofMount(b), inspect.FormatDuration(b.Duration.Duration()))
}

// ofMount names the program that a build is of, where there may be several.
func ofMount(b *inspect.Build) string {
	if b.Mount == "" {
		return ""
	}
	return " of " + clean(b.Mount)
}

// progress says how far the build is, in packages where that is known.
func (s *status) progress(detail string) string {
	if b := s.st.Build; b != nil && b.Result == inspect.BuildUnfinished && b.Total > 0 {
		return strings.TrimSpace(clean(b.Mount) + fmt.Sprintf("  %d of %d", b.Done, b.Total))
	}
	return detail
}

// banner is what every page shows while something is wrong, or nil.
func (s *status) banner(w int, page pageID) []string {
	th := s.th
	bar := func(st lipgloss.Style, text string) string {
		return widget.Fit(st.Render(th.Glyph.Bar)+" "+text, w, th.Glyph.Ellipsis)
	}
	switch {
	case s.broken != nil && s.known:
		return []string{bar(th.Warn, th.Warn.Render(th.Glyph.Warn+" The live feed is down, trying again: ")+clean(s.broken.Error()))}
	case s.err != nil && s.known:
		return []string{bar(th.Warn, th.Warn.Render(th.Glyph.Warn+" pastedev does not answer: ")+clean(s.err.Error()))}
	case s.known && s.st.State == inspect.StateFailed:
		return s.failure(bar, page)
	case s.known && s.st.State == inspect.StateBackoff:
		return []string{
			bar(th.Warn, th.Warn.Bold(true).Render(th.Glyph.Warn+" "+s.whoEnded()+" has ended: ")+clean(s.st.Detail)),
			bar(th.Warn, th.Dim.Render(lastWords(page)+s.startsAgain())),
		}
	case s.known && !s.st.Recording && s.st.State == inspect.StateRunning:
		return []string{bar(th.Info, th.Info.Render(th.Glyph.Pending+" Recording starts in a moment")+th.Dim.Render(s.instrumenting()))}
	}
	return nil
}

// whoEnded names the program of the banner.
func (s *status) whoEnded() string {
	if b := s.st.Build; b != nil && b.Mount != "" {
		return "The program" + ofMount(b)
	}
	return "The app"
}

// startsAgain says when a program that has ended starts again: the detail tells of a time
// where it does so by itself.
func (s *status) startsAgain() string {
	if strings.Contains(s.st.Detail, ", again in ") {
		return "R starts it now"
	}
	return "it starts again after the next save, or now with R"
}

// lastWords says where to read why the app ended.
func lastWords(page pageID) string {
	if page == pageOutput {
		return ""
	}
	return "its last words are on page 2; "
}

// failure draws the banner of a build that failed: its first finding.
func (s *status) failure(bar func(lipgloss.Style, string) string, page pageID) []string {
	th, b := s.th, s.st.Build
	if b == nil {
		return []string{bar(th.Bad, th.Alarm.Render(" Build failed ")+" "+clean(s.st.Detail))}
	}
	head := th.Alarm.Render(fmt.Sprintf(" Build %d%s failed ", b.Number, ofMount(b)))
	d, ok := firstError(*b)
	if !ok {
		return []string{bar(th.Bad, head+" "+clean(s.st.Detail))}
	}
	more := ""
	if n := errorCount(*b); n > 1 {
		more = fmt.Sprintf("   and %s more: page 3, enter", countText(n-1))
		if page == pageBuilds {
			more = fmt.Sprintf("   and %s more: enter", countText(n-1))
		}
	}
	msg, _, _ := strings.Cut(d.Message, "\n")
	return []string{
		bar(th.Bad, head+th.Dim.Render(more)),
		bar(th.Bad, th.Strong.Render(clean(place(d)))+" "+th.Bad.Render(clean(msg))),
	}
}

func (s *status) instrumenting() string {
	if b := s.st.Build; b != nil && b.Result == inspect.BuildUnfinished && b.Total > 0 {
		return fmt.Sprintf("  instrumenting, once: %d of %s", b.Done, plural(b.Total, "package"))
	}
	return space(clean(s.st.Detail))
}

// facts draws the addresses and the counts.
func (s *status) facts() string {
	th := s.th
	sep := th.Faint.Render(" " + th.Glyph.Dot + " ")
	var parts []string
	for _, u := range s.st.Listeners {
		parts = append(parts, th.Accent.Bold(false).Render(clean(u)))
	}
	if s.known {
		parts = append(parts, s.programs()...)
		parts = append(parts, th.Text.Render(plural(s.st.History.Exchanges, "request")))
		if s.errors > 0 {
			parts = append(parts, th.Bad.Render(th.Glyph.Fail+" "+plural(s.errors, "error")))
		}
		parts = append(parts, th.Dim.Render(inspect.FormatSize(s.st.History.Bytes)))
		if n := s.st.History.Dropped; n > 0 {
			parts = append(parts, th.Warn.Render(th.Glyph.Warn+" "+countText(n)+" not stored"))
		}
		if s.callsOff {
			parts = append(parts, th.Dim.Render("call tree off: "+s.keys.CallTree.Help().Key))
		}
		if n := len(s.st.Lost); n > 0 {
			parts = append(parts, th.Warn.Render(th.Glyph.Warn+" "+plural(n, "feature")+" off: ?"))
		}
	}
	return " " + strings.Join(parts, sep)
}

// programs names those of several programs that do not run.
func (s *status) programs() (parts []string) {
	if len(s.st.Programs) < 2 {
		return nil
	}
	for _, p := range s.st.Programs {
		text := clean(p.Mount) + " " + clean(string(p.State))
		switch p.State {
		case inspect.StateRunning:
		case inspect.StateFailed:
			parts = append(parts, s.th.Bad.Render(s.th.Glyph.Fail+" "+text))
		case inspect.StateBackoff:
			parts = append(parts, s.th.Warn.Render(s.th.Glyph.Warn+" "+text))
		case inspect.StateBuilding, inspect.StateStarting:
			parts = append(parts, s.th.Info.Render(s.th.Glyph.Pending+" "+text))
		case inspect.StateStopped:
			parts = append(parts, s.th.Dim.Render(s.th.Glyph.Plain+" "+text))
		}
	}
	return parts
}
