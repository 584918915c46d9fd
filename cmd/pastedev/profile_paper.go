package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/inspect/profile"
)

const (
	// shownTop is how many functions are shown unless all are asked for.
	shownTop = 30
	// shownShare is the part of the whole from which a call is shown unless all are.
	shownShare = 0.005
	// hotShare is the part of the whole from which a call is on the hot path.
	hotShare = 0.1
)

// request prints one line about an exchange.
func (p *paper) request(ex *inspect.Exchange) {
	p.line(p.paint(bold, oneLine(ex.Method+" "+ex.Path)) + "  " + oneLine(outcome(ex)) + "  " + p.paint(dim, ex.ID.Short()))
	if ex.Verdict != "" {
		p.line(p.paint(warning, oneLine(ex.Verdict)) + p.paint(dim, " since the build before"))
	}
	p.line("")
}

// callPrinter prints the nodes of a valid tree.
type callPrinter struct {
	*paper
	t           *inspect.CallTree
	self, total []time.Duration
	kids        [][]int
	hot         map[int]bool
	least       time.Duration // total of what is shown
	hidden      int
}

func newCallPrinter(p *paper, t *inspect.CallTree, all bool) *callPrinter {
	c := &callPrinter{paper: p, t: t, self: calltree.Self(t), kids: make([][]int, len(t.Nodes)), hot: map[int]bool{}}
	c.total = append(c.total, c.self...)
	for i := len(t.Nodes) - 1; i > 0; i-- {
		if !c.beside(i) {
			c.total[t.Nodes[i].Parent] += c.total[i]
		}
	}
	for i := 1; i < len(t.Nodes); i++ {
		c.kids[t.Nodes[i].Parent] = append(c.kids[t.Nodes[i].Parent], i)
	}
	for i := 0; i >= 0; i = c.longest(i) {
		c.hot[i] = true
	}
	if !all {
		c.least = time.Duration(shownShare * float64(c.total[0]))
	}
	return c
}

// beside reports whether a node ran beside its parent, not within its time.
func (c *callPrinter) beside(i int) bool {
	return c.t.Functions[c.t.Nodes[i].Function].Kind == inspect.CallGoroutine
}

// longest returns the child that most of a node's time went to, -1 when none is worth
// following.
func (c *callPrinter) longest(i int) int {
	best, most := -1, time.Duration(hotShare*float64(c.total[0]))
	for _, k := range c.kids[i] {
		if !c.beside(k) && c.total[k] > most {
			best, most = k, c.total[k]
		}
	}
	return best
}

// callTree prints a valid tree, indented, the hot path marked. Unless all are asked for
// calls of a small part of the time are left out.
func (p *paper) callTree(t *inspect.CallTree, all bool) {
	c := newCallPrinter(p, t, all)
	head := fmt.Sprintf("%9s %7s", "total", "")
	if !p.slim() {
		head += fmt.Sprintf(" %9s %8s", "self", "calls")
	}
	p.line(p.paint(dim, head+"    function"))
	c.node(0, "", "", c.total[0])
	if c.hidden > 0 {
		p.line(p.paint(dim, fmt.Sprintf("%s of less than %.1f %% left out; --all shows them", count(c.hidden, "node"), 100*shownShare)))
	}
	p.lostCalls(t)
}

// lostCalls tells of the calls that a tree had no room for.
func (p *paper) lostCalls(t *inspect.CallTree) {
	if n := t.Lost; n > 0 {
		p.line(p.paint(dim, count(int(n), "call")+" more than the tree holds; their time is their caller's"))
	}
}

// node prints a node and what is beneath; first stands before its name, rest before those
// beneath. whole is what shares are of, 0 beside the handler.
func (c *callPrinter) node(i int, first, rest string, whole time.Duration) {
	n := c.t.Nodes[i]
	f := c.t.Functions[n.Function]
	if c.beside(i) {
		whole = 0
	}
	mark, s := "  ", plainStyle
	switch {
	case c.hot[i]:
		mark, s = c.paint(alarm, "▶ "), bold
	case f.Kind == inspect.CallWait:
		s = dim
	}
	line := fmt.Sprintf("%9s %7s", inspect.FormatNanos(c.total[i]), share(c.total[i], whole))
	if !c.slim() {
		line += fmt.Sprintf(" %9s %8d", inspect.FormatNanos(c.self[i]), n.Calls)
	}
	c.line(line + "  " + mark + c.paint(dim, first) + c.paint(s, callName(f)) + c.place(f.At))
	var shown []int
	for _, k := range c.kids[i] {
		if c.total[k] >= c.least {
			shown = append(shown, k)
		} else {
			c.hidden += 1 + c.beneath(k)
		}
	}
	for at, k := range shown {
		if at == len(shown)-1 {
			c.node(k, rest+"└ ", rest+"  ", whole)
		} else {
			c.node(k, rest+"├ ", rest+"│ ", whole)
		}
	}
}

