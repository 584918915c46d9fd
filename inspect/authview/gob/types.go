package gob

import "fmt"

// The types that every stream knows, by their numbers.
const (
	boolID      = 1
	intID       = 2
	uintID      = 3
	floatID     = 4
	bytesID     = 5
	stringID    = 6
	complexID   = 7
	interfaceID = 8
	firstOwn    = 64 // of the types that a stream tells
)

// kind says how the values of a type stand in a stream.
type kind int

const (
	plainKind kind = iota // one of those above
	arrayKind
	sliceKind
	structKind
	mapKind
	selfKind // the type encodes itself
)

// wireType is a type as a stream tells it.
type wireType struct {
	kind      kind
	name      string
	key, elem int64
	fields    []fieldType
}

type fieldType struct {
	name string
	id   int64
}

func (d *decoder) typeOf(id int64) wireType {
	if id >= boolID && id <= interfaceID {
		return wireType{kind: plainKind}
	}
	t, ok := d.types[id]
	if !ok {
		fail(fmt.Errorf("gob: it has a value of type %d, which it does not define", id))
	}
	return t
}

// define reads the definition of a type: a struct of which one field is there, by which the
// kind of the type is told.
func (d *decoder) define(id int64) {
	if id < firstOwn || len(d.types) >= maxTypes {
		fail(errGob)
	}
	var t wireType
	d.deltas(func(n int) {
		switch n {
		case 0:
			t = d.definition(arrayKind)
		case 1:
			t = d.definition(sliceKind)
		case 2:
			t = d.definition(structKind)
		case 3:
			t = d.definition(mapKind)
		case 4, 5, 6: // GobEncoder, BinaryMarshaler, TextMarshaler
			t = d.definition(selfKind)
		default:
			fail(errGob)
		}
	})
	if t.kind == plainKind {
		fail(errGob)
	}
	d.types[id] = t
}

// definition reads the struct that tells a type of a kind.
func (d *decoder) definition(k kind) wireType {
	t := wireType{kind: k}
	d.deltas(func(n int) {
		switch {
		case n == 0:
			t.name = d.common()
		case n == 1 && (k == arrayKind || k == sliceKind):
			t.elem = d.int()
		case n == 2 && k == arrayKind:
			d.int() // the length, which stands before each value too
		case n == 1 && k == mapKind:
			t.key = d.int()
		case n == 2 && k == mapKind:
			t.elem = d.int()
		case n == 1 && k == structKind:
			for range d.count() {
				t.fields = append(t.fields, d.field())
			}
		default:
			fail(errGob)
		}
	})
	return t
}

// common reads what all types have, and returns the name.
func (d *decoder) common() (name string) {
	d.deltas(func(n int) {
		switch n {
		case 0:
			name = string(d.bytes())
		case 1:
			d.int() // the number, which is known
		default:
			fail(errGob)
		}
	})
	return name
}

func (d *decoder) field() (f fieldType) {
	d.deltas(func(n int) {
		switch n {
		case 0:
			f.name = string(d.bytes())
		case 1:
			f.id = d.int()
		default:
			fail(errGob)
		}
	})
	return f
}
