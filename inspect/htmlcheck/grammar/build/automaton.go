package build

import (
	"cmp"
	"slices"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/pattern"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
)

// automaton makes states of content patterns, one a pattern, and alternatives of leaves.
type automaton struct {
	*contents
	out    *schema.Schema
	states map[pattern.ID]uint32
	todo   []pattern.ID
	masks  map[pattern.Leaf]uint64 // the alternatives of a leaf's element that it means
	sets   [][]alternative         // by element
}

// alternative is what an alternative of the schema is made of.
type alternative struct {
	attrs attrSet
	leaf  pattern.Leaf
}

// maxStates bounds the content models: & over many parts that are not repeated has a state
// for each set of them.
const maxStates = 4000

func (a *automaton) state(p pattern.ID) uint32 {
	id, ok := a.states[p]
	if !ok {
		id = uint32(len(a.out.States))
		a.states[p] = id
		a.out.States = append(a.out.States, schema.State{})
		a.todo = append(a.todo, p)
	}
	return id
}

// run makes all states that can be reached, and all alternatives.
func (a *automaton) run() {
	for len(a.todo) > 0 && len(a.out.States) < maxStates {
		p := a.todo[0]
		a.todo = a.todo[1:]
		s := a.fill(p)
		a.out.States[a.states[p]] = s
	}
	if len(a.todo) > 0 {
		a.g.fail(notation.Pos{File: "grammar"}, "more than %d states: use `&` with fewer parts, or repeat them with *", maxStates)
	}
}

func (a *automaton) fill(p pattern.ID) schema.State {
	s := schema.State{Accept: a.b.Nullable(p), Any: a.b.HasAny(p), Text: schema.None}
	if next := a.b.TextStep(p); next != pattern.NotAllowed {
		s.Text = a.state(next)
	}
	for _, i := range a.b.DataTypes(p, nil) {
		s.Data = a.datas[i]
		s.Accept = true // by the text
	}
	if s.Missing = a.missing(p); len(s.Missing) == 0 {
		s.Wanted = a.wanted(p)
	}
	a.steps(p, &s)
	return s
}

// stepKey groups the steps of a state: the elements with the same alternatives.
type stepKey struct {
	element uint16
	mask    uint64
	skips   bool
}

// steps adds the elements that may come next. Steps of one leaf to several patterns become
// one, to their choice.
func (a *automaton) steps(p pattern.ID, s *schema.State) {
	nexts := map[stepKey][]pattern.ID{}
	missing := map[stepKey]pattern.ID{}
	var keys []stepKey
	for _, step := range a.b.Steps(p) {
		k := stepKey{uint16(a.leaves[step.Leaf].d.el.index), a.mask(step.Leaf), step.Skipped != pattern.NotAllowed}
		if nexts[k] == nil {
			keys = append(keys, k)
			missing[k] = step.Skipped
		}
		nexts[k] = append(nexts[k], step.Next)
	}
	for _, k := range keys {
		if k.skips && slices.ContainsFunc(keys, func(o stepKey) bool { return o.element == k.element && !o.skips }) {
			continue
		}
		step := schema.Step{Element: k.element, Next: a.state(a.b.Choice(nexts[k]...)), Skips: k.skips}
		if k.skips {
			step.Missing = a.missing(missing[k])
		}
		same := slices.IndexFunc(s.Steps, func(o schema.Step) bool {
			return o.Element == step.Element && o.Next == step.Next && o.Skips == step.Skips
		})
		if same >= 0 {
			s.Steps[same].Mask |= k.mask
			continue
		}
		step.Mask = k.mask
		s.Steps = append(s.Steps, step)
	}
	slices.SortStableFunc(s.Steps, func(x, y schema.Step) int {
		return cmp.Or(cmp.Compare(x.Element, y.Element), cmp.Compare(x.Mask, y.Mask))
	})
}

// missing are the elements without which p cannot end; where it has a choice, all that it
// can begin with.
func (a *automaton) missing(p pattern.ID) []uint16 {
	if p == pattern.NotAllowed || a.b.Nullable(p) {
		return nil
	}
	var out []uint16
	for _, i := range a.b.Required(p, func(l pattern.Leaf) int { return a.leaves[l].d.el.index }) {
		out = append(out, uint16(i))
	}
	return out
}

// maxWanted bounds what a message lists.
const maxWanted = 8

func (a *automaton) wanted(p pattern.ID) []uint16 {
	var out []uint16
	for _, l := range a.b.Wanted(p) {
		if i := uint16(a.leaves[l].d.el.index); !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	if slices.Sort(out); len(out) > maxWanted {
		return nil
	}
	return out
}

// mask returns the alternatives that a leaf means, and makes them when they are new.
func (a *automaton) mask(l pattern.Leaf) uint64 {
	if m, ok := a.masks[l]; ok {
		return m
	}
	lf := a.leaves[l]
	el := lf.d.el
	var m uint64
	for _, set := range a.g.narrow(lf.d, lf.cond) {
		n := len(a.sets[el.index])
		if n >= schema.MaxAlternatives {
			a.g.fail(lf.d.Pos, "element %s has more than %d alternatives of attributes and contents", lf.d.Name, schema.MaxAlternatives)
			break
		}
		m |= 1 << n
		a.sets[el.index] = append(a.sets[el.index], alternative{set, l})
	}
	a.masks[l] = m
	out := &a.out.Elements[el.index]
	content, holds := a.state(a.content(lf)), a.holds(lf)
	for range len(a.sets[el.index]) - len(out.Alternatives) {
		out.Alternatives = append(out.Alternatives, schema.Alternative{
			State: content, Transparent: mentionsTransparent(a.expr(lf)), Holds: holds})
	}
	return m
}
