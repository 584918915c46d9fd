package pattern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// text is the letter of a word that stands for text.
const text Leaf = -1

// run matches a word by derivatives and reports whether the pattern allows it.
func run(b *Builder, p ID, word []Leaf) bool {
	for _, l := range word {
		if l == text {
			p = b.TextStep(p)
		} else {
			p = b.Derive(p, l)
		}
	}
	return b.Nullable(p)
}

func TestPatterns(t *testing.T) {
	const a, c, d Leaf = 1, 2, 3
	b := NewBuilder()
	A, C, D := b.Leaf(a), b.Leaf(c), b.Leaf(d)
	type words = [][]Leaf
	tests := []struct {
		name     string
		p        ID
		yes, not words
	}{
		{"empty", Empty, words{{}}, words{{a}, {text}}},
		{"not allowed", NotAllowed, nil, words{{}, {a}}},
		{"text", Text, words{{}, {text}, {text, text}}, words{{a}}},
		{"leaf", A, words{{a}}, words{{}, {c}, {a, a}, {text}}},
		{"choice", b.Choice(A, C), words{{a}, {c}}, words{{}, {a, c}}},
		{"group", b.Group(A, C), words{{a, c}}, words{{a}, {c, a}, {}}},
		{"optional", b.Group(b.Optional(A), C), words{{a, c}, {c}}, words{{a}, {a, a, c}}},
		{"one or more", b.OneOrMore(A), words{{a}, {a, a, a}}, words{{}, {a, c}}},
		{"star", b.Star(A), words{{}, {a, a}}, words{{c}}},
		{"interleave", b.Interleave(A, C, D), words{{a, c, d}, {d, c, a}, {c, a, d}}, words{{a, c}, {a, a, c, d}}},
		{"interleave of sequences", b.Interleave(b.Group(A, C), D), words{{a, d, c}, {d, a, c}}, words{{c, a, d}}},
		{"mixed", b.Star(b.Choice(Text, A)), words{{}, {text, a, text}, {a, a}}, words{{c}}},
		{"mixed after one", b.Group(A, b.Star(b.Choice(Text, C))), words{{a}, {a, text, c}}, words{{text, a}, {}}},
		{"a group that is not allowed", b.Group(A, NotAllowed), nil, words{{a}}},
	}
	for _, test := range tests {
		for _, w := range test.yes {
			if !run(b, test.p, w) {
				t.Errorf("%s: %v is to be allowed", test.name, w)
			}
		}
		for _, w := range test.not {
			if run(b, test.p, w) {
				t.Errorf("%s: %v is not to be allowed", test.name, w)
			}
		}
	}
}

// tree is a pattern as it is written; match decides by its definition, trying all splits.
type tree struct {
	op   op
	leaf Leaf
	sub  []*tree
}

func (p *tree) build(b *Builder) ID {
	ids := make([]ID, len(p.sub))
	for i, s := range p.sub {
		ids[i] = s.build(b)
	}
	switch p.op {
	case opEmpty:
		return Empty
	case opText:
		return Text
	case opLeaf:
		return b.Leaf(p.leaf)
	case opGroup:
		return b.Group(ids...)
	case opChoice:
		return b.Choice(ids...)
	case opInterleave:
		return b.Interleave(ids...)
	}
	return b.OneOrMore(ids[0])
}

func (p *tree) match(w []Leaf) bool {
	switch p.op {
	case opEmpty:
		return len(w) == 0
	case opText:
		return !slices.ContainsFunc(w, func(l Leaf) bool { return l != text })
	case opLeaf:
		return len(w) == 1 && w[0] == p.leaf
	case opChoice:
		return slices.ContainsFunc(p.sub, func(s *tree) bool { return s.match(w) })
	case opGroup:
		for i := range len(w) + 1 {
			if p.sub[0].match(w[:i]) && p.sub[1].match(w[i:]) {
				return true
			}
		}
		return false
	case opInterleave:
		for bits := range 1 << len(w) {
			var first, second []Leaf
			for i, l := range w {
				if bits&(1<<i) != 0 {
					first = append(first, l)
				} else {
					second = append(second, l)
				}
			}
			if p.sub[0].match(first) && p.sub[1].match(second) {
				return true
			}
		}
		return false
	}
	// One or more: a first part that is not empty, and more.
	if p.sub[0].match(w) {
		return true
	}
	for i := 1; i < len(w); i++ {
		if p.sub[0].match(w[:i]) && p.match(w[i:]) {
			return true
		}
	}
	return false
}

func random(r *rand.Rand, depth int) *tree {
	if depth == 0 || r.IntN(5) == 0 {
		switch r.IntN(6) {
		case 0:
			return &tree{op: opEmpty}
		case 1:
			return &tree{op: opText}
		}
		return &tree{op: opLeaf, leaf: Leaf(r.IntN(3))}
	}
	ops := []op{opGroup, opChoice, opInterleave, opOneOrMore}
	p := &tree{op: ops[r.IntN(len(ops))]}
	p.sub = []*tree{random(r, depth-1)}
	if p.op != opOneOrMore {
		p.sub = append(p.sub, random(r, depth-1))
	}
	return p
}

