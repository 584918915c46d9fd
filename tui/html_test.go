package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/pastedev/pastedev/inspect"
)

// fakeHTML is what the check found in one of the fake exchanges.
func fakeHTML(s inspect.Summary) *inspect.HTMLCheck {
	if s.Sums.HTMLErrors == 0 {
		return nil
	}
	return &inspect.HTMLCheck{Errors: 4, Warnings: 61, New: 1, Bytes: 48_231, Suppressed: 2, Diagnostics: []inspect.Diagnostic{
		{Severity: inspect.SeverityWarning, Code: "redundant/trailing-slash", Message: "`/>` does nothing on `br`: write `<br>`", Line: 3, Column: 14, Count: 60, Section: "13.1.2",
			Context: []inspect.SourceLine{{Number: 3, Text: "  Total<br/>"}}, MarkStart: 7, MarkEnd: 12},
		{Severity: inspect.SeverityError, Code: "content-model/child", Message: "`li` must be inside `ul`, `ol` or `menu`; it is inside `div`", Line: 12, Column: 9, Section: "4.4.8", New: true,
			Context: []inspect.SourceLine{{Number: 12, Text: "    <div><li class=\"größer\">Spade</li></div>"}}, MarkStart: 9, MarkEnd: 30},
		{Severity: inspect.SeverityError, Code: "id-ref/duplicate-id", Message: "the id `total` is there already, in line 3", Line: 40, Column: 6, Count: 2, Section: "3.2.6",
			Context: []inspect.SourceLine{{Number: 40, Text: "…" + strings.Repeat("<td>1</td>", 9) + "<td id=total>\x1b]0;owned\x07</td>…"}}, MarkStart: 97, MarkEnd: 105},
		{Severity: inspect.SeverityError, Code: "css/nu", Message: "CSS: `colr`: Property `colr` doesn't exist.", Line: 41, Column: 3, Source: "nu"},
		{Severity: inspect.SeverityWarning, Code: "a11y/no-main", Message: "the page has no `main`", Line: 2, Column: 1, Section: "WAI-ARIA 5.3.26"},
	}}
}

func withHTML(f *fake) {
	f.rows[len(f.rows)-1].Sums = inspect.Sums{HTMLErrors: 4, HTMLWarnings: 61}
}

func TestHTMLGolden(t *testing.T) {
	for _, tt := range []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
		keys    []string
	}{
		{"html-list-80x24", 80, 24, colorprofile.NoTTY, nil},
		{"html-80x24", 80, 24, colorprofile.NoTTY, []string{"enter", "shift+tab", "shift+tab"}},
		{"html-40x10", 40, 10, colorprofile.NoTTY, []string{"enter", "shift+tab", "shift+tab"}},
		{"html-120x40", 120, 40, colorprofile.NoTTY, []string{"enter", "shift+tab", "shift+tab"}},
		{"html-120x40-dark", 120, 40, colorprofile.TrueColor, []string{"enter", "shift+tab", "shift+tab"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(120)
			withHTML(f)
			r := newRig(t, f, tt.w, tt.h, func(*Options) {})
			r.send(tea.ColorProfileMsg{Profile: tt.profile})
			r.keys(tt.keys...)
			golden(t, tt.name, r.shot(tt.profile))
		})
	}
}

// TestHTMLFindings: findings fold, hostile text stays text, and a check that comes later
// is shown.
func TestHTMLFindings(t *testing.T) {
	f := newFake(3)
	withHTML(f)
	r := newRig(t, f, 100, 40, func(*Options) {})
	r.wantText("4 HTML")
	r.keys("enter", "shift+tab", "shift+tab")
	r.wantText("4 errors", "1 new since the build before", "li must be inside ul, ol or menu", "content-model/child  HTML 4.4.8", "css/nu by nu", "2 suppressed")
	r.wantNoText("Total<br/>", "]0;owned")
	r.keys("G", "k", "enter")
	r.wantText("Total<br/>")
}
