package tui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// rig drives an App without a terminal: commands run at once, in order.
type rig struct {
	*App
	t    *testing.T
	src  *fake
	now  time.Time
	sent []tea.Msg // messages that are for bubbletea itself
}

func newRig(t *testing.T, f *fake, w, h int, set ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, src: f, now: epoch}
	o := Options{Env: []string{"TERM=xterm-256color"}, Now: func() time.Time { return r.now }}
	for _, s := range set {
		s(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.App = newApp(ctx, f, o)
	r.send(tea.WindowSizeMsg{Width: w, Height: h})
	return r
}

// send gives messages to Update and runs what comes back until all is quiet.
func (r *rig) send(msgs ...tea.Msg) {
	r.t.Helper()
	for n := 0; len(msgs) > 0; n++ {
		if n > 1000 {
			r.t.Fatal("the UI never comes to rest")
		}
		msg := msgs[0]
		msgs = msgs[1:]
		if !ours(msg) {
			r.sent = append(r.sent, msg)
			continue
		}
		_, cmd := r.Update(msg)
		msgs = append(msgs, results(cmd)...)
	}
}

// results runs a command and the commands it brings.
func results(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	batch, ok := msg.(tea.BatchMsg)
	if !ok {
		if msg == nil {
			return nil
		}
		return []tea.Msg{msg}
	}
	var out []tea.Msg
	for _, c := range batch {
		out = append(out, results(c)...)
	}
	return out
}

func ours(msg tea.Msg) bool {
	switch msg.(type) {
	case tea.WindowSizeMsg, tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg, tea.ColorProfileMsg, tea.BackgroundColorMsg, tea.KeyboardEnhancementsMsg,
		statusMsg, errorsMsg, listMsg, exchangeMsg, outputMsg, buildsMsg, doneMsg,
		callsMsg, profileRowsMsg, profiledMsg, paperMsg,
		tracesMsg, traceMsg, answerMsg, openTraceMsg, openExchangeMsg:
		return true
	}
	return false
}

// heard tells the UI that things are out of date, as the feed does.
func (r *rig) heard(d dirt) {
	r.t.Helper()
	r.App.now = r.now
	r.App.heard(d)
	r.layout()
	r.send(results(r.sync())...)
}

// later moves the clock on and lets the pages look.
func (r *rig) later(d time.Duration) {
	r.t.Helper()
	r.now = r.now.Add(d)
	r.heard(dirt{broken: r.status.broken})
}

// keys presses keys by their names: "j", "enter", "ctrl+d", "text:abc".
func (r *rig) keys(names ...string) {
	r.t.Helper()
	for _, n := range names {
		if text, ok := strings.CutPrefix(n, "text:"); ok {
			for _, c := range text {
				r.send(tea.KeyPressMsg{Code: c, Text: string(c)})
			}
			continue
		}
		r.send(keyPress(n))
	}
}

func keyPress(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"shift+", tea.ModShift}, {"alt+", tea.ModAlt}} {
		if rest, ok := strings.CutPrefix(name, m.prefix); ok {
			k.Mod |= m.mod
			name = rest
		}
	}
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
		"right": tea.KeyRight, "space": tea.KeySpace, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace,
	}
	if c, ok := special[name]; ok {
		k.Code = c
		return k
	}
	k.Code = []rune(name)[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

// plain is the screen without colours; every line is as wide as it shall be.
func (r *rig) plain() string {
	r.t.Helper()
	text := r.screen()
	lines := strings.Split(text, "\n")
	if len(lines) != r.height {
		r.t.Errorf("the screen has %d lines, want %d", len(lines), r.height)
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w != r.width {
			r.t.Errorf("line %d is %d cells wide, want %d: %q", i, w, r.width, l)
		}
	}
	return ansi.Strip(text)
}

func (r *rig) wantText(parts ...string) {
	r.t.Helper()
	text := r.plain()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			r.t.Errorf("the screen does not show %q:\n%s", p, text)
		}
	}
}

func (r *rig) wantNoText(parts ...string) {
	r.t.Helper()
	text := r.plain()
	for _, p := range parts {
		if strings.Contains(text, p) {
			r.t.Errorf("the screen shows %q:\n%s", p, text)
		}
	}
}

func (r *rig) selectedSeq() int64 {
	s, _ := r.requests.win.selected()
	return s.Seq
}

// golden compares text with testdata/name.golden. Escapes are written as \e so that
// the file can be read and diffed.
func golden(t *testing.T, name, got string) {
	t.Helper()
	var b strings.Builder
	for _, l := range strings.Split(got, "\n") {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(l, `\`, `\\`), "\x1b", `\e`) + "|\n")
	}
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\nhint: go test ./tui -update", err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s has changed (-want +got); if it is meant: go test ./tui -update\n%s", path, diff)
	}
}

// shot returns the screen as a terminal with the given profile gets it.
func (r *rig) shot(p colorprofile.Profile) string {
	r.t.Helper()
	r.plain() // checks the widths
	var b strings.Builder
	w := colorprofile.Writer{Forward: &b, Profile: p}
	if _, err := w.WriteString(r.screen()); err != nil {
		r.t.Fatal(err)
	}
	return b.String()
}
