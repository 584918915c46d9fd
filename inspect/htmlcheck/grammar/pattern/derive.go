package pattern

import "slices"

// Step is one element that a pattern can begin with, and what must follow it.
type Step struct {
	Leaf Leaf
	Next ID
	// Skipped is what was left out to come here: NotAllowed when nothing was, see [Builder.Steps].
	Skipped ID
}

// Steps returns the elements that p can begin with. Those with Skipped set are not allowed:
// with them the pattern goes on as if the skipped part had been there, so that one missing
// element is one error.
func (b *Builder) Steps(p ID) []Step {
	if s, ok := b.forms[p]; ok {
		return s
	}
	var list []Step
	switch n := b.nodes[p]; n.op {
	case opLeaf:
		list = []Step{{Leaf(n.value), Empty, NotAllowed}}
	case opChoice:
		for _, q := range n.parts {
			list = append(list, b.Steps(q)...)
		}
	case opGroup:
		first, rest := n.parts[0], n.parts[1]
		for _, s := range b.Steps(first) {
			list = append(list, Step{s.Leaf, b.group(s.Next, rest), s.Skipped})
		}
		for _, s := range b.Steps(rest) {
			if !b.Nullable(first) {
				s.Skipped = b.skip(first, s.Skipped)
			}
			list = append(list, s)
		}
	case opInterleave:
		for i, q := range n.parts {
			others := slices.Delete(slices.Clone(n.parts), i, i+1)
			for _, s := range b.Steps(q) {
				list = append(list, Step{s.Leaf, b.Interleave(append([]ID{s.Next}, others...)...), s.Skipped})
			}
		}
	case opOneOrMore:
		again := b.Star(n.parts[0])
		for _, s := range b.Steps(n.parts[0]) {
			list = append(list, Step{s.Leaf, b.group(s.Next, again), s.Skipped})
		}
	}
	list = unique(list)
	b.forms[p] = list
	return list
}

// skip joins what is skipped in a sequence.
func (b *Builder) skip(first, rest ID) ID {
	if rest == NotAllowed {
		return first
	}
	return b.group(first, rest)
}

func unique(list []Step) []Step {
	seen := make(map[Step]bool, len(list))
	return slices.DeleteFunc(list, func(s Step) bool {
		dup := seen[s]
		seen[s] = true
		return dup
	})
}

// TextStep returns what follows a text; NotAllowed where there may be none.
func (b *Builder) TextStep(p ID) ID {
	switch n := b.nodes[p]; n.op {
	case opText:
		return Text
	case opChoice:
		var all []ID
		for _, q := range n.parts {
			all = append(all, b.TextStep(q))
		}
		return b.Choice(all...)
	case opGroup:
		first, rest := n.parts[0], n.parts[1]
		next := b.group(b.TextStep(first), rest)
		if b.Nullable(first) {
			next = b.Choice(next, b.TextStep(rest))
		}
		return next
	case opInterleave:
		var all []ID
		for i, q := range n.parts {
			others := slices.Delete(slices.Clone(n.parts), i, i+1)
			all = append(all, b.Interleave(append([]ID{b.TextStep(q)}, others...)...))
		}
		return b.Choice(all...)
	case opOneOrMore:
		return b.group(b.TextStep(n.parts[0]), b.Star(n.parts[0]))
	}
	return NotAllowed
}

// Derive returns what must follow after the element l: the plain derivative.
func (b *Builder) Derive(p ID, l Leaf) ID {
	var all []ID
	for _, s := range b.Steps(p) {
		if s.Leaf == l && s.Skipped == NotAllowed {
			all = append(all, s.Next)
		}
	}
	return b.Choice(all...)
}

// Wanted returns leaves of which p needs one before it can end: those of the first part
// that may not be left out.
func (b *Builder) Wanted(p ID) []Leaf {
	n := b.nodes[p]
	if n.nullable {
		return nil
	}
	switch n.op {
	case opLeaf:
		return []Leaf{Leaf(n.value)}
	case opChoice:
		var all []Leaf
		for _, q := range n.parts {
			all = append(all, b.Wanted(q)...)
		}
		return all
	case opGroup, opInterleave, opOneOrMore:
		for _, q := range n.parts {
			if w := b.Wanted(q); len(w) > 0 {
				return w
			}
		}
	}
	return nil
}

// Required returns the elements that all matches of p have, by the caller's names for
// leaves, sorted.
func (b *Builder) Required(p ID, name func(Leaf) int) []int {
	n := b.nodes[p]
	if n.nullable {
		return nil
	}
	switch n.op {
	case opLeaf:
		return []int{name(Leaf(n.value))}
	case opGroup, opInterleave, opOneOrMore:
		var all []int
		for _, q := range n.parts {
			all = append(all, b.Required(q, name)...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	case opChoice:
		common := b.Required(n.parts[0], name)
		for _, q := range n.parts[1:] {
			other := b.Required(q, name)
			common = slices.DeleteFunc(slices.Clone(common), func(i int) bool { return !slices.Contains(other, i) })
		}
		return common
	}
	return nil
}
