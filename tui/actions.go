package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/tui/widget"
)

// clipboardLimit is the most that is sent by OSC 52: terminals and multiplexers drop
// sequences over 100,000 bytes, and base64 makes 4 of 3.
const clipboardLimit = 74994

// sheet is a small menu over the bottom of the page.
type sheet struct {
	title string
	items []sheetItem
}

type sheetItem struct {
	key key.Binding
	do  func() tea.Cmd
}

// sheetKey runs the item of the key; any other key closes the sheet.
func (a *App) sheetKey(k tea.KeyPressMsg) tea.Cmd {
	s := a.sheet
	a.sheet = nil
	for _, it := range s.items {
		if key.Matches(k, it.key) {
			return it.do()
		}
	}
	return nil
}

func (a *App) sheetView(w int) []string {
	lines := []string{
		a.th.Faint.Render(repeat(a.th.Glyph.Rule, w)),
		" " + a.th.Strong.Render(clean(a.sheet.title)),
	}
	for _, it := range a.sheet.items {
		h := it.key.Help()
		lines = append(lines, "  "+a.th.Accent.Render(widget.Fit(h.Key, 3, ""))+" "+h.Desc)
	}
	return append(lines, "  "+a.th.Dim.Render("any other key goes back"))
}

// doneMsg ends an action: what to say, and what to put on the clipboard.
type doneMsg struct {
	what string
	text string
	err  error
	copy *string
	// state says that the status has changed by it.
	state bool
}

func (a *App) done(m doneMsg) tea.Cmd {
	a.status.dirty = a.status.dirty || m.state
	if m.err != nil {
		a.fail(m.what, m.err)
		return nil
	}
	a.say(m.text)
	if m.copy == nil {
		return nil
	}
	cmd := tea.SetClipboard(*m.copy)
	if lookup(a.opts.Env, "TMUX") != "" {
		// tmux keeps the sequence to itself by default; its passthrough reaches the
		// terminal where that is allowed.
		cmd = tea.Batch(cmd, tea.Raw(ansi.TmuxPassthrough(ansi.SetSystemClipboard(*m.copy))))
	}
	return cmd
}

// act runs something of the source beside Update.
func (a *App) act(what, text string, f func(context.Context) error) tea.Cmd {
	ctx := a.ctx
	return func() tea.Msg { return doneMsg{what: what, text: text, err: f(ctx)} }
}

// maxPrograms is how many programs have a digit of their own.
const maxPrograms = 9

// restart starts the app again; of several programs it asks which.
func (a *App) restart() tea.Cmd {
	programs := a.status.st.Programs
	if len(programs) < 2 {
		return a.restartAll()
	}
	s := &sheet{title: "Restart which program?", items: []sheetItem{{a.keys.RestartAll, a.restartAll}}}
	for i, p := range programs[:min(len(programs), maxPrograms)] {
		digit := countlessText(int64(i + 1))
		s.items = append(s.items, sheetItem{
			key.NewBinding(key.WithKeys(digit), key.WithHelp(digit, clean(p.Mount+"  "+p.Target+"  "+string(p.State)))),
			func() tea.Cmd {
				a.say("restarting " + p.Mount)
				return a.act("restart "+p.Mount, "restart of "+p.Mount+" asked for", func(ctx context.Context) error { return a.src.RestartMount(ctx, p.Mount) })
			},
		})
	}
	a.sheet = s
	return nil
}

func (a *App) restartAll() tea.Cmd {
	a.say("restarting")
	return a.act("restart", "restart asked for", a.src.Restart)
}

func (a *App) askClear() {
	n := a.status.st.History.Exchanges
	a.sheet = &sheet{
		title: fmt.Sprintf("Clear the history? %s will be gone for good.", plural(n, "request")),
		items: []sheetItem{{a.keys.Confirm, func() tea.Cmd {
			return a.act("clear the history", "history cleared", a.src.Clear)
		}}},
	}
}

// askReplay sends the request again; one that may change something is confirmed.
func (a *App) askReplay() tea.Cmd {
	s, ok := a.current()
	if !ok {
		a.fail("replay", errors.New("there is no request here"))
		return nil
	}
	if s.Kind != inspect.KindHTTP {
		a.fail("replay", fmt.Errorf("a %s cannot be sent again", s.Kind))
		return nil
	}
	if safeMethod(s.Method) {
		return a.replay(s.ID)
	}
	a.sheet = &sheet{
		title: fmt.Sprintf("Send %s %s again?", s.Method, s.Path),
		items: []sheetItem{{a.keys.Confirm, func() tea.Cmd { return a.replay(s.ID) }}},
	}
	return nil
}

func (a *App) replay(id inspect.ID) tea.Cmd {
	ctx, src := a.ctx, a.src
	a.say("replaying " + id.Short())
	return func() tea.Msg {
		to, err := src.Replay(ctx, id)
		return doneMsg{what: "replay " + id.Short(), text: "replayed as " + to.Short(), err: err}
	}
}

// current returns the exchange that the keys of the page are about.
func (a *App) current() (inspect.Summary, bool) {
	switch {
	case a.page == pageRequests:
		return a.requests.current()
	case a.page == pageErrors && a.errors.open && a.errors.look.doc.ex != nil:
		return a.errors.look.doc.ex.Summary, true
	}
	return inspect.Summary{}, false
}

// isWeb reports whether a listener's address is one for a browser; it may also be
// tcp:// or tls://, what its clients speak.
func isWeb(url string) bool { return strings.HasPrefix(url, "http") }

