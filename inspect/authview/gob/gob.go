// Package gob reads what encoding/gob wrote without the types that it was written from, so
// that a value of a program can be shown by another. The one call to make is [Decode].
//
// A stream of gob tells the types of what it holds: names of fields, elements of slices and
// maps, and the name of each type that stands in an interface. What encodes itself
// (GobEncoder and the like) is bytes, but for time.Time, which is known here. The package
// makes nothing but the types of [Value], runs no code of a type, and is bounded in depth
// and number of values, so that the bytes may be anybody's. Paste had nothing like it: its
// sessions were pickles, which cannot be read without being run.
package gob

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Bounds of a stream. What is kept for a visitor or sent in a cookie is far below.
const (
	maxDepth  = 64      // of values and of interfaces within
	maxValues = 20_000  // in all, elements and members included
	maxTypes  = 1_000   // that a stream tells
	maxBytes  = 2 << 20 // of a stream
)

// A Value is one of nil, bool, int64, uint64, float64, complex128, string, []byte,
// time.Time, [List], [Object] and [Encoded].
type Value any

// List is an array or a slice.
type List []Value

// Object is a struct, without the fields that were zero, or a map, in the stream's order.
type Object []Member

// Encoded is what a type has encoded by itself.
type Encoded struct {
	Type string // its name, without the package
	Data []byte
}

// A Member is a field of a struct, or an entry of a map.
type Member struct {
	Key   Value  // a string for a field
	Type  string // of the value, as its program registered it, where an interface held it: "int", "main.Cart"
	Value Value
}

// Get returns the member of a string key.
func (o Object) Get(key string) (Value, bool) {
	for _, m := range o {
		if m.Key == key {
			return m.Value, true
		}
	}
	return nil, false
}

// errGob is what is wrong with a stream whose bytes make no sense.
var errGob = errors.New("gob: damaged, or no gob at all")

// Decode returns the first value of a stream. Bytes behind it do not count.
func Decode(b []byte) (v Value, err error) {
	if len(b) > maxBytes {
		return nil, fmt.Errorf("gob: longer than %d bytes", maxBytes)
	}
	d := &decoder{rest: b, types: map[int64]wireType{}}
	defer func() {
		// The readers below fail by a panic with an error of ours, as recursive descent
		// reads best without an error at each step; nothing else is caught.
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			v, err = nil, f.error
		}
	}()
	id := d.messages()
	return d.top(id, 0), nil
}

// failure is what the readers panic with.
type failure struct{ error }

func fail(err error) { panic(failure{err}) }

// decoder reads one stream.
type decoder struct {
	rest   []byte
	types  map[int64]wireType
	values int
	inKey  bool // of a map
}

// messages reads messages up to one that holds a value, and returns the value's type. A
// message that defines types holds nothing else.
func (d *decoder) messages() int64 {
	for {
		n := d.uint()
		if n > uint64(len(d.rest)) {
			fail(errGob)
		}
		id := d.int()
		if id >= 0 {
			return id
		}
		d.define(-id)
	}
}

// top reads a value as it stands at the top of a message or in an interface: one that is no
// struct has a zero before it.
func (d *decoder) top(id int64, depth int) Value {
	t := d.typeOf(id)
	if t.kind != structKind && d.uint() != 0 {
		fail(errGob)
	}
	return d.value(id, depth)
}

// value reads a value of a type.
func (d *decoder) value(id int64, depth int) Value {
	if d.values++; d.values > maxValues {
		fail(fmt.Errorf("gob: more than %d values", maxValues))
	}
	if depth > maxDepth {
		fail(fmt.Errorf("gob: nested deeper than %d", maxDepth))
	}
	switch id {
	case boolID:
		return d.uint() != 0
	case intID:
		return d.int()
	case uintID:
		return d.uint()
	case floatID:
		return d.float()
	case bytesID:
		return d.bytes()
	case stringID:
		return string(d.bytes())
	case complexID:
		re := d.float()
		return complex(re, d.float())
	case interfaceID:
		v, _ := d.held(depth + 1)
		return v
	}
	t := d.typeOf(id)
	switch t.kind {
	case arrayKind, sliceKind:
		return d.list(t, depth)
	case mapKind:
		return d.entries(t, depth)
	case structKind:
		return d.fields(t, depth)
	default:
		return selfMade(t.name, d.bytes())
	}
}