// TestRandom compares derivatives with the definition.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	allowed := 0
	for range 3000 {
		p := random(r, 3)
		b := NewBuilder()
		id := p.build(b)
		for range 20 {
			w := make([]Leaf, r.IntN(6))
			for i := range w {
				w[i] = Leaf(r.IntN(4) - 1)
			}
			want := p.match(w)
			if want {
				allowed++
			}
			if got := run(b, id, w); got != want {
				t.Fatalf("%v with %v: %v, want %v", format(p), w, got, want)
			}
		}
	}
	if allowed < 1000 {
		t.Errorf("only %d of the words were allowed: the test says little", allowed)
	}
}

func format(p *tree) string {
	names := map[op]string{opEmpty: "empty", opText: "text", opGroup: "group", opChoice: "choice", opInterleave: "interleave", opOneOrMore: "more"}
	if p.op == opLeaf {
		return fmt.Sprint(p.leaf)
	}
	s := names[p.op]
	for _, q := range p.sub {
		s += "(" + format(q) + ")"
	}
	return s
}

func TestSkips(t *testing.T) {
	const dt, dd, p Leaf = 1, 2, 3
	b := NewBuilder()
	groups := b.Star(b.Group(b.OneOrMore(b.Leaf(dt)), b.OneOrMore(b.Leaf(dd))))
	step := func(id ID, l Leaf) (Step, bool) {
		for _, s := range b.Steps(id) {
			if s.Leaf == l {
				return s, true
			}
		}
		return Step{}, false
	}
	if s, ok := step(groups, dt); !ok || s.Skipped != NotAllowed {
		t.Errorf("dt is allowed at once: %+v %v", s, ok)
	}
	s, ok := step(groups, dd)
	if !ok || s.Skipped == NotAllowed {
		t.Fatalf("dd is to skip dt: %+v %v", s, ok)
	}
	if got := b.Required(s.Skipped, func(l Leaf) int { return int(l) }); !slices.Equal(got, []int{int(dt)}) {
		t.Errorf("skipped %v, want dt", got)
	}
	if !b.Nullable(s.Next) {
		t.Error("after dt (skipped) and dd the content is complete")
	}
	if _, ok := step(groups, p); ok {
		t.Error("p is in no part of the content")
	}
}

func TestRequired(t *testing.T) {
	const a, c, d Leaf = 1, 2, 3
	b := NewBuilder()
	A, C, D := b.Leaf(a), b.Leaf(c), b.Leaf(d)
	tests := []struct {
		p    ID
		want []int
	}{
		{Empty, nil},
		{A, []int{1}},
		{b.Group(A, C), []int{1, 2}},
		{b.Choice(A, C), []int{}},
		{b.Choice(b.Group(A, C), b.Group(D, C)), []int{2}},
		{b.Group(b.Optional(A), C), []int{2}},
		{b.Interleave(A, b.Star(C), D), []int{1, 3}},
	}
	for _, test := range tests {
		if got := b.Required(test.p, func(l Leaf) int { return int(l) }); !slices.Equal(got, test.want) {
			t.Errorf("%v, want %v", got, test.want)
		}
	}
}

func TestWanted(t *testing.T) {
	const a, c, d Leaf = 1, 2, 3
	b := NewBuilder()
	A, C, D := b.Leaf(a), b.Leaf(c), b.Leaf(d)
	tests := []struct {
		p    ID
		want []Leaf
	}{
		{b.Optional(A), nil},
		{b.Choice(A, C), []Leaf{1, 2}},
		{b.Group(b.Optional(A), b.OneOrMore(b.Choice(C, D))), []Leaf{2, 3}},
		{b.Interleave(b.Star(A), D), []Leaf{3}},
	}
	for _, test := range tests {
		if got := b.Wanted(test.p); !slices.Equal(got, test.want) {
			t.Errorf("%v, want %v", got, test.want)
		}
	}
}

// TestInterleaveStates: parts in any order are a state for each set of them, and no more.
func TestInterleaveStates(t *testing.T) {
	b := NewBuilder()
	var parts []ID
	const n = 8
	for i := range n {
		parts = append(parts, b.Optional(b.Leaf(Leaf(i))))
	}
	seen := map[ID]bool{}
	todo := []ID{b.Interleave(parts...)}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		for i := range n {
			if q := b.Derive(p, Leaf(i)); q != NotAllowed {
				todo = append(todo, q)
			}
		}
	}
	if len(seen) != 1<<n {
		t.Errorf("%d states, want %d", len(seen), 1<<n)
	}
}
