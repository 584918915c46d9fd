package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// ErrFeedEnded is returned by [LogLines] when the source closes its feed.
var ErrFeedEnded = errors.New("the live feed has ended")

// toastTime is how long a short message stays.
const toastTime = 4 * time.Second

// shared is what all pages use. Only Update changes it.
type shared struct {
	ctx  context.Context
	src  Source
	opts Options
	keys KeyMap
	th   theme.Theme
	now  time.Time

	rec      *recording // nil: no profile is under way
	callsOff bool       // the calls of requests are not recorded, and could be

	toast    string
	toastBad bool
	toastEnd time.Time
}

func (s *shared) say(text string) {
	s.toast, s.toastBad, s.toastEnd = text, false, s.now.Add(toastTime)
}

func (s *shared) fail(what string, err error) {
	s.toast, s.toastBad, s.toastEnd = clean(fmt.Sprintf("%s: %v", what, err)), true, s.now.Add(2*toastTime)
}

// pageID names a page by its key.
type pageID int

const (
	pageRequests pageID = iota
	pageOutput
	pageBuilds
	pageErrors
	pageCount
)

// App is the root model. It routes messages to the pages, which own their state.
type App struct {
	*shared
	feed    *feed
	pace    *pace // nil: the renderer never rests
	width   int
	height  int
	dark    bool
	profile colorprofile.Profile
	mouse   bool
	// altIsSure says that the terminal tells alt with a key from Escape and a key.
	altIsSure bool

	asDrawn bool // the last message has changed nothing of what drawn shows
	drawn   tea.View

	page     pageID
	status   status
	requests requests
	output   output
	builds   builds
	errors   failures
	sheet    *sheet
	help     *widget.Viewer // nil: not shown
}

// newApp makes the model. The feed must be run by the caller.
func newApp(ctx context.Context, src Source, o Options) *App {
	o = o.withDefaults()
	sh := &shared{ctx: ctx, src: src, opts: o, keys: DefaultKeys(), now: o.Now()}
	if o.Attached {
		sh.keys.Quit.SetHelp("q", "detach; back; at the top: leave, the app runs on")
	}
	a := &App{
		shared: sh, feed: newFeed(src), width: 80, height: 24,
		dark: o.Theme != "light", profile: colorprofile.TrueColor, mouse: o.Mouse,
		status: status{shared: sh}, requests: newRequests(sh), output: newOutput(sh), builds: builds{shared: sh},
		errors: newFailures(sh),
	}
	a.th = theme.New(a.dark, a.profile, o.ASCII)
	a.layout()
	return a
}

// Init asks the terminal for its background and starts the feed and the clock.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{a.feed.next(a.ctx), a.tick(), a.requests.sync(), a.output.sync(), a.builds.sync(), a.errors.sync(false), a.status.sync()}
	if a.opts.Theme != "dark" && a.opts.Theme != "light" {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// Update routes a message to the page that it is for.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.now = a.opts.Now()
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
		if a.help != nil {
			a.help.SetLines(a.helpLines())
		}
	case tea.ColorProfileMsg:
		cmd = a.restyle(a.dark, msg.Profile)
	case tea.BackgroundColorMsg:
		cmd = a.restyle(msg.IsDark(), a.profile)
	case tea.KeyboardEnhancementsMsg:
		a.altIsSure = msg.SupportsKeyDisambiguation()
	case tea.KeyPressMsg:
		cmd = a.press(msg)
	case tea.PasteMsg:
		cmd = a.paste(msg.Content)
	case tea.MouseClickMsg:
		cmd = a.click(msg.Mouse())
	case tea.MouseWheelMsg:
		cmd = a.wheel(msg.Mouse())
	case feedMsg:
		cmd = tea.Batch(a.heard(msg.dirt), a.feed.next(a.ctx))
	case tickMsg:
		cmd = a.tick()
	case statusMsg:
		a.status.loaded(msg)
	case errorsMsg:
		a.status.counted(msg)
	case listMsg:
		a.requests.loaded(msg)
	case exchangeMsg:
		a.requests.detail.loaded(msg)
	case callsMsg:
		a.requests.detail.prof.loaded(msg)
	case profileRowsMsg:
		a.requests.detail.prof.recorded.loaded(msg)
	case profiledMsg:
		a.profiled(msg)
	case paperMsg:
		if a.requests.paper == msg.paper {
			msg.paper.loaded(msg)
		}
	case outputMsg:
		a.output.loaded(msg)
	case buildsMsg:
		a.builds.loaded(msg)
	case tracesMsg:
		a.errors.loaded(msg)
	case traceMsg:
		a.errors.look.loaded(msg)
	case answerMsg:
		a.errors.look.answered(msg)
	case openTraceMsg:
		a.page = pageErrors
		a.errors.show(msg.id)
	case openExchangeMsg:
		a.page, a.requests.paper = pageRequests, nil
		a.requests.openDetail(msg.id)
	case doneMsg:
		cmd = a.done(msg)
	}
	a.layout()
	heard, isFeed := msg.(feedMsg)
	a.asDrawn = isFeed && a.unseen(heard.dirt)
	_, clock := msg.(tickMsg)
	a.pace.heard(clock && a.tickEvery() == tickIdle, a.now)
	return a, tea.Batch(cmd, a.sync())
}

// sync asks the pages for the loads that their state calls for.
func (a *App) sync() tea.Cmd {
	return tea.Batch(a.requests.sync(), a.output.sync(), a.builds.sync(), a.errors.sync(a.page == pageErrors && a.help == nil), a.status.sync())
}

