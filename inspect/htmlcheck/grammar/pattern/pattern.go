// Package pattern is the algebra behind the grammar: content patterns with the power of
// RELAX NG (choice, group, interleave, one or more, text, data), matched by derivatives
// (Brzozowski; for RELAX NG: Clark) and compiled to automata. It is a build tool, as
// package notation: see [Builder]. Attributes are no part of the patterns: the compiler
// makes sets of them, which say the same without an order.
package pattern

import (
	"encoding/binary"
	"slices"
)

// ID is a pattern of a [Builder]. Patterns of the same meaning often, and patterns of the
// same form always, have the same ID.
type ID int32

// Leaf is the caller's number of an element with its content.
type Leaf int32

// The patterns that every Builder has.
const (
	NotAllowed ID = iota
	Empty
	Text
	Any
)

type op uint8

const (
	opNotAllowed op = iota
	opEmpty
	opText
	opAny
	opLeaf
	opData
	opGroup
	opChoice
	opInterleave
	opOneOrMore
)

type node struct {
	op       op
	nullable bool
	value    int32 // of leaf and data
	parts    []ID
}

// Builder makes patterns and remembers them. It is for one goroutine.
type Builder struct {
	nodes []node
	ids   map[string]ID
	forms map[ID][]Step
}

// NewBuilder makes a Builder.
func NewBuilder() *Builder {
	b := &Builder{ids: map[string]ID{}, forms: map[ID][]Step{}}
	b.intern(node{op: opNotAllowed})
	b.intern(node{op: opEmpty, nullable: true})
	b.intern(node{op: opText, nullable: true})
	b.intern(node{op: opAny, nullable: true})
	return b
}

func (b *Builder) intern(n node) ID {
	key := make([]byte, 0, 8+4*len(n.parts))
	key = append(key, byte(n.op))
	key = binary.LittleEndian.AppendUint32(key, uint32(n.value))
	for _, p := range n.parts {
		key = binary.LittleEndian.AppendUint32(key, uint32(p))
	}
	if id, ok := b.ids[string(key)]; ok {
		return id
	}
	id := ID(len(b.nodes))
	b.nodes = append(b.nodes, n)
	b.ids[string(key)] = id
	return id
}

// Leaf is one element.
func (b *Builder) Leaf(l Leaf) ID { return b.intern(node{op: opLeaf, value: int32(l)}) }

// Data is text of a type, by the caller's number.
func (b *Builder) Data(typ int32) ID { return b.intern(node{op: opData, value: typ}) }

// Group is one pattern after another.
func (b *Builder) Group(parts ...ID) ID {
	p := Empty
	for i := len(parts) - 1; i >= 0; i-- {
		p = b.group(parts[i], p)
	}
	return p
}

func (b *Builder) group(first, rest ID) ID {
	switch {
	case first == NotAllowed || rest == NotAllowed:
		return NotAllowed
	case first == Empty:
		return rest
	case rest == Empty:
		return first
	}
	if n := b.nodes[first]; n.op == opGroup {
		return b.group(n.parts[0], b.group(n.parts[1], rest))
	}
	// a* a* is a*, without which texts in a mixed sequence make ever new patterns.
	if first == rest && b.isStar(first) {
		return first
	}
	return b.intern(node{op: opGroup, nullable: b.Nullable(first) && b.Nullable(rest), parts: []ID{first, rest}})
}

func (b *Builder) isStar(p ID) bool {
	n := b.nodes[p]
	return n.op == opText || n.op == opOneOrMore && n.nullable ||
		n.op == opChoice && len(n.parts) == 2 && n.parts[0] == Empty && b.nodes[n.parts[1]].op == opOneOrMore
}

// Choice is one of the patterns.
func (b *Builder) Choice(parts ...ID) ID {
	var flat []ID
	for _, p := range parts {
		if n := b.nodes[p]; n.op == opChoice {
			flat = append(flat, n.parts...)
		} else if p != NotAllowed {
			flat = append(flat, p)
		}
	}
	slices.Sort(flat)
	flat = slices.Compact(flat)
	if len(flat) > 1 && flat[0] == Empty && slices.ContainsFunc(flat[1:], b.Nullable) {
		flat = flat[1:]
	}
	switch len(flat) {
	case 0:
		return NotAllowed
	case 1:
		return flat[0]
	}
	return b.intern(node{op: opChoice, nullable: slices.ContainsFunc(flat, b.Nullable), parts: flat})
}

// Interleave is all of the patterns, their parts in any order.
func (b *Builder) Interleave(parts ...ID) ID {
	var flat []ID
	for _, p := range parts {
		switch n := b.nodes[p]; {
		case p == NotAllowed:
			return NotAllowed
		case n.op == opInterleave:
			flat = append(flat, n.parts...)
		case p != Empty:
			flat = append(flat, p)
		}
	}
	slices.Sort(flat)
	switch len(flat) {
	case 0:
		return Empty
	case 1:
		return flat[0]
	}
	nullable := true
	for _, p := range flat {
		nullable = nullable && b.Nullable(p)
	}
	return b.intern(node{op: opInterleave, nullable: nullable, parts: flat})
}

// OneOrMore is p, again and again.
func (b *Builder) OneOrMore(p ID) ID {
	switch n := b.nodes[p]; {
	case p <= Any, n.op == opOneOrMore:
		return p
	}
	return b.intern(node{op: opOneOrMore, nullable: b.Nullable(p), parts: []ID{p}})
}

// Star is p any number of times.
func (b *Builder) Star(p ID) ID { return b.Choice(Empty, b.OneOrMore(p)) }

// Optional is p or nothing.
func (b *Builder) Optional(p ID) ID { return b.Choice(Empty, p) }

// Nullable reports whether p matches nothing at all.
func (b *Builder) Nullable(p ID) bool { return b.nodes[p].nullable }

// DataTypes adds the types of the data patterns that p begins with to list.
func (b *Builder) DataTypes(p ID, list []int32) []int32 {
	switch n := b.nodes[p]; n.op {
	case opData:
		return append(list, n.value)
	case opChoice:
		for _, q := range n.parts {
			list = b.DataTypes(q, list)
		}
	}
	return list
}

// HasAny reports whether p allows everything.
func (b *Builder) HasAny(p ID) bool {
	n := b.nodes[p]
	return n.op == opAny || n.op == opChoice && slices.ContainsFunc(n.parts, b.HasAny)
}
