// Package schema is the compiled grammar: what package compile writes and package grammar
// reads. Content models are automata, attribute lists are tables; see [Schema] and
// [Decode]. It has no rules and checks nothing.
package schema

// The namespaces, in the order of parse.Space.
const (
	HTML = iota
	SVG
	MathML
)

// All is the mask of all alternatives, whatever their number.
const All = ^uint64(0)

// MaxAlternatives is how many combinations of attribute sets and contents an element can
// have: a set of them is the bits of one word.
const MaxAlternatives = 64

// Schema is a grammar. It is not changed after it is made.
type Schema struct {
	Elements []Element
	States   []State
	// Roots are the elements that a document may have as its root.
	Roots []uint16
	// Fragment is the state of a fragment's content: what body holds.
	Fragment uint32
}

// Element is all that is said of one name.
type Element struct {
	Space   int
	Name    string // "*-*" for all names with a hyphen
	Section string
	// Alternatives are the forms it can have.
	Alternatives []Alternative
	// Attrs are sorted by name. Names that end with * are in Wild, "*" is all.
	// Elements share the records of attributes that are the same for both.
	Attrs []*Attr
	Wild  []*Attr
	// Obsolete says what to use instead.
	IsObsolete bool
	Obsolete   string
	IsUnknown  bool // obsolete, and never in a standard
	// Parents are the elements that hold it by name, Categories the titles of the
	// categories that it belongs to; for messages.
	Parents    []uint16
	Categories []string
}

// Alternative is one set of attributes with the content that goes with it.
type Alternative struct {
	State uint32 // where its content begins
	// Transparent says that the content is that of the place where the element stands.
	Transparent bool
	Holds       string // what it may hold, in words
}

// Attr is an attribute of an element.
type Attr struct {
	Name  string
	Needs uint64 // the alternatives that must have it
	Forms []Form
	// Obsolete says what to use instead.
	IsObsolete bool
	Obsolete   string
	IsError    bool // obsolete, and told as an error
}

// Form is what some alternatives allow as an attribute's value: one of Values.
type Form struct {
	Mask   uint64 // All where it is the same in all alternatives
	Values []Value
}

// Value is a literal, or a datatype by its name.
type Value struct {
	Text      string
	IsLiteral bool
	Exact     bool // the literal's letter case counts
	// Kind is for the reader of a decoded schema, its number of the datatype.
	Kind int
}

// None is no state.
const None = ^uint32(0)

// State is a place in a content model.
type State struct {
	Accept bool   // the element may end here
	Any    bool   // everything is allowed and unchecked
	Text   uint32 // the state after text, or None
	Data   string // the type of the text that is to stand here, or ""
	// Steps are sorted by element; several of one element have different masks.
	Steps []Step
	// Missing are the elements that must come before the end: all of them. Wanted are
	// those of which one must come next or soon, where there is a choice.
	Missing, Wanted []uint16
}

// Step goes on with an element.
type Step struct {
	Element uint16
	Mask    uint64 // its alternatives that are allowed
	Next    uint32
	// Skips says that the element is not allowed here before Missing, elements that must
	// come first; Next is the state as if they had.
	Skips   bool
	Missing []uint16
}