// beneath returns how many nodes are beneath one.
func (c *callPrinter) beneath(i int) (n int) {
	for _, k := range c.kids[i] {
		n += 1 + c.beneath(k)
	}
	return n
}

// share is a part of the handler's time; what ran beside it has none.
func share(part, whole time.Duration) string {
	if whole <= 0 || part > whole {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// callName is a function's label without the folders of its import path, safe for a
// terminal.
func callName(f inspect.CallFunction) string {
	switch f.Kind {
	case inspect.CallFunc, inspect.CallGoroutine:
		f.Name = shortName(f.Name)
	}
	return calltree.Label(f)
}

// shortName leaves out the folders of the import path, but for the one before a major
// version: "shop.(*Cart).Add", "chi/v5.(*Mux).ServeHTTP".
func shortName(name string) string {
	until := len(name)
	if i := strings.IndexByte(name, '['); i >= 0 { // type arguments have paths of their own
		until = i
	}
	cut := strings.LastIndexByte(name[:until], '/')
	if cut > 0 && majorVersion.MatchString(name[cut+1:]) {
		cut = strings.LastIndexByte(name[:cut], '/')
	}
	return name[cut+1:]
}

// majorVersion: the last element of an import path from version 2 on.
var majorVersion = regexp.MustCompile(`^v[0-9]+\.`)

// place is a file and line behind a name, without its folders.
func (p *paper) place(at *inspect.Location) string {
	if at == nil || at.File == "" {
		return ""
	}
	short := *at
	short.File = path.Base(strings.ReplaceAll(at.File, `\`, "/"))
	return "  " + p.paint(placeStyle, oneLine(placeOf(&short)))
}

// callTop prints the functions of a valid tree by their own time.
func (p *paper) callTop(t *inspect.CallTree, all bool) {
	limit := shownTop
	if all {
		limit = len(t.Functions)
	}
	head := fmt.Sprintf("%9s %7s", "self", "")
	if !p.slim() {
		head += fmt.Sprintf(" %9s %9s %8s", "total", "blocked", "calls")
	}
	p.line(p.paint(dim, head+"  function"))
	if more := p.callRows(t, limit); more > 0 {
		p.line(p.paint(dim, count(more, "function")+" left out; --all shows them"))
	}
	p.lostCalls(t)
}

// callRows prints a line for each of the first functions, and returns how many more there
// are.
func (p *paper) callRows(t *inspect.CallTree, limit int) (more int) {
	rows := calltree.Top(t)
	whole := newCallPrinter(p, t, true).total[0]
	for _, r := range rows[:min(limit, len(rows))] {
		blocked := ""
		if r.Blocked > 0 {
			blocked = inspect.FormatNanos(r.Blocked)
		}
		line := fmt.Sprintf("%9s %7s", inspect.FormatNanos(r.Self), share(r.Self, whole))
		if !p.slim() {
			line += fmt.Sprintf(" %9s %9s %8d", inspect.FormatNanos(r.Total), blocked, r.Calls)
		}
		p.line(line + "  " + callName(r.Function) + p.place(r.Function.At))
	}
	return max(0, len(rows)-limit)
}

// profileTitle is "cpu profile 3".
func profileTitle(meta inspect.Profile) string {
	if meta.Kind == inspect.ProfileTrace {
		return fmt.Sprintf("execution trace %d", meta.ID)
	}
	return fmt.Sprintf("%s profile %d", meta.Kind, meta.ID)
}

// profile prints what a recorded profile found; rows are all of its functions.
func (p *paper) profile(meta inspect.Profile, rows []inspect.ProfileRow, all bool) {
	about := []string{p.paint(bold, profileTitle(meta))}
	if meta.Kind != inspect.ProfileTrace {
		about = append(about, count(int(meta.Samples), meta.Kind.Counted()))
	}
	about = append(about, inspect.FormatDuration(meta.Duration.Duration()))
	if of := profileOf(meta); of != "" {
		about = append(about, of)
	}
	if meta.Others > 0 {
		about = append(about, p.paint(dim, fmt.Sprintf("%s of other work left out", count(int(meta.Others), meta.Kind.Counted()))))
	}
	p.line(strings.Join(about, "  "))
	p.replays(meta)
	note := meta.Note
	if note == "" && meta.Samples == 0 && meta.Kind != inspect.ProfileTrace {
		note = "0 samples: a sample is taken every 10 ms of processor time; --replay sends the request again until there are enough"
	}
	if note != "" {
		p.wrap("", "", warning, oneLine(note))
	}
	if meta.Trace != nil {
		p.traceSummary(meta.Trace)
	}
	p.profileRows(rows, all)
	p.line("")
	p.line(p.paint(dim, fmt.Sprintf("pastedev profiles %d --pb FILE saves it", meta.ID)))
}

// profileOf says of what a profile is: "GET /app/cart/{} 4bf92f35", "all of /app".
func profileOf(meta inspect.Profile) string {
	of := strings.TrimSpace(oneLine(meta.Route) + " " + meta.Exchange.Short())
	if of == "" && meta.Mount != "" {
		return "all of " + oneLine(meta.Mount)
	}
	return of
}

// wallBuckets is the width of the histogram of replays.
const wallBuckets = 16

// replays prints how long the replays took.
func (p *paper) replays(meta inspect.Profile) {
	if meta.Replays == 0 {
		return
	}
	text := count(meta.Replays, "replay")
	if len(meta.Walls) > 0 {
		s := profile.SpreadOf(meta.Walls)
		text += fmt.Sprintf(": %s, %s in the middle, %s  %s", inspect.FormatDuration(s.Min.Duration()), inspect.FormatDuration(s.Median.Duration()),
			inspect.FormatDuration(s.Max.Duration()), profile.Bars(profile.Histogram(meta.Walls, wallBuckets)))
	}
	p.line(text)
}

func (p *paper) profileRows(rows []inspect.ProfileRow, all bool) {
	if len(rows) == 0 {
		return
	}
	var whole int64
	for _, r := range rows {
		whole += r.Flat
	}
	part := func(v int64) string { return share(time.Duration(v), time.Duration(whole)) }
	shown := rows
	if !all {
		shown = rows[:min(shownTop, len(rows))]
	}
	p.line("")
	p.line(p.paint(dim, fmt.Sprintf("%10s %7s %10s %7s  %s", "self", "", "total", "", "function")))
	for _, r := range shown {
		at := ""
		if r.File != "" {
			at = p.place(&inspect.Location{File: r.File, Line: r.Line})
		}
		p.linef("%10s %7s %10s %7s  %s%s", profile.Amount(r.Flat, r.Unit), part(r.Flat), profile.Amount(r.Cum, r.Unit), part(r.Cum),
			oneLine(shortName(r.Function)), at)
	}
	if n := len(rows) - len(shown); n > 0 {
		p.line(p.paint(dim, count(n, "function")+" left out; --all shows them"))
	}
}

// traceSummary prints where the goroutines of an exchange spent its time.
func (p *paper) traceSummary(s *inspect.TraceSummary) {
	p.line("")
	lines := [][2]string{{"running", inspect.FormatDuration(s.Running.Duration())}, {"waiting for a processor", inspect.FormatDuration(s.Runnable.Duration())},
		{"in system calls", inspect.FormatDuration(s.Syscall.Duration())}}
	for _, b := range s.Blocked {
		lines = append(lines, [2]string{"blocked on " + oneLine(b.Reason), inspect.FormatDuration(b.Time.Duration()) + fmt.Sprintf("  ×%d", b.Count)})
	}
	if s.GC > 0 {
		lines = append(lines, [2]string{"beside a garbage collection", inspect.FormatDuration(s.GC.Duration())})
	}
	if s.STW > 0 {
		lines = append(lines, [2]string{"while the world stood still", inspect.FormatDuration(s.STW.Duration())})
	}
	wide := 0
	for _, l := range lines {
		wide = max(wide, ansi.StringWidth(l[0]))
	}
	p.line(count(s.Goroutines, "goroutine"))
	for _, l := range lines {
		p.line("  " + l[0] + strings.Repeat(" ", wide-ansi.StringWidth(l[0])) + "  " + l[1])
	}
}
