// Package widget holds the small parts that pages are drawn from: fitting text into
// a width, a one-line editor, and a scrolling viewer with search.
//
// Its parts are plain structs with methods; they start no goroutine, do no I/O and
// know nothing of exchanges. Widths are in terminal cells and count wide runes and
// escape sequences properly.
package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width returns the cells that s takes. Escape sequences take none.
func Width(s string) int { return ansi.StringWidth(s) }

// Fit returns s in exactly width cells: cut with the given ellipsis when longer,
// filled with blanks when shorter. A width of 0 or less gives "".
func Fit(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	w := ansi.StringWidth(s)
	if w > width {
		s = ansi.Truncate(s, width, ellipsis)
		w = ansi.StringWidth(s)
	}
	return s + blank(width-w)
}

// FitLeft is [Fit] with the text at the right end of the field.
func FitLeft(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	w := ansi.StringWidth(s)
	if w > width {
		s = ansi.Truncate(s, width, ellipsis)
		w = ansi.StringWidth(s)
	}
	return blank(width-w) + s
}

// FitTail is [Fit] that cuts at the front: the end of the text stays.
func FitTail(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	if w := ansi.StringWidth(s); w > width {
		s = ansi.TruncateLeft(s, w-width+ansi.StringWidth(ellipsis), ellipsis)
	}
	return Fit(s, width, ellipsis)
}

// FitPath returns a path with its query ("?" and what follows, or "") in exactly width
// cells. What says least goes first: the end of the query, then the query, then the middle
// of the path, where it can between two slashes.
func FitPath(path, query string, width int, ellipsis string) string {
	const shortQuery = 4 // cells: less of a query says nothing
	pw, ew := ansi.StringWidth(path), ansi.StringWidth(ellipsis)
	room := width - pw - min(ansi.StringWidth(query), shortQuery)
	if room >= 0 || pw <= width && pw+1+ew > width {
		return Fit(path+query, width, ellipsis)
	}
	end := ""
	if query != "" && width > 8 {
		end = "?" + ellipsis
	}
	rest := width - ansi.StringWidth(end)
	if pw <= rest {
		return Fit(path+end, width, ellipsis)
	}
	tail := ansi.TruncateLeft(path, pw-(rest-ew)*2/3, "")
	if i := strings.IndexByte(tail, '/'); i > 0 && i < len(tail)/2 {
		tail = tail[i:]
	}
	head := ansi.Truncate(path, max(rest-ew-ansi.StringWidth(tail), 0), "")
	return Fit(head+ellipsis+tail+end, width, ellipsis)
}

// Around cuts the beginning off a plain text, so that the given cell of it is seen in width
// cells, and returns the cell's new place; a text whose cell is seen is left as it is.
func Around(s string, cell, width int, ellipsis string) (cut string, at int) {
	if cell < width-1 || width < 8 {
		return s, cell
	}
	cut = ansi.TruncateLeft(s, cell-width*2/3, ellipsis)
	return cut, max(cell-ansi.StringWidth(s)+ansi.StringWidth(cut), 0)
}

// Ends sets left and right at the two ends of a line of exactly width cells. The
// right end yields first when both do not fit.
func Ends(left, right string, width int, ellipsis string) string {
	lw, rw := ansi.StringWidth(left), ansi.StringWidth(right)
	if lw+1+rw > width {
		room := width - lw - 2
		if room < 4 {
			return Fit(left, width, ellipsis)
		}
		right = ansi.Truncate(right, room, ellipsis)
		rw = ansi.StringWidth(right)
	}
	return Fit(left+blank(width-lw-rw)+right, width, ellipsis)
}

// Lines returns exactly height lines of exactly width cells, cutting and filling.
func Lines(lines []string, width, height int, ellipsis string) []string {
	if height < 0 {
		height = 0
	}
	out := make([]string, height)
	for i := range out {
		if i < len(lines) {
			out[i] = Fit(lines[i], width, ellipsis)
		} else {
			out[i] = blank(width)
		}
	}
	return out
}

func blank(n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat(" ", n)
}
