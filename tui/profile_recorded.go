package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// profileRows is how many functions of a profile are shown; pprof has all.
	profileRows = 200
	// histogramCells is the most columns that the times of replays are spread over.
	histogramCells = 32
)

// recordedMode is the profiles of an exchange, one at a time.
type recordedMode struct {
	roll
	list []inspect.Profile // newest first
	id   int64             // of the one that is shown

	rows  []inspect.ProfileRow // of the one that has the number have
	have  int64
	err   error
	asked int64 // rows are under way, or were answered, for this one
}

// profileRowsMsg brings the functions of a profile.
type profileRowsMsg struct {
	id   int64
	rows []inspect.ProfileRow
	err  error
}

// set takes the profiles; a new one is shown.
func (r *recordedMode) set(list []inspect.Profile) {
	if len(list) > 0 && (len(r.list) == 0 || list[0].ID > r.list[0].ID || r.index() < 0) {
		r.id = list[0].ID
	}
	r.list = list
	if r.err != nil {
		r.asked = 0 // it may go now
	}
}

func (r *recordedMode) index() int {
	return slices.IndexFunc(r.list, func(p inspect.Profile) bool { return p.ID == r.id })
}

func (r *recordedMode) profile() (inspect.Profile, bool) {
	i := r.index()
	if i < 0 {
		return inspect.Profile{}, false
	}
	return r.list[i], true
}

// sync loads the functions of the profile that is shown.
func (r *recordedMode) sync(sh *shared) tea.Cmd {
	p, ok := r.profile()
	if !ok || r.asked == r.id {
		return nil
	}
	r.asked = r.id
	ctx, src := sh.ctx, sh.src
	return func() tea.Msg {
		m := profileRowsMsg{id: p.ID}
		if p.Kind != inspect.ProfileTrace { // a trace has no functions, but a summary
			m.rows, m.err = src.ProfileTop(ctx, p.ID, profileRows)
		}
		return m
	}
}

func (r *recordedMode) loaded(m profileRowsMsg) {
	if m.id != r.id {
		return
	}
	r.have, r.rows, r.err = m.id, m.rows, m.err
	r.cursor, r.top = 0, 0
	r.roll.set(len(r.rows))
}

// resize gives the table what the head leaves of room rows.
func (r *recordedMode) resize(sh *shared, width, room int) {
	head := 1 // the headings
	if sh.rec != nil {
		head += recordingLines
	}
	if p, ok := r.profile(); ok {
		head += len(r.head(drawing{th: sh.th, width: width}, p))
	}
	r.roll.resize(room - head)
}

func (r *recordedMode) key(keys KeyMap, k tea.KeyPressMsg) bool {
	by := 0
	switch {
	case key.Matches(k, keys.Unfold):
		by = 1
	case key.Matches(k, keys.Fold):
		by = -1
	default:
		return r.roll.key(keys, k)
	}
	if i := r.index() + by; i >= 0 && i < len(r.list) {
		r.id = r.list[i].ID
	}
	return true
}

// at is the source under the cursor.
func (r *recordedMode) at() inspect.Location {
	if r.have != r.id || r.cursor >= len(r.rows) {
		return inspect.Location{}
	}
	row := r.rows[r.cursor]
	return inspect.Location{Function: row.Function, File: row.File, Path: row.File, Line: row.Line}
}

// find returns the rows whose function holds text.
func (r *recordedMode) find(text string) (hits []int) {
	text = strings.ToLower(text)
	for i, row := range r.rows {
		if r.have == r.id && strings.Contains(strings.ToLower(clean(shortFunc(row.Function))), text) {
			hits = append(hits, i)
		}
	}
	return hits
}

func (r *recordedMode) view(sh *shared, d drawing) []string {
	var lines []string
	if sh.rec != nil {
		lines = append(lines, sh.rec.lines(sh, d.width)...)
	}
	p, ok := r.profile()
	if !ok {
		return lines
	}
	lines = append(lines, r.head(d, p)...)
	switch {
	case r.have != r.id:
		return append(lines, d.th.Dim.Render("  Loading"+d.th.Glyph.Ellipsis))
	case r.err != nil:
		return append(lines, d.th.Bad.Render("  "+d.th.Glyph.Fail+" "+clean(r.err.Error())))
	case p.Kind == inspect.ProfileTrace:
		return append(lines, traceLines(d, p)...)
	}
	return append(lines, r.table(d)...)
}