// restyle makes the theme anew.
func (a *App) restyle(dark bool, p colorprofile.Profile) tea.Cmd {
	if a.opts.Theme == "dark" || a.opts.Theme == "light" {
		dark = a.opts.Theme == "dark"
	}
	a.dark, a.profile = dark, p
	a.th = theme.New(dark, p, a.opts.ASCII)
	a.requests.restyle()
	a.builds.restyle()
	a.errors.restyle()
	if a.help != nil {
		a.showHelp()
	}
	return nil
}

// heard marks what the feed says is out of date.
func (a *App) heard(d dirt) tea.Cmd {
	a.status.broken = d.broken
	if d.cleared {
		a.requests.cleared()
	}
	if d.exchanges {
		a.requests.mark(d.lastSeq)
		a.status.exchanges = true
	}
	a.requests.detail.changed(d.updated)
	a.progressed(d.progress)
	if d.profiles {
		a.requests.detail.prof.stale()
	}
	if d.traces {
		a.errors.heard(d.failure, a.page == pageErrors)
	}
	if d.output {
		a.output.dirty = true
		a.output.heard(d.mistake, a.page == pageOutput)
	}
	if d.builds {
		a.builds.dirty = true
	}
	if d.status {
		a.status.dirty = true
	}
	return nil
}

// key routes a key: an open sheet or help first, then a text field, then the page;
// the keys that work everywhere come last.
func (a *App) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, a.keys.Kill):
		return tea.Quit
	case k.String() == "ctrl+z":
		a.say("not stopped: requests would wait for it" + a.elsewhere())
	case a.sheet != nil:
		return a.sheetKey(k)
	case a.help != nil:
		return a.helpKey(k)
	case a.editing():
		return a.pageKey(k)
	}
	switch {
	case key.Matches(k, a.keys.Requests):
		a.page = pageRequests
	case key.Matches(k, a.keys.Output):
		a.page = pageOutput
	case key.Matches(k, a.keys.Builds):
		a.page = pageBuilds
	case key.Matches(k, a.keys.Errors):
		a.page = pageErrors
	case key.Matches(k, a.keys.Help):
		a.showHelp()
	case key.Matches(k, a.keys.Mouse):
		a.toggleMouse()
	case key.Matches(k, a.keys.Restart):
		return a.restart()
	case key.Matches(k, a.keys.Clear):
		a.askClear()
	case key.Matches(k, a.keys.Copy) && a.page == pageRequests:
		return a.askCopy()
	case key.Matches(k, a.keys.Copy) && a.page == pageErrors:
		a.askCopyError()
	case key.Matches(k, a.keys.Replay) && (a.page == pageRequests || a.page == pageErrors):
		return a.askReplay()
	case key.Matches(k, a.keys.Browse):
		return a.browse()
	case key.Matches(k, a.keys.Inspect):
		return a.inspect()
	case key.Matches(k, a.keys.Back), key.Matches(k, a.keys.Quit):
		return a.back(k)
	default:
		if cmd, ok := a.timeKey(k); ok {
			return cmd
		}
		return a.pageKey(k)
	}
	return nil
}

// back leaves the innermost thing that is open; q with nothing open quits.
func (a *App) back(k tea.KeyPressMsg) tea.Cmd {
	esc := key.Matches(k, a.keys.Back)
	if esc && a.stopRecording() {
		return nil
	}
	left := false
	switch a.page {
	case pageRequests:
		left = a.requests.back(esc)
	case pageOutput:
		left = a.output.back(esc)
	case pageBuilds:
		left = a.builds.back()
	case pageErrors:
		left = a.errors.back(esc)
	}
	if left || esc {
		return nil
	}
	return tea.Quit
}

func (a *App) editing() bool {
	switch a.page {
	case pageRequests:
		return a.requests.editing()
	case pageOutput:
		return a.output.editing
	case pageBuilds:
		return a.builds.searching
	case pageErrors:
		return a.errors.editing()
	}
	return false
}

func (a *App) pageKey(k tea.KeyPressMsg) tea.Cmd {
	switch a.page {
	case pageRequests:
		return a.requests.key(k)
	case pageOutput:
		a.output.key(k)
	case pageBuilds:
		a.builds.key(k)
	case pageErrors:
		return a.errors.key(k)
	}
	return nil
}

func (a *App) paste(text string) tea.Cmd {
	if a.sheet != nil || a.help != nil || !a.editing() {
		return nil
	}
	switch a.page {
	case pageRequests:
		a.requests.paste(text)
	case pageOutput:
		a.output.paste(text)
	case pageBuilds:
		a.builds.paste(text)
	case pageErrors:
		a.errors.paste(text)
	}
	return nil
}

// elsewhere says how to get the terminal back.
func (a *App) elsewhere() string {
	if a.opts.Attached {
		return "; q leaves, the app runs on"
	}
	return "; pastedev attach shows it in another terminal"
}

func (a *App) toggleMouse() {
	a.mouse = !a.mouse
	if a.mouse {
		a.say("mouse on: click selects, the wheel scrolls")
	} else {
		a.say("mouse off: the terminal selects text")
	}
}

// tickMsg moves the clock of ages and elapsed times.
type tickMsg struct{}

// The clock goes faster while something seen is under way.
const (
	tickIdle = time.Second
	tickBusy = 100 * time.Millisecond
	// longFlight is from when a request under way counts up in seconds: an event
	// stream that stays open for hours must not keep the screen busy.
	longFlight = 10 * time.Second
)

// tickEvery is the time to the clock's next tick.
func (a *App) tickEvery() time.Duration {
	if a.status.busyState() || a.rec != nil || a.page == pageRequests && a.requests.win.inFlight(a.now) {
		return tickBusy
	}
	return tickIdle
}

func (a *App) tick() tea.Cmd {
	return tea.Tick(a.tickEvery(), func(time.Time) tea.Msg { return tickMsg{} })
}
