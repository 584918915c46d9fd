package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestErrorsList(t *testing.T) {
	r := newRig(t, newFake(120), 120, 30)
	r.keys("4")
	if got, want := len(r.errors.heads), 2; got != want {
		t.Fatalf("%d rows, want the %d codes", got, want)
	}
	r.wantText("E-k7m2x       13", "E-q81zt", "handlers/checkout.go:65", "KeyError: 'sku'")
	r.keys("j", "enter")
	r.wantText("KeyError: 'sku'", "python traceback", "tools/import.py:12")
	r.keys("]")
	r.wantText("nil pointer dereference: u is nil", "total.Above(u.Limit)")
	r.keys("]")
	r.wantText("this is the newest error")
	r.keys("esc")
	if r.errors.open {
		t.Error("esc keeps the trace open")
	}
}

func TestErrorsCannotBeRead(t *testing.T) {
	f := newFake(10)
	f.fail = errFake
	r := newRig(t, f, 100, 24)
	r.keys("4")
	r.wantText("The errors cannot be read", "the disk is full")
	f.fail = nil
	r.later(2 * retryLoad)
	r.wantText("E-k7m2x")
}

// TestErrorNotice: a failure is told once, badges the page until it is looked at, and
// what an earlier run left is no news.
func TestErrorNotice(t *testing.T) {
	f := newFake(30)
	r := newRig(t, f, 100, 24)
	if n := r.errors.news(); n != 0 {
		t.Fatalf("%d errors of an earlier run are news", n)
	}
	fresh := fakePanic(f.rows[5], 9)
	fresh.ID, fresh.Code, fresh.Headline = 100, "E-fresh", "index 3 out of range"
	f.traces = append([]inspect.Trace{fresh}, f.traces...)
	r.heard(dirt{traces: true, failure: &fresh})
	r.wantText("E-fresh: index 3 out of range; 4 shows it", "4 Errors ✗1")
	r.now = r.now.Add(10 * time.Second)
	r.heard(dirt{traces: true, failure: &fresh}) // again, with its variables
	r.wantNoText("4 shows it")
	r.keys("4")
	r.wantText("index 3 out of range")
	r.wantNoText("✗1")
	second := fresh
	second.ID, second.Headline = 101, "index 4 out of range"
	r.heard(dirt{traces: true, failure: &second})
	r.wantNoText("4 shows it")
}

// TestMistakeNotice: what pastedev itself says of a mistake is seen from every page.
func TestMistakeNotice(t *testing.T) {
	r := newRig(t, newFake(30), 80, 24)
	r.heard(dirt{output: true, mistake: "pastedev.toml has a mistake; the old one holds"})
	r.wantText("pastedev.toml has a mistake; the old one holds: 2 shows it")
	r.now = r.now.Add(10 * time.Second)
	r.keys("2")
	r.heard(dirt{output: true, mistake: "pastedev.toml is gone"})
	r.wantNoText("2 shows it")
	f := newFeed(newFake(0))
	f.take(inspect.OutputWritten{Output: inspect.Output{Stream: inspect.Pastedev, Text: "in force"}})
	f.take(inspect.OutputWritten{Output: inspect.Output{Stream: inspect.Stderr, Level: "ERROR", Text: "of the app"}})
	if f.dirty.mistake != "" {
		t.Errorf("%q is taken for a mistake", f.dirty.mistake)
	}
	f.take(inspect.OutputWritten{Output: inspect.Output{Stream: inspect.Pastedev, Level: "ERROR", Text: "pastedev.toml is gone"}})
	if f.dirty.mistake != "pastedev.toml is gone" {
		t.Errorf("the mistake is %q", f.dirty.mistake)
	}
}

