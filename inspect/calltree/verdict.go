package calltree

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// What must be met before a difference is worth a verdict. A verdict that is wrong
// twice is never read again.
const (
	// minDifference is what the scheduler, a garbage collection or a disk changes from
	// one request to the next on a busy laptop.
	minDifference = 5 * time.Millisecond
	// minShare of the faster side's time: machines clock up and down by as much.
	minShare = 0.2
	// minSpreads standard deviations: what a route does by itself once in forty times
	// is not news.
	minSpreads = 2
	// blameShare is the part of the whole difference that a function must account for to
	// be named. With less there is another one of the same weight.
	blameShare = 0.6
	// maxVerbs bounds the kinds of statement that are told.
	maxVerbs = 2
	// minCount is the difference in statements per exchange that counts as one.
	minCount = 0.75
)

// Slower reports whether after's wall time is above before's by more than what is
// noise: 5 ms, a fifth, and twice the spread of either side. Faster is Slower with the
// sides changed.
func Slower(before, after Side) bool {
	if before.Count == 0 || after.Count == 0 {
		return false
	}
	least := max(minDifference, time.Duration(minShare*float64(before.Wall)), minSpreads*before.Spread, minSpreads*after.Spread)
	return after.Wall-before.Wall >= least
}

// verdict says the difference in one line, "" when it is noise.
func verdict(before, after *Side, functions []inspect.FunctionChange, statements []sqlChange) string {
	var parts []string
	switch {
	case Slower(*before, *after):
		parts = append(parts, "+"+amount(after.Wall-before.Wall))
		if b := newBlame(after.Tree, functions, after.Wall-before.Wall, 1); b != nil {
			parts[0] = "+" + amount(b.time) + b.where()
		}
	case Slower(*after, *before):
		parts = append(parts, "-"+amount(before.Wall-after.Wall))
		if b := newBlame(before.Tree, functions, before.Wall-after.Wall, -1); b != nil {
			parts[0] = "-" + amount(b.time) + b.where()
		}
	default:
		return ""
	}
	return strings.Join(append(parts, countVerbs(statements)...), ", ")
}

// countVerbs says what statements are more or fewer: "12 more SELECTs".
func countVerbs(statements []sqlChange) []string {
	type verb struct {
		name string
		more float64
	}
	var verbs []verb
	for _, s := range statements {
		i := slices.IndexFunc(verbs, func(v verb) bool { return v.name == s.verb })
		if i < 0 {
			i = len(verbs)
			verbs = append(verbs, verb{name: s.verb})
		}
		verbs[i].more += s.Count[1] - s.Count[0]
	}
	slices.SortStableFunc(verbs, func(a, b verb) int { return cmp.Compare(math.Abs(b.more), math.Abs(a.more)) })
	var parts []string
	for _, v := range verbs[:min(len(verbs), maxVerbs)] {
		if math.Abs(v.more) < minCount {
			break
		}
		n, word := math.Round(math.Abs(v.more)), " more "
		if v.more < 0 {
			word = " fewer "
		}
		plural := "s"
		if n == 1 {
			plural = ""
		}
		parts = append(parts, strconv.FormatFloat(n, 'f', 0, 64)+word+line(v.name)+plural)
	}
	return parts
}

// blame is the function that accounts for a difference.
type blame struct {
	t    *inspect.CallTree // of the slower side
	node int
	leaf int // what in it accounts for the difference, -1 for nothing but itself
	time time.Duration
}

// newBlame goes down the tree of the slower side for as long as one callee accounts for
// the difference; nil when not even the handler does. By functions, not by nodes: a
// function that a new one calls is no slower for that. sign is 1 when after is slower.
func newBlame(t *inspect.CallTree, functions []inspect.FunctionChange, wall time.Duration, sign float64) *blame {
	if t == nil || len(functions) == 0 {
		return nil
	}
	more := map[key]float64{}
	for i := range functions {
		f := &functions[i]
		k := keyOf(&f.Function)
		if k.kind == inspect.CallHandler {
			k.name = ""
		}
		more[k] = sign * (f.Total[1] - f.Total[0])
	}
	of := func(i int) float64 {
		k := keyOf(&t.Functions[t.Nodes[i].Function])
		if i == 0 {
			k.name = ""
		}
		return more[k]
	}
	least := blameShare * float64(wall)
	if of(0) < least {
		return nil
	}
	b := &blame{t: t, leaf: -1}
	kids := children(t)
	_, total := times(t)
	for {
		next := -1
		for _, c := range kids[b.node] {
			if of(c) >= least && (next < 0 || preferred(t, total, c, next)) {
				next = c
			}
		}
		if next < 0 {
			break
		}
		if leafKind(kind(t, next)) {
			b.leaf = next
			break
		}
		b.node = next
	}
	b.time = time.Duration(min(float64(wall), of(b.node)))
	return b
}

// preferred reports whether node a says more of where the time went than b: a function
// of the user's more than what it waited for, which then is within a goroutine or
// another function; else the longer one.
func preferred(t *inspect.CallTree, total []time.Duration, a, b int) bool {
	if la, lb := leafKind(kind(t, a)), leafKind(kind(t, b)); la != lb {
		return lb
	}
	return total[a] > total[b]
}

func leafKind(k inspect.CallKind) bool {
	return k != inspect.CallFunc && k != inspect.CallHandler && k != inspect.CallGoroutine
}

// where says the function, and what it spent the time with where that has a short name.
func (b *blame) where() string {
	s := " in the handler"
	if b.node > 0 {
		s = " in " + Short(b.t.Functions[b.t.Nodes[b.node].Function].Name)
	}
	if b.leaf < 0 {
		return s
	}
	f := b.t.Functions[b.t.Nodes[b.leaf].Function]
	switch f.Kind {
	case inspect.CallWait, inspect.CallJSON, inspect.CallTemplate:
		if name := Label(f); len(name) <= maxLeaf {
			return s + " (" + name + ")"
		}
	case inspect.CallHTTP:
		return s + " (outgoing request)"
	case inspect.CallSQL:
		return s + " (SQL)"
	}
	return s
}

// maxLeaf bounds what stands in brackets of a verdict: it is a line in a list.
const maxLeaf = 32

// amount returns a difference as a verdict says it.
func amount(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + " s"
	case d >= time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d >= 10*time.Millisecond:
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}
