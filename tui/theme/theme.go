// Package theme holds every colour, style and glyph of the terminal UI.
//
// Call [New] once the terminal's background and colour profile are known, and again
// when either changes. There is one accent; the semantic colours (good, warn, bad)
// never stand alone: the text beside them carries a glyph or a word, so that
// nothing is lost without colour. The package draws nothing itself.
package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Theme is a set of styles for one kind of terminal. It is a plain value, safe to
// copy and to read from many goroutines.
type Theme struct {
	Dark  bool
	Glyph Glyphs

	Text   lipgloss.Style // the terminal's own colours
	Strong lipgloss.Style // what a row is about
	Dim    lipgloss.Style // labels, units, things beside the point
	Faint  lipgloss.Style // rules and placeholders; never information by itself
	Accent lipgloss.Style // where the user is: page, cursor, key
	Good   lipgloss.Style
	Info   lipgloss.Style
	Warn   lipgloss.Style
	Bad    lipgloss.Style
	Badge  lipgloss.Style // the name of the program
	Alarm  lipgloss.Style // the label of the failure banner
	Match  lipgloss.Style // a search hit
	Here   lipgloss.Style // the search hit under the cursor
	Caret  lipgloss.Style // the cell of the text cursor

	// Frames of the flame graph, by what they are.
	BoxFunc, BoxGo, BoxSQL, BoxHTTP, BoxTemplate, BoxJSON, BoxWait lipgloss.Style

	// Body colours.
	Name, String, Number, Literal, Comment, Punct lipgloss.Style

	selected color.Color // background of the row under the cursor; nil: none
	steps    [8]string
}

// palette is the few colours a theme is made of.
type palette struct {
	dim, faint, accent, good, info, warn, bad, onAlarm, selected, match color.Color
}

// New makes the theme for a terminal with a dark or light background. With a
// profile of 16 colours or fewer it keeps to the terminal's own palette, which the
// user has made readable; ascii picks glyphs that every font has.
func New(dark bool, profile colorprofile.Profile, ascii bool) Theme {
	pick := lipgloss.LightDark(dark)
	c := func(light, dark string) color.Color {
		return pick(lipgloss.Color(light), lipgloss.Color(dark))
	}
	p := palette{
		dim:      c("#5a6273", "#949cb0"),
		faint:    c("#8d95a5", "#667085"),
		accent:   c("#2c5bd0", "#82aaff"),
		good:     c("#24753a", "#8fcf8b"),
		info:     c("#0f7285", "#7cc7d8"),
		warn:     c("#8f5f00", "#e8b76b"),
		bad:      c("#c0273c", "#ff7d90"),
		onAlarm:  c("#ffffff", "#1a1d26"),
		selected: c("#e2e9fa", "#29324a"),
		match:    c("#fbe3a1", "#5c4a1c"),
	}
	if profile == colorprofile.ANSI256 {
		// The nearest of the 256 to the colours above are partly tinted: greys are
		// taken from the grey ramp by hand.
		p = palette{
			dim: c("241", "247"), faint: c("246", "242"), accent: c("26", "111"), good: c("22", "114"), info: c("24", "116"),
			warn: c("94", "179"), bad: c("124", "210"), onAlarm: c("231", "234"), selected: c("255", "236"), match: c("222", "58"),
		}
	}
	if profile <= colorprofile.ANSI && profile != colorprofile.Unknown {
		p = palette{
			dim: lipgloss.NoColor{}, faint: lipgloss.BrightBlack, accent: lipgloss.Blue, good: lipgloss.Green,
			info: lipgloss.Cyan, warn: lipgloss.Yellow, bad: lipgloss.Red, onAlarm: lipgloss.White,
			match: lipgloss.Yellow,
		}
	}
	t := fromPalette(p)
	t.Dark = dark
	t.boxes(profile)
	t.Glyph, t.steps = unicodeGlyphs(), [8]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	if ascii {
		t.Glyph, t.steps = asciiGlyphs(), [8]string{"_", ".", ":", "-", "=", "+", "*", "#"}
	}
	return t
}

// boxes gives the frames of the flame graph their grounds. Where the terminal has too
// few colours for calm ones they are told apart by the colour of their text.
func (t *Theme) boxes(profile colorprofile.Profile) {
	light := [...]string{"#1a1d26", "#dbe4fb", "#f7dbe7", "#c9ecf1", "#d6f0da", "#f9e2cf", "#f4ebb8", "#e3e5ea"}
	dark := [...]string{"#eef0f6", "#2c3858", "#53304a", "#1d4750", "#28482f", "#5a3a22", "#4d4519", "#373b45"}
	if profile == colorprofile.ANSI256 {
		light = [...]string{"234", "189", "224", "152", "194", "223", "229", "254"}
		dark = [...]string{"255", "17", "53", "23", "22", "52", "58", "237"}
	}
	c := light
	if t.Dark {
		c = dark
	}
	plain := [...]lipgloss.Style{t.Text, t.Accent.Bold(false), t.Info, t.Good, t.Warn, t.Warn, t.Dim}
	for i, st := range []*lipgloss.Style{&t.BoxFunc, &t.BoxGo, &t.BoxSQL, &t.BoxHTTP, &t.BoxTemplate, &t.BoxJSON, &t.BoxWait} {
		*st = lipgloss.NewStyle().Foreground(lipgloss.Color(c[0])).Background(lipgloss.Color(c[i+1]))
		if profile <= colorprofile.ANSI && profile != colorprofile.Unknown {
			*st = plain[i]
		}
	}
}

// Step returns a column whose height stands for v out of most; a blank for nothing.
func (t Theme) Step(v, most int) string {
	if v <= 0 || most <= 0 {
		return " "
	}
	return t.steps[min((v*len(t.steps)-1)/most, len(t.steps)-1)]
}

func fromPalette(p palette) Theme {
	s := lipgloss.NewStyle
	return Theme{
		Text:     s(),
		Strong:   s().Bold(true),
		Dim:      s().Foreground(p.dim),
		Faint:    s().Foreground(p.faint),
		Accent:   s().Foreground(p.accent).Bold(true),
		Good:     s().Foreground(p.good),
		Info:     s().Foreground(p.info),
		Warn:     s().Foreground(p.warn),
		Bad:      s().Foreground(p.bad),
		Badge:    s().Foreground(p.accent).Bold(true),
		Alarm:    s().Foreground(p.onAlarm).Background(p.bad).Bold(true),
		Match:    s().Background(p.match),
		Here:     s().Reverse(true),
		Caret:    s().Reverse(true),
		Name:     s().Foreground(p.accent),
		String:   s().Foreground(p.good),
		Number:   s().Foreground(p.warn),
		Literal:  s().Foreground(p.info),
		Comment:  s().Foreground(p.faint).Italic(true),
		Punct:    s().Foreground(p.dim),
		selected: p.selected,
	}
}

// On returns the style as it looks on the row under the cursor when sel is set.
// Where the terminal has too few colours for a calm background the row is told by
// its bar glyph and bold text alone.
func (t Theme) On(s lipgloss.Style, sel bool) lipgloss.Style {
	switch {
	case !sel:
		return s
	case t.selected == nil:
		return s.Bold(true)
	default:
		return s.Background(t.selected)
	}
}
