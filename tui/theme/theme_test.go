package theme

import (
	"image/color"
	"math"
	"reflect"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast checks that text is readable (WCAG AA: 4.5 to 1) on the usual
// grounds and on the selected row; faint is for rules only and needs 2.
func TestContrast(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
		for _, dark := range []bool{true, false} {
			th := New(dark, profile, false)
			grounds := []color.Color{lipgloss.Color("#ffffff"), th.selected}
			if dark {
				grounds = []color.Color{lipgloss.Color("#000000"), lipgloss.Color("#1e1e1e"), th.selected}
			}
			styles := map[string]lipgloss.Style{"dim": th.Dim, "accent": th.Accent, "good": th.Good, "info": th.Info, "warn": th.Warn, "bad": th.Bad}
			for name, st := range styles {
				for _, g := range grounds {
					if got := contrast(st.GetForeground(), g); got < 4.5 {
						t.Errorf("%v dark=%v: %s on %v has contrast %.2f, want 4.5", profile, dark, name, g, got)
					}
				}
			}
			if got := contrast(th.Alarm.GetForeground(), th.Alarm.GetBackground()); got < 4.5 {
				t.Errorf("%v dark=%v: alarm has contrast %.2f, want 4.5", profile, dark, got)
			}
			for i, st := range []lipgloss.Style{th.BoxFunc, th.BoxGo, th.BoxSQL, th.BoxHTTP, th.BoxTemplate, th.BoxJSON, th.BoxWait} {
				if got := contrast(st.GetForeground(), st.GetBackground()); got < 4.5 {
					t.Errorf("%v dark=%v: frame %d has contrast %.2f, want 4.5", profile, dark, i, got)
				}
			}
			if got := contrast(th.Faint.GetForeground(), grounds[0]); got < 2 {
				t.Errorf("%v dark=%v: faint has contrast %.2f, want 2", profile, dark, got)
			}
		}
	}
}

// TestGlyphs checks that each glyph takes one cell, and that the ASCII ones are.
func TestGlyphs(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		g := reflect.ValueOf(New(true, colorprofile.TrueColor, ascii).Glyph)
		for i := range g.NumField() {
			s, name := g.Field(i).String(), g.Type().Field(i).Name
			if ansi.StringWidth(s) != 1 {
				t.Errorf("ascii=%v: %s = %q is not one cell wide", ascii, name, s)
			}
			if ascii && (len(s) != 1 || s[0] < ' ' || s[0] > '~') {
				t.Errorf("%s = %q is not ASCII", name, s)
			}
		}
	}
}

// TestFewColours checks that 16 colours keep to the terminal's palette.
func TestFewColours(t *testing.T) {
	th := New(true, colorprofile.ANSI, false)
	if th.selected != nil {
		t.Error("the selected row has a background")
	}
	if got := th.On(th.Text, true); !got.GetBold() {
		t.Error("the selected row is not told by bold text")
	}
}

func TestStep(t *testing.T) {
	th := New(true, colorprofile.TrueColor, false)
	for _, tt := range []struct {
		v, most int
		want    string
	}{{0, 5, " "}, {1, 0, " "}, {-1, 5, " "}, {5, 5, "█"}, {1, 1000, "▁"}, {1, 8, "▁"}, {2, 8, "▂"}, {7, 8, "▇"}, {9, 8, "█"}} {
		if got := th.Step(tt.v, tt.most); got != tt.want {
			t.Errorf("%d of %d gives %q, want %q", tt.v, tt.most, got, tt.want)
		}
	}
	if got := New(true, colorprofile.TrueColor, true).Step(1, 1); got != "#" {
		t.Errorf("in ASCII the highest is %q", got)
	}
}