// head tells of a profile.
func (r *recordedMode) head(d drawing, p inspect.Profile) []string {
	th := d.th
	title := fmt.Sprintf(" %s profile %d", clean(string(p.Kind)), p.ID)
	if p.Exchange == "" {
		title += " of " + clean(p.Route)
	}
	if p.Mount != "" {
		title += " in " + clean(p.Mount)
	}
	var facts []string
	if p.Kind != inspect.ProfileTrace {
		facts = append(facts, plural(p.Samples, p.Kind.Counted()))
	}
	if p.Others > 0 {
		facts = append(facts, countText(p.Others)+" of others left out")
	}
	if p.Replays > 0 {
		facts = append(facts, plural(p.Replays, "replay"))
	}
	facts = append(facts, inspect.FormatDuration(p.Duration.Duration()))
	place := ""
	if len(r.list) > 1 {
		place = fmt.Sprintf("%d of %d ", r.index()+1, len(r.list))
	}
	lines := []string{widget.Ends(th.Strong.Render(title)+th.Dim.Render("   "+strings.Join(facts, ", ")), th.Dim.Render(place), d.width, th.Glyph.Ellipsis)}
	if p.Note != "" {
		for _, l := range strings.Split(wrapStyled(clean(p.Note), max(d.width-4, 8)), "\n") {
			lines = append(lines, "  "+th.Info.Render(strings.TrimSpace(ansi.Strip(l))))
		}
	}
	if h := histogram(th, p.Walls, d.width-30); h != "" {
		lines = append(lines, "  "+th.Dim.Render("replays took  ")+h)
	}
	return append(lines, "  "+th.Dim.Render("file          ")+fileText(p)+th.Dim.Render(madeText(p)), "")
}

// fileText is how to get at the data.
func fileText(p inspect.Profile) string {
	file := string(p.Kind) + ".pb.gz"
	if p.Kind == inspect.ProfileTrace {
		file = "request.trace"
	}
	return fmt.Sprintf("pastedev profiles %d --pb %s", p.ID, clean(file))
}

func madeText(p inspect.Profile) string {
	text := "   " + inspect.FormatSize(p.Size)
	if p.Build > 0 {
		text += fmt.Sprintf(", build %d", p.Build)
	}
	return text
}

// histogram is how the times of replays spread, in one line; "" for fewer than two.
func histogram(th theme.Theme, walls []inspect.Millis, room int) string {
	if len(walls) < 2 || room < 4 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(walls))
	low, high := sorted[0], sorted[len(sorted)-1]
	end := sorted[len(sorted)-1-len(sorted)/50] // the slowest 2 % share a column: one must not squeeze all others
	cells := min(histogramCells, room, max(len(walls)/2, 4))
	counts := make([]int, cells)
	for _, w := range walls {
		i := 0
		if end > low {
			i = min(int(float64(w-low)/float64(end-low)*float64(cells-1)), cells-1)
		}
		counts[i]++
	}
	most := slices.Max(counts)
	var b strings.Builder
	for _, n := range counts {
		b.WriteString(th.Step(n, most))
	}
	median := sorted[len(sorted)/2]
	return th.Dim.Render(inspect.FormatDuration(low.Duration())+" ") + th.Accent.Bold(false).Render(b.String()) +
		th.Dim.Render(" "+inspect.FormatDuration(high.Duration())+", half below ") + inspect.FormatDuration(median.Duration())
}

// table draws the functions.
func (r *recordedMode) table(d drawing) []string {
	th := d.th
	if len(r.rows) == 0 {
		return []string{th.Dim.Render("  No samples in it.")}
	}
	var sum int64
	for _, row := range r.rows {
		sum = max(sum, row.Cum)
	}
	wide := d.width >= 76
	head := widget.FitLeft("self", 9, "") + widget.FitLeft("with calls", 12, "")
	if wide {
		head = widget.FitLeft("self", 9, "") + widget.FitLeft("", 6, "") + widget.FitLeft("with calls", 12, "") + widget.FitLeft("", 6+1+barCells, "")
	}
	lines := []string{" " + th.Dim.Render(head+"  function")}
	from, to := r.seen()
	for i := from; i < to; i++ {
		lines = append(lines, r.draw(d, i, sum, wide))
	}
	return lines
}

