package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func example() *Schema {
	id := &Attr{Name: "id", Forms: []Form{{Mask: All, Values: []Value{{Text: "id"}}}}}
	return &Schema{
		Elements: []Element{
			{Space: SVG, Name: "g", Section: "5.2", Alternatives: []Alternative{{State: 1, Transparent: true, Holds: "text"}},
				Attrs: []*Attr{id}, Wild: []*Attr{{Name: "*", Forms: []Form{}}}, Parents: []uint16{1}, Categories: []string{"flow content"}},
			{Name: "b", Alternatives: []Alternative{{}, {State: 1}}, IsObsolete: true, Obsolete: "Use CSS.", IsUnknown: true,
				Attrs: []*Attr{id, {Name: "x", Needs: 2, IsObsolete: true, Obsolete: "no", IsError: true,
					Forms: []Form{{Mask: 1, Values: []Value{{Text: "a", IsLiteral: true, Exact: true}}}}}}},
		},
		States: []State{
			{Accept: true, Any: true, Text: None, Data: "date"},
			{Text: 0, Missing: []uint16{0}, Wanted: []uint16{1}, Steps: []Step{
				{Element: 0, Mask: 1, Next: 1}, {Element: 1, Mask: 3, Next: 0, Skips: true, Missing: []uint16{0}}}},
		},
		Roots: []uint16{1}, Fragment: 1,
	}
}

func TestRoundTrip(t *testing.T) {
	got, err := Decode(Encode(example()))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(example(), got); d != "" {
		t.Error(d)
	}
	if got.Elements[0].Attrs[0] != got.Elements[1].Attrs[0] {
		t.Error("the same attribute of two elements is to be one record")
	}
}

// TestDamaged: each piece of a schema, and numbers out of range, are errors.
func TestDamaged(t *testing.T) {
	data := Encode(example())
	for i := range data {
		if _, err := Decode(data[:i]); err == nil {
			t.Errorf("the first %d of %d bytes are read", i, len(data))
		}
	}
	if _, err := Decode(append(data, 0)); err == nil {
		t.Error("a byte too many is read")
	}
	for name, change := range map[string]func(*Schema){
		"namespace":   func(s *Schema) { s.Elements[0].Space = 3 },
		"root":        func(s *Schema) { s.Roots[0] = 2 },
		"fragment":    func(s *Schema) { s.Fragment = 2 },
		"alternative": func(s *Schema) { s.Elements[0].Alternatives[0].State = 9 },
		"parent":      func(s *Schema) { s.Elements[0].Parents[0] = 9 },
		"text":        func(s *Schema) { s.States[1].Text = 9 },
		"step":        func(s *Schema) { s.States[1].Steps[0].Next = 9 },
		"missing":     func(s *Schema) { s.States[1].Missing[0] = 9 },
	} {
		s := example()
		change(s)
		if _, err := Decode(Encode(s)); err == nil {
			t.Errorf("%s out of range is read", name)
		}
	}
}
