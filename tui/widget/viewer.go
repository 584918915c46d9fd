package widget

import (
	"sort"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Viewer shows a page of styled lines with scrolling and search. The zero value
// shows nothing. It holds the lines it is given and does not change them.
type Viewer struct {
	lines  []string
	top    int
	height int

	needle string
	hits   []hit
	at     int // index into hits of the one under the cursor
}

// hit is a place where the needle was found.
type hit struct{ line, from, to int } // from and to in cells

// maxHits bounds one search; walking by n through more is hopeless anyway.
const maxHits = 10000

// SetLines replaces the text and keeps the scroll position and the search.
func (v *Viewer) SetLines(lines []string) {
	v.lines = lines
	if v.needle != "" {
		v.find()
	}
	v.clamp()
}

// Empty reports whether there is nothing to show.
func (v *Viewer) Empty() bool { return len(v.lines) == 0 }

// SetHeight tells the number of lines that are seen.
func (v *Viewer) SetHeight(h int) {
	v.height = max(h, 1)
	v.clamp()
}

// Scroll moves the text by so many lines.
func (v *Viewer) Scroll(by int) {
	v.top += by
	v.clamp()
}

// Page moves by halves of the height: 1 is half a page down, -2 a page up.
func (v *Viewer) Page(halves int) { v.Scroll(halves * max(v.height/2, 1)) }

// Top goes to the first line, Bottom to the last.
func (v *Viewer) Top() { v.top = 0 }

// Bottom goes to the last line.
func (v *Viewer) Bottom() {
	v.top = len(v.lines)
	v.clamp()
}

func (v *Viewer) clamp() {
	v.top = max(min(v.top, len(v.lines)-max(v.height, 1)), 0)
}

// First is the index of the first line seen.
func (v *Viewer) First() int { return v.top }

// Height is the number of lines that are seen.
func (v *Viewer) Height() int { return v.height }

// Show scrolls by as little as brings line into view.
func (v *Viewer) Show(line int) {
	v.top = max(min(v.top, line), line-v.height+1)
	v.clamp()
}

// Percent says how far the view is, 0 to 100, and whether there is more than fits.
func (v *Viewer) Percent() (int, bool) {
	rest := len(v.lines) - v.height
	if rest <= 0 {
		return 100, false
	}
	return v.top * 100 / rest, true
}

// Search looks for needle, ignoring case, and goes to the first hit at or after the
// first line seen. "" ends the search. It returns the number of hits.
func (v *Viewer) Search(needle string) int {
	v.needle = needle
	v.find()
	v.at = 0
	for i, h := range v.hits {
		if h.line >= v.top {
			v.at = i
			break
		}
	}
	v.show()
	return len(v.hits)
}

// Next goes by hits forwards (1) or backwards (-1), around the ends.
func (v *Viewer) Next(by int) {
	if n := len(v.hits); n > 0 {
		v.at = ((v.at+by)%n + n) % n
		v.show()
	}
}

// Hit says which hit the cursor is at, counted from 1, and how many there are.
func (v *Viewer) Hit() (at, of int) {
	if len(v.hits) == 0 {
		return 0, 0
	}
	return v.at + 1, len(v.hits)
}

// HitLine is the line of the hit under the cursor, -1 without one.
func (v *Viewer) HitLine() int {
	if len(v.hits) == 0 {
		return -1
	}
	return v.hits[v.at].line
}

// Needle returns what is searched for, "" for nothing.
func (v *Viewer) Needle() string { return v.needle }

func (v *Viewer) show() {
	if len(v.hits) == 0 {
		return
	}
	if l := v.hits[v.at].line; l < v.top || l >= v.top+v.height {
		v.top = l - v.height/2
		v.clamp()
	}
}

func (v *Viewer) find() {
	v.hits = v.hits[:0]
	needle := strings.ToLower(v.needle)
	if needle == "" {
		return
	}
	for i, l := range v.lines {
		plain := strings.ToLower(ansi.Strip(l))
		for off := 0; ; {
			j := strings.Index(plain[off:], needle)
			if j < 0 || len(v.hits) >= maxHits {
				break
			}
			from := ansi.StringWidth(plain[:off+j])
			v.hits = append(v.hits, hit{i, from, from + ansi.StringWidth(needle)})
			off += j + len(needle)
		}
	}
	v.at = min(v.at, max(len(v.hits)-1, 0))
}

// View draws the seen lines, exactly width by the height set.
func (v *Viewer) View(width int, match, here lipgloss.Style, ellipsis string) []string {
	end := min(v.top+v.height, len(v.lines))
	seen := make([]string, 0, v.height)
	for i := v.top; i < end; i++ {
		seen = append(seen, v.mark(i, match, here))
	}
	return Lines(seen, width, v.height, ellipsis)
}

// mark lays the search hits of a line over its own styles.
func (v *Viewer) mark(line int, match, here lipgloss.Style) string {
	s := v.lines[line]
	if len(v.hits) == 0 {
		return s
	}
	var ranges []lipgloss.Range
	first := sort.Search(len(v.hits), func(i int) bool { return v.hits[i].line >= line })
	for i := first; i < len(v.hits) && v.hits[i].line == line; i++ {
		style := match
		if i == v.at {
			style = here
		}
		ranges = append(ranges, lipgloss.NewRange(v.hits[i].from, v.hits[i].to, style))
	}
	return lipgloss.StyleRanges(s, ranges...)
}