func (r *recordedMode) draw(d drawing, i int, sum int64, wide bool) string {
	th, row := d.th, r.rows[i]
	sel := d.focused && i == r.cursor
	on := func(st lipgloss.Style) lipgloss.Style { return th.On(st, sel) }
	line := rowMark(d, sel) + on(th.Text).Render(widget.FitLeft(unitText(row.Flat, row.Unit), 9, ""))
	if wide {
		line += on(th.Dim).Render(widget.FitLeft(percentText(row.Flat, sum), 6, ""))
	}
	line += on(th.Text).Render(widget.FitLeft(unitText(row.Cum, row.Unit), 12, ""))
	if wide {
		n := barOf(time.Duration(row.Cum), time.Duration(sum), barCells)
		line += on(th.Dim).Render(widget.FitLeft(percentText(row.Cum, sum), 6, "")+" ") +
			on(th.Accent.Bold(false)).Render(repeat(th.Glyph.Block, n)) + on(th.Faint).Render(repeat(th.Glyph.Dot, barCells-n))
	}
	line += on(th.Text).Render("  ") + marked(d, on(th.Text), clean(shortFunc(row.Function)))
	if place := clean(placeOf(inspect.Location{File: shortFile(row.File), Line: row.Line})); place != "" {
		line += on(th.Text).Render("  ") + on(th.Dim).Render(place)
	}
	return fill(ansi.Truncate(line, d.width, th.Glyph.Ellipsis), d.width, on(th.Text))
}

// shortFile is a file with its folder: whole paths would leave no room to tell them apart.
func shortFile(file string) string {
	parts := strings.Split(file, "/")
	return strings.Join(parts[max(len(parts)-2, 0):], "/")
}

// unitText is a value of a profile.
func unitText(v int64, unit string) string {
	switch {
	case v == 0:
		return ""
	case unit == "nanoseconds":
		return timeOrBlank(time.Duration(v))
	case unit == "bytes":
		return inspect.FormatSize(v)
	}
	return compactText(v, 9)
}

func percentText(v, of int64) string {
	if v <= 0 || of <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0f%%", 100*float64(v)/float64(of))
}

// traceLines sums up an execution trace.
func traceLines(d drawing, p inspect.Profile) []string {
	th, s := d.th, p.Trace
	if s == nil {
		return []string{th.Dim.Render("  Nothing is known of it but its file.")}
	}
	type part struct {
		name string
		time inspect.Millis
		note string
		st   lipgloss.Style
	}
	parts := []part{
		{"running", s.Running, "", th.Good}, {"runnable", s.Runnable, "ready, and waited for a processor", th.Warn}, {"system calls", s.Syscall, "", th.Info},
	}
	for _, b := range slices.SortedFunc(slices.Values(s.Blocked), func(a, b inspect.TraceReason) int { return cmp.Compare(b.Time, a.Time) }) {
		parts = append(parts, part{"blocked", b.Time, clean(b.Reason) + ", " + plural(b.Count, "time"), th.Accent.Bold(false)})
	}
	parts = append(parts, part{"collecting", s.GC, "a garbage collection was under way", th.Dim}, part{"world stopped", s.STW, "", th.Bad})
	var most inspect.Millis
	for _, p := range parts {
		most = max(most, p.time)
	}
	lines := []string{"  " + th.Dim.Render(plural(s.Goroutines, "goroutine")+"; the times of several add up to more than the request's")}
	for _, p := range parts {
		n := barOf(p.time.Duration(), most.Duration(), 2*barCells)
		lines = append(lines, "  "+th.Dim.Render(widget.Fit(p.name, 14, ""))+widget.FitLeft(inspect.FormatDuration(p.time.Duration()), timeCells, "")+"  "+
			p.st.Render(repeat(th.Glyph.Block, n))+th.Faint.Render(repeat(th.Glyph.Dot, 2*barCells-n))+"  "+th.Dim.Render(p.note))
	}
	return lines
}