func TestTraceFolds(t *testing.T) {
	r := newRig(t, newFake(120), 120, 70)
	r.keys("4", "enter")
	v := &r.errors.look
	at := func(fold string) int {
		for i, row := range v.rows {
			if row.fold == fold {
				return i
			}
		}
		t.Fatalf("no row folds %q", fold)
		return 0
	}
	r.wantText("→ 65 │     if total.Above(u.Limit) {", "▸ cart  = *{UserID: 42", "u     = nil", "3 frames of github.com/go-chi/chi/v5, net/http")
	r.wantNoText("SKU", "mux.go:90")
	if row, _ := v.row(); row.fold != frameKey(1) {
		t.Errorf("the cursor begins at %q, want the failing frame", row.fold)
	}
	v.to(at("frame 1/locals 0"))
	r.keys("right", "j", "j", "right", "j", "right")
	r.wantText("▾ cart  = ", "UserID = 42", `SKU      = "A-1"`)
	r.keys("left", "left", "left")
	if row, _ := v.row(); row.fold != "frame 1/locals 0/1" || row.open {
		t.Errorf("three times left is at %q (open %v), want the closed Items", row.fold, row.open)
	}
	r.keys("left", "left")
	r.wantNoText("UserID = 42")
	r.keys("a")
	r.wantText("chi.(*Mux).ServeHTTP", "mux.go:90", "http.(*conn).serve")
	r.keys("a")
	r.wantNoText("mux.go:90")
	v.to(at("frame 2"))
	r.keys("enter")
	r.wantText("61 │ func (s *Server) Checkout")
	r.wantText("*store.NotFound: no user 42", "Changed since the last build without it", "POST /checkout", "checkout: cart of user 42")
}

func TestTraceEval(t *testing.T) {
	f := newFake(120)
	r := newRig(t, f, 120, 40)
	r.keys("4", "enter", "=", "text:cart.Items", "enter")
	r.wantText("▾ cart.Items = []shop.Item len 2 cap 4", `[1] = {SKU: "B-7", Quantity: 1}`)
	r.keys(":", "text:u.Name", "enter")
	r.wantText("u.Name = ✗", "column 1: u is nil")
	if diff := cmp.Diff([]string{"14 1 cart.Items", "14 1 u.Name"}, f.evals); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !r.errors.look.asking || r.errors.look.expr.Text() != "u.Name" {
		t.Error("what was refused is not there to be mended")
	}
	r.keys("backspace", "enter") // refused no more
	r.wantNoText("u.Name = ✗")
	r.keys("=", "up", "up", "up")
	if got, want := r.errors.look.expr.Text(), "cart.Items"; got != want {
		t.Errorf("the history gives %q, want %q", got, want)
	}
	r.keys("q")
	if !r.errors.look.asking || r.errors.look.expr.Text() != "cart.Itemsq" {
		t.Error("q is not typed into the field")
	}
	r.keys("esc")
	if r.errors.look.asking || !r.errors.open {
		t.Error("esc shall leave the field and keep the trace")
	}
	f.traces[0].NoLocals = "ptrace is not allowed"
	r.later(time.Second)
	r.errors.look.stale()
	r.later(time.Second)
	r.keys("g")
	r.wantText("no values of variables: ptrace is not allowed")
	r.keys("=")
	if r.errors.look.asking {
		t.Error("an expression is asked for though nothing was kept")
	}
}

