package schema

import (
	"encoding/binary"
	"errors"
	"math"
)

// version changes with the format.
const version = 1

// Encode returns s in a compact form.
func Encode(s *Schema) []byte {
	e := &encoder{strings: map[string]int{}, attrs: map[string]int{}}
	e.uint(len(s.Elements))
	for i := range s.Elements {
		e.element(&s.Elements[i])
	}
	e.uint(len(s.States))
	for i := range s.States {
		e.state(&s.States[i])
	}
	e.shorts(s.Roots)
	e.uint(int(s.Fragment))
	head := &encoder{}
	head.uint(version)
	head.uint(len(e.list))
	for _, text := range e.list {
		head.uint(len(text))
		head.out = append(head.out, text...)
	}
	head.uint(len(e.records))
	for _, r := range e.records {
		head.out = append(head.out, r...)
	}
	return append(head.out, e.out...)
}

// encoder writes. Strings and the records of attributes are written once, and meant by
// their number.
type encoder struct {
	out     []byte
	strings map[string]int
	list    []string
	attrs   map[string]int
	records []string
}

func (e *encoder) uint(n int)    { e.out = binary.AppendUvarint(e.out, uint64(n)) }
func (e *encoder) mask(m uint64) { e.out = binary.AppendUvarint(e.out, m) }

func (e *encoder) bool(b bool) {
	if b {
		e.out = append(e.out, 1)
	} else {
		e.out = append(e.out, 0)
	}
}

func (e *encoder) string(s string) {
	i, ok := e.strings[s]
	if !ok {
		i = len(e.list)
		e.strings[s] = i
		e.list = append(e.list, s)
	}
	e.uint(i)
}

func (e *encoder) shorts(list []uint16) {
	e.uint(len(list))
	for _, n := range list {
		e.uint(int(n))
	}
}

func (e *encoder) element(el *Element) {
	e.uint(el.Space)
	e.string(el.Name)
	e.string(el.Section)
	e.uint(len(el.Alternatives))
	for _, a := range el.Alternatives {
		e.uint(int(a.State))
		e.bool(a.Transparent)
		e.string(a.Holds)
	}
	e.attrList(el.Attrs)
	e.attrList(el.Wild)
	e.bool(el.IsObsolete)
	e.string(el.Obsolete)
	e.bool(el.IsUnknown)
	e.shorts(el.Parents)
	e.uint(len(el.Categories))
	for _, c := range el.Categories {
		e.string(c)
	}
}

func (e *encoder) attrList(list []*Attr) {
	e.uint(len(list))
	for _, a := range list {
		before := len(e.out)
		e.attr(a)
		record := string(e.out[before:])
		e.out = e.out[:before]
		i, ok := e.attrs[record]
		if !ok {
			i = len(e.records)
			e.attrs[record] = i
			e.records = append(e.records, record)
		}
		e.uint(i)
	}
}

func (e *encoder) attr(a *Attr) {
	e.string(a.Name)
	e.mask(a.Needs)
	e.uint(len(a.Forms))
	for _, f := range a.Forms {
		e.mask(f.Mask)
		e.uint(len(f.Values))
		for _, v := range f.Values {
			e.string(v.Text)
			e.bool(v.IsLiteral)
			e.bool(v.Exact)
		}
	}
	e.bool(a.IsObsolete)
	e.string(a.Obsolete)
	e.bool(a.IsError)
}

func (e *encoder) state(s *State) {
	e.bool(s.Accept)
	e.bool(s.Any)
	e.uint(int(s.Text + 1)) // None becomes 0
	e.string(s.Data)
	e.uint(len(s.Steps))
	last := 0
	for _, t := range s.Steps {
		e.uint(int(t.Element) - last)
		last = int(t.Element)
		e.mask(t.Mask)
		e.uint(int(t.Next))
		e.bool(t.Skips)
		if t.Skips {
			e.shorts(t.Missing)
		}
	}
	e.shorts(s.Missing)
	e.shorts(s.Wanted)
}

var errFormat = errors.New("the compiled grammar is damaged or of another version")

// Decode reads what [Encode] wrote.
func Decode(data []byte) (*Schema, error) {
	d := &decoder{in: data}
	if d.uint() != version {
		return nil, errFormat
	}
	d.readStrings()
	d.attrs = make([]Attr, d.count())
	for i := range d.attrs {
		d.attr(&d.attrs[i])
	}
	s := &Schema{}
	s.Elements = make([]Element, d.count())
	for i := range s.Elements {
		d.element(&s.Elements[i])
	}
	s.States = make([]State, d.count())
	for i := range s.States {
		d.state(&s.States[i])
	}
	s.Roots = d.shorts()
	s.Fragment = uint32(d.uint())
	if d.bad || len(d.in) > 0 || !s.valid() {
		return nil, errFormat
	}
	return s, nil
}