// typed is value, and the name of the type where an interface held it.
func (d *decoder) typed(id int64, depth int) (Value, string) {
	if id != interfaceID {
		return d.value(id, depth), ""
	}
	return d.held(depth)
}

// count reads how many elements follow; each takes a byte at least, but for empty structs,
// which take one too.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		fail(errGob)
	}
	return int(n)
}

func (d *decoder) list(t wireType, depth int) List {
	list := List{}
	for range d.count() {
		list = append(list, d.value(t.elem, depth+1))
	}
	return list
}

// entries reads a map. What is a map's key, or part of one, is none itself: Go has no such
// types, and written as JSON each level of them would double the quoting of the one within.
func (d *decoder) entries(t wireType, depth int) Object {
	if d.inKey {
		fail(errGob)
	}
	o := Object{}
	for range d.count() {
		d.inKey = true
		key := d.value(t.key, depth+1)
		d.inKey = false
		v, name := d.typed(t.elem, depth+1)
		o = append(o, Member{Key: key, Type: name, Value: v})
	}
	return o
}

// fields reads a struct: distances from field to field, each followed by a value.
func (d *decoder) fields(t wireType, depth int) Object {
	o := Object{}
	d.deltas(func(n int) {
		if n >= len(t.fields) {
			fail(errGob)
		}
		v, name := d.typed(t.fields[n].id, depth+1)
		o = append(o, Member{Key: t.fields[n].name, Type: name, Value: v})
	})
	return o
}

// deltas calls read with the number of each field that a struct in the stream has.
func (d *decoder) deltas(read func(n int)) {
	const most = 10_000 // fields of a struct; none has so many
	at := -1
	for {
		delta := d.uint()
		if delta == 0 {
			return
		}
		if delta > most || at+int(delta) > most {
			fail(errGob)
		}
		at += int(delta)
		read(at)
	}
}

// held reads what an interface holds: the name of its type, definitions of types not told
// before, the type's number, a length and the value.
func (d *decoder) held(depth int) (Value, string) {
	if depth > maxDepth {
		fail(fmt.Errorf("gob: nested deeper than %d", maxDepth))
	}
	name := string(d.bytes())
	if name == "" {
		return nil, ""
	}
	for {
		id := d.int()
		if id < 0 {
			d.define(-id)
			d.uint() // the length of the message that follows within this one
			continue
		}
		d.uint() // the length of the value, for those who skip it
		return d.top(id, depth), name
	}
}

// selfMade reads what a type has encoded by itself. time.Time is the only one whose form is
// known to everybody.
func selfMade(name string, b []byte) Value {
	if name == "Time" {
		var t time.Time
		if t.UnmarshalBinary(b) == nil {
			return t
		}
	}
	return Encoded{Type: name, Data: b}
}

// uint reads an unsigned number: one byte below 128, or the number of bytes, negated, and
// those, the highest first.
func (d *decoder) uint() uint64 {
	c := d.take(1)[0]
	if c < 0x80 {
		return uint64(c)
	}
	n := -int(int8(c))
	if n > 8 {
		fail(errGob)
	}
	var u uint64
	for _, b := range d.take(n) {
		u = u<<8 | uint64(b)
	}
	return u
}

// int reads a signed number, whose lowest bit says that the others are complemented.
func (d *decoder) int() int64 {
	u := d.uint()
	if u&1 != 0 {
		return ^int64(u >> 1)
	}
	return int64(u >> 1)
}

// float reads the bytes of a number, reversed, as an unsigned one.
func (d *decoder) float() float64 {
	u := d.uint()
	var bits uint64
	for range 8 {
		bits = bits<<8 | u&0xff
		u >>= 8
	}
	return math.Float64frombits(bits)
}

func (d *decoder) bytes() []byte { return d.take(d.count()) }

func (d *decoder) take(n int) []byte {
	if n > len(d.rest) {
		fail(errGob)
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}