// browse opens the URL of the request, or of the app where there is none.
func (a *App) browse() tea.Cmd {
	url := ""
	if s, ok := a.current(); ok && safeMethod(s.Method) {
		url = s.URL
	} else if i := slices.IndexFunc(a.status.st.Listeners, isWeb); i >= 0 {
		url = a.status.st.Listeners[i]
	}
	open := a.opts.Open
	switch {
	case url == "":
		a.fail("open", errors.New("the app has no address yet"))
		return nil
	case open == nil:
		a.fail("open", errors.New("no browser is known here; copy the URL with y u"))
		return nil
	}
	return a.act("open "+url, "opened "+clean(url), func(context.Context) error { return open(url) })
}

// errNoInspector is what the keys of the inspector page say where there is none.
var errNoInspector = errors.New("there is no inspector page here")

// inspect opens the inspector page, at the exchange that the list is on.
func (a *App) inspect() tea.Cmd {
	var id inspect.ID
	if s, ok := a.current(); ok {
		id = s.ID
	}
	open, link := a.opts.Open, a.opts.Inspector
	switch {
	case link == nil:
		a.fail("open the inspector page", errNoInspector)
		return nil
	case open == nil:
		a.fail("open the inspector page", errors.New("no browser is known here; copy the link with y l"))
		return nil
	}
	return a.act("open the inspector page", "opened the inspector page", func(ctx context.Context) error {
		url, err := link(ctx, id)
		if err != nil {
			return err
		}
		return open(url)
	})
}

// copyLink copies the link of the inspector page at an exchange.
func (a *App) copyLink(id inspect.ID) tea.Cmd {
	ctx, link := a.ctx, a.opts.Inspector
	return func() tea.Msg {
		if link == nil {
			return doneMsg{what: "copy", err: errNoInspector}
		}
		url, err := link(ctx, id)
		return copied("copy the link", url, err)
	}
}

// askCopy opens the copy menu for the current exchange; a text over the page is copied
// whole.
func (a *App) askCopy() tea.Cmd {
	if p := a.requests.paper; p != nil {
		return func() tea.Msg { return copied("copy", p.plain, nil) }
	}
	s, ok := a.requests.current()
	if !ok {
		return nil
	}
	item := func(b key.Binding, f func(*inspect.Exchange) (string, error)) sheetItem {
		return sheetItem{b, func() tea.Cmd { return a.copyOf(s.ID, b.Help().Desc, f) }}
	}
	say := func(text string) func() tea.Cmd {
		return func() tea.Cmd {
			return func() tea.Msg { return copied("copy", text, nil) }
		}
	}
	a.sheet = &sheet{
		title: "Copy from " + s.Method + " " + s.Path,
		items: []sheetItem{
			{a.keys.CopyURL, say(s.URL)},
			item(a.keys.CopyCurl, func(ex *inspect.Exchange) (string, error) {
				return body.Curl(ex), nil
			}),
			item(a.keys.CopyRequest, func(ex *inspect.Exchange) (string, error) { return plainBody(ex.Request) }),
			item(a.keys.CopyResponse, func(ex *inspect.Exchange) (string, error) { return plainBody(ex.Response) }),
			{a.keys.CopyID, say(string(s.ID))},
			{a.keys.CopyLink, func() tea.Cmd { return a.copyLink(s.ID) }},
		},
	}
	return nil
}

// askCopyError opens the copy menu for the current error.
func (a *App) askCopyError() {
	t, ok := a.errors.selected()
	if a.errors.open && a.errors.look.doc.t != nil {
		t, ok = *a.errors.look.doc.t, true
	}
	if !ok {
		return
	}
	ctx, src, ref := a.ctx, a.src, countlessText(t.ID)
	report := func(b key.Binding, make func() (string, error)) sheetItem {
		return sheetItem{b, func() tea.Cmd {
			return func() tea.Msg {
				text, err := make()
				return copied("copy the "+b.Help().Desc, text, err)
			}
		}}
	}
	a.sheet = &sheet{title: "Copy " + t.Code + " " + t.Headline, items: []sheetItem{
		report(a.keys.CopyText, func() (string, error) { return src.TraceText(ctx, ref, true) }),
		report(a.keys.CopyMarkdown, func() (string, error) { return src.TraceMarkdown(ctx, ref) }),
		report(a.keys.CopyCode, func() (string, error) { return t.Code, nil }),
	}}
}

// copyOf loads an exchange and copies what f takes from it. Secrets stay masked
// unless the detail shows them.
func (a *App) copyOf(id inspect.ID, what string, f func(*inspect.Exchange) (string, error)) tea.Cmd {
	ctx, src, reveal := a.ctx, a.src, a.requests.detail.reveal && a.requests.open
	return func() tea.Msg {
		ex, err := src.Exchange(ctx, id, reveal)
		if err != nil {
			return doneMsg{what: "copy the " + what, err: err}
		}
		text, err := f(ex)
		return copied("copy the "+what, text, err)
	}
}

// copied checks what is about to go to the clipboard.
func copied(what, text string, err error) doneMsg {
	switch {
	case err != nil:
		return doneMsg{what: what, err: err}
	case text == "":
		return doneMsg{what: what, err: errors.New("it is empty")}
	case len(text) > clipboardLimit:
		return doneMsg{what: what, err: fmt.Errorf("%s are too many for a terminal's clipboard (%s)",
			inspect.FormatSize(int64(len(text))), inspect.FormatSize(clipboardLimit))}
	}
	return doneMsg{what: what, text: "copied " + inspect.FormatSize(int64(len(text))), copy: &text}
}

// plainBody returns the kept bytes of a body, decoded.
func plainBody(m inspect.Message) (string, error) {
	d, err := body.Decode(m.Header, m.Body)
	if err != nil && len(d.Data) == 0 {
		return "", err
	}
	return string(d.Data), nil
}