// decoder reads; after a fault all is zero and bad is set.
type decoder struct {
	in      []byte
	strings []string
	bad     bool
	attrs   []Attr
	steps   []Step
}

func (d *decoder) mask() uint64 {
	n, size := binary.Uvarint(d.in)
	if size <= 0 {
		d.bad, d.in = true, nil
		return 0
	}
	d.in = d.in[size:]
	return n
}

func (d *decoder) uint() int {
	n := d.mask()
	if n > math.MaxUint32 {
		d.bad = true
		return 0
	}
	return int(n)
}

// count reads the length of a list, which is not longer than what is left.
func (d *decoder) count() int {
	n := d.uint()
	if n > len(d.in) {
		d.bad, d.in = true, nil
		return 0
	}
	return n
}

func (d *decoder) bool() bool { return d.uint() != 0 }

func (d *decoder) readStrings() {
	d.strings = make([]string, d.count())
	for i := range d.strings {
		n := d.count()
		d.strings[i] = string(d.in[:n])
		d.in = d.in[n:]
	}
}

func (d *decoder) string() string {
	i := d.uint()
	if i >= len(d.strings) {
		d.bad = true
		return ""
	}
	return d.strings[i]
}

func (d *decoder) shorts() []uint16 {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]uint16, n)
	for i := range list {
		list[i] = uint16(d.uint())
	}
	return list
}

func (d *decoder) element(el *Element) {
	el.Space = d.uint()
	el.Name = d.string()
	el.Section = d.string()
	el.Alternatives = make([]Alternative, d.count())
	for i := range el.Alternatives {
		el.Alternatives[i] = Alternative{uint32(d.uint()), d.bool(), d.string()}
	}
	el.Attrs = d.attrList()
	el.Wild = d.attrList()
	el.IsObsolete = d.bool()
	el.Obsolete = d.string()
	el.IsUnknown = d.bool()
	el.Parents = d.shorts()
	for range d.count() {
		el.Categories = append(el.Categories, d.string())
	}
}

func (d *decoder) attrList() []*Attr {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]*Attr, n)
	for i := range list {
		k := d.uint()
		if k >= len(d.attrs) {
			d.bad = true
			return nil
		}
		list[i] = &d.attrs[k]
	}
	return list
}

func (d *decoder) attr(a *Attr) {
	a.Name = d.string()
	a.Needs = d.mask()
	a.Forms = make([]Form, d.count())
	for j := range a.Forms {
		a.Forms[j].Mask = d.mask()
		values := make([]Value, d.count())
		for k := range values {
			values[k] = Value{Text: d.string(), IsLiteral: d.bool(), Exact: d.bool()}
		}
		a.Forms[j].Values = values
	}
	a.IsObsolete = d.bool()
	a.Obsolete = d.string()
	a.IsError = d.bool()
}

func (d *decoder) state(s *State) {
	s.Accept = d.bool()
	s.Any = d.bool()
	s.Text = uint32(d.uint()) - 1
	s.Data = d.string()
	s.Steps = d.makeSteps(d.count())
	last := 0
	for i := range s.Steps {
		t := &s.Steps[i]
		last += d.uint()
		t.Element = uint16(last)
		t.Mask = d.mask()
		t.Next = uint32(d.uint())
		if t.Skips = d.bool(); t.Skips {
			t.Missing = d.shorts()
		}
	}
	s.Missing = d.shorts()
	s.Wanted = d.shorts()
}

// makeSteps cuts the steps of many states from few allocations.
func (d *decoder) makeSteps(n int) []Step {
	if n > len(d.steps) {
		d.steps = make([]Step, n+1024)
	}
	s := d.steps[:n:n]
	d.steps = d.steps[n:]
	return s
}

// valid reports whether all numbers are in range, so that a reader need not look.
func (s *Schema) valid() bool {
	state := func(n uint32) bool { return n < uint32(len(s.States)) }
	elements := func(list []uint16) bool {
		for _, n := range list {
			if int(n) >= len(s.Elements) {
				return false
			}
		}
		return true
	}
	ok := elements(s.Roots) && state(s.Fragment)
	for i := range s.Elements {
		ok = ok && s.Elements[i].Space <= MathML && elements(s.Elements[i].Parents)
		for _, a := range s.Elements[i].Alternatives {
			ok = ok && state(a.State)
		}
	}
	for i := range s.States {
		t := &s.States[i]
		ok = ok && elements(t.Missing) && elements(t.Wanted) && (t.Text == None || state(t.Text))
		for _, step := range t.Steps {
			ok = ok && int(step.Element) < len(s.Elements) && state(step.Next) && elements(step.Missing)
		}
	}
	return ok
}
