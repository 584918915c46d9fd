package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/query"
)

func TestCandidates(t *testing.T) {
	for text, want := range map[string]string{
		"st":               "status: statement:",
		"status:5xx si":    "size> since:",
		"(-si":             "size> since:",
		"STAT":             "status: statement:",
		"is:sl":            "is:slow is:slower",
		"is:slow":          "is:slow is:slower",
		"is:static":        "",
		"has:re":           "has:reqbody",
		"kind:t":           "kind:tunnel",
		"header":           "header.",
		"dur>2":            "",
		"path:/x":          "",
		"nonsense":         "",
		`out:"st`:          "",
		`out:"a b" metho`:  "method:",
		"header.x:y OR ki": "kind:",
	} {
		var got []string
		if word, ok := lastWord(text); ok {
			for _, c := range candidates(word) {
				got = append(got, c.text)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q -want +got\n%s", text, diff)
		}
	}
}

// TestCandidatesParse checks that what is offered is of the language: each value with its
// field as it stands, and each field with its example.
func TestCandidatesParse(t *testing.T) {
	n := 0
	for _, f := range query.Fields() {
		if f.Example == "" || !strings.HasPrefix(f.Example, f.Name+operatorOf(f)) {
			t.Errorf("%s: its example is %q", f.Name, f.Example)
		}
		if !slices.Contains(listed, f.Name) {
			continue
		}
		for _, c := range candidates(f.Name + ":") {
			n++
			if _, err := query.Parse(c.text, epoch); err != nil {
				t.Errorf("%s: %v", c.text, err)
			}
		}
	}
	if n < 20 {
		t.Errorf("%d values are offered", n)
	}
}

func TestComplete(t *testing.T) {
	r := newRig(t, newFake(120), 80, 24)
	field := func(want string) {
		t.Helper()
		if got := r.requests.input.Text(); got != want {
			t.Errorf("the filter is %q, want %q", got, want)
		}
	}
	r.keys("/", "text:st")
	r.wantText("status:  statement:", "status code, class or range", "tab complete")
	rows := r.requests.win.height
	r.keys("tab")
	field("status:")
	r.keys("tab")
	field("statement:")
	r.keys("tab")
	field("status:")
	r.keys("shift+tab")
	field("statement:")
	r.keys("tab", "text:5xx")
	field("status:5xx")
	r.wantText("13 of 120")
	if got := r.requests.win.height; got != rows {
		t.Errorf("the list has %d rows while typing, had %d: it jumps", got, rows)
	}
	r.keys("text: pth:/x st")
	r.wantText(`unknown field "pth"`)
	r.wantNoText("statement:")
	r.keys("ctrl+w", "ctrl+w", "text:met", "tab", "text:GET", "enter")
	field("status:5xx method:GET")
	r.wantNoText("tab complete")
	r.keys("/", "ctrl+u", "text:dur>")
	r.wantText("duration, in ms unless a unit follows", "dur>200ms")
}