func TestTraceKeys(t *testing.T) {
	type place struct {
		path      string
		line, col int
	}
	var edited []place
	f := newFake(120)
	r := newRig(t, f, 120, 40, func(o *Options) {
		o.Editor = func(path string, line, col int) error {
			edited = append(edited, place{path, line, col})
			return nil
		}
	})
	r.keys("4", "enter", "e", "j", "e")
	want := []place{{"/src/shop/handlers/checkout.go", 65, 19}, {"/src/shop/handlers/checkout.go", 61, 0}}
	if diff := cmp.Diff(want, edited, cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	r.keys("y", "m")
	r.wantText("copied 10 B")
	r.keys("r", "y")
	if len(f.replays) != 1 || f.replays[0] != f.traces[0].Exchange {
		t.Errorf("replayed %v, want the request of the error", f.replays)
	}
	r.keys("x", "/", "text:changed", "enter")
	if row, _ := r.errors.look.row(); !strings.Contains(row.text, "Changed since") {
		t.Errorf("the search stops at %q", row.text)
	}
	r.keys("esc")
	if !r.errors.open {
		t.Error("the first esc ends the search only")
	}
	r.keys("t")
	if r.page != pageRequests || !r.requests.open || r.requests.detail.id != f.traces[0].Exchange {
		t.Error("t does not go to the request")
	}
	r.keys("shift+tab", "shift+tab", "shift+tab", "enter")
	if r.page != pageErrors || r.errors.look.id != f.traces[0].ID {
		t.Error("enter on an error of the request does not open it")
	}
}

func TestTraceWithout(t *testing.T) {
	f := newFake(20)
	r := newRig(t, f, 100, 30)
	f.traces = []inspect.Trace{{ID: 7, Code: "E-bare0", Kind: inspect.TraceError, Language: "go", Time: epoch, Headline: "500 Internal Server Error from GET /x", Exchange: fakeID(5000)}}
	r.heard(dirt{traces: true})
	r.keys("4", "enter")
	r.wantText("500 Internal Server Error from GET /x", "error answer")
	r.keys("=", "e", "r", "enter", "left", "a")
	r.wantText("there is no request here")
	f.traces = nil
	r.errors.look.stale()
	r.later(time.Second)
	r.wantText("not found")
	r.keys("esc", "t", "y", "j", "k", "enter")
}

func TestErrorsMouse(t *testing.T) {
	r := newRig(t, newFake(120), 100, 40)
	r.keys("4")
	above, _ := r.chrome()
	click := func(y int) { r.send(tea.MouseClickMsg{X: 10, Y: above + y, Button: tea.MouseLeft}) }
	click(2)
	if s, _ := r.errors.selected(); s.Code != "E-q81zt" || r.errors.open {
		t.Errorf("a click selects %q", s.Code)
	}
	click(1)
	click(1)
	if !r.errors.open || r.errors.look.doc.t.Code != "E-k7m2x" {
		t.Fatal("a second click does not open the error")
	}
	v := &r.errors.look
	i := v.cursor
	click(i - v.view_.First())
	if v.rows[i].open {
		t.Error("a click on the row of the cursor does not fold it")
	}
	r.send(tea.MouseWheelMsg{X: 1, Y: 5, Button: tea.MouseWheelDown})
	if v.cursor != i+wheelLines {
		t.Errorf("the wheel goes to row %d, want %d", v.cursor, i+wheelLines)
	}
}

// TestHostileTrace: nothing that was captured reaches the terminal as it is.
func TestHostileTrace(t *testing.T) {
	const evil = "\x1b]0;owned\x07\x1b[2J\u202edlrow\x00"
	f := newFake(30)
	f.traces = []inspect.Trace{{
		ID: 50, Code: evil, Kind: inspect.TracePanic, Headline: evil, Message: evil + "\n" + evil, Type: evil, Hints: []string{evil}, Time: epoch, NoLocals: evil,
		Causes: []inspect.Cause{{Type: evil, Message: evil}}, Raw: evil, Exchange: f.rows[5].ID,
		Frames: []inspect.Frame{{Location: inspect.Location{Function: evil, File: evil, Line: 2}, Origin: inspect.FrameApp, Column: 99,
			Source: []inspect.SourceLine{{Number: 2, Text: evil}}, Notes: []inspect.Note{{Key: evil, Value: evil}},
			Args: []inspect.Variable{{Name: evil, Type: evil, Value: strings.Repeat(evil, 50), Children: []inspect.Variable{{Name: evil, Value: evil, Unreadable: evil}}}}}},
		CreatedBy: &inspect.Frame{Location: inspect.Location{Function: evil, File: evil}},
		Changed:   []inspect.ChangedLines{{File: evil, Lines: []inspect.SourceLine{{Number: 1, Text: evil}}}},
	}}
	r := newRig(t, f, 80, 60)
	r.heard(dirt{traces: true, failure: &f.traces[0]})
	check := func(where string) {
		t.Helper()
		text := r.screen()
		r.plain()
		for _, bad := range []string{"\x1b]", "\x1b[2J", "\u202e", "\x00", "\x07"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %q is drawn", where, bad)
			}
		}
	}
	check("notice")
	r.keys("4")
	check("list")
	r.keys("enter", "a")
	for i := range r.errors.look.rows {
		r.errors.look.to(i)
		r.keys("right")
		check("trace")
	}
	r.keys("=", "text:x", "enter")
	check("answer")
}

// TestErrorsEverySize draws the page and the trace at sizes from the smallest on.
func TestErrorsEverySize(t *testing.T) {
	for _, w := range []int{minWidth, 80, 119, 200} {
		for _, h := range []int{minHeight, 24, 60} {
			r := newRig(t, newFake(40), w, h)
			r.keys("4")
			r.plain()
			r.keys("enter", "a")
			r.plain()
			r.keys("G")
			r.plain()
			r.keys("t")
			for range tabCount {
				r.keys("tab", "j", "enter")
				r.plain()
			}
		}
	}
}

func TestEditorUnknown(t *testing.T) {
	r := newRig(t, newFake(40), 100, 30)
	r.keys("4", "enter", "e")
	r.wantText("edit: no editor is known")
	r.opts.Editor = func(string, int, int) error { return errors.New("no such program") }
	r.keys("e")
	r.wantText("open handlers/checkout.go:65: no such program")
}
