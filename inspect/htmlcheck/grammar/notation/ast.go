// Package notation reads the files in which the grammar of HTML, SVG and MathML is written:
// see [Parse], and the file NOTATION.md beside the grammar for the language itself. It
// knows the language, and nothing of HTML. It is a build tool: the program that checks
// pages does not link it.
package notation

// Pos is a place in a grammar file.
type Pos struct {
	File string
	Line int
}

// File is one grammar file.
type File struct {
	Name       string
	Namespace  string // "html", "svg", "math"
	Start      Expr   // what a document's root may be; nil when the file does not say
	Groups     []*Group
	Categories []*Category
	Elements   []*Element
}

// Group is a named set of attributes.
type Group struct {
	Pos   Pos
	Name  string
	Items []Item
}

// Category is a named piece of content: the elements that say that they belong to it, and
// what Expr adds.
type Category struct {
	Pos  Pos
	Name string
	// Mixed says that the name alone stands for any number of its elements, with text.
	Mixed bool
	// Title is how messages call it; empty for the name itself.
	Title string
	Expr  Expr // nil without one
}

// Element is one declaration of an element.
type Element struct {
	Pos       Pos
	Namespace string
	Name      string // "*-*" for all names with a hyphen
	Section   string
	Is        []Membership
	In        []Name
	Content   Expr // nil means empty
	Attrs     []Item
	// Obsolete says what to use instead; IsObsolete is set when the element is obsolete.
	Obsolete   string
	IsObsolete bool
	// IsUnknown says that no standard has ever had it.
	IsUnknown bool
}

// Membership says that an element belongs to a category, perhaps under a condition.
type Membership struct {
	Category string
	If       *Condition // nil: always
}

// Condition is about an attribute: it is there, is not there (Not), or has one of Values.
type Condition struct {
	Attr   string
	Not    bool
	Values []Value
}

// Item is a line of an attribute list: exactly one of its fields is set.
type Item struct {
	Pos   Pos
	Attr  *Attr
	Use   *Use
	OneOf [][]Item // choice between sets
}

// Use takes over a group, without some of its attributes.
type Use struct {
	Group  string
	Except []string
}

// Attr is one attribute.
type Attr struct {
	Name       string // "*" and a trailing * stand for more names
	Optional   bool
	Values     []Value
	Obsolete   string
	IsObsolete bool
	IsError    bool // obsolete, and told as an error
}

// Value is one form of a value: a literal, or a type by name.
type Value struct {
	Literal   string
	IsLiteral bool
	CaseMatch bool // the literal's letter case counts
	Type      string
}

// Name is the name of an element, with the namespace's name.
type Name struct{ Namespace, Local string }

// Expr is content: one of the types below.
type Expr interface{ expr() }

// The kinds of content.
type (
	// Empty is no content.
	Empty struct{}
	// Text is any text.
	Text struct{}
	// Any is anything, unchecked.
	Any struct{}
	// Transparent is what the parent allows.
	Transparent struct{}
	// Data is text of a type.
	Data struct {
		Pos  Pos
		Type string
	}
	// Ref is an element, with its own content or with another one.
	Ref struct {
		Pos     Pos
		Name    Name
		Content Expr // nil: its own
	}
	// CategoryRef is the use of a category; One takes one element of a mixed one.
	CategoryRef struct {
		Pos    Pos
		Name   string
		One    bool
		Except []Name
	}
	// Seq is one after another, Choice one of them, Interleave all in any order.
	Seq        struct{ Parts []Expr }
	Choice     struct{ Parts []Expr }
	Interleave struct{ Parts []Expr }
	// Repeat is Part as often as Min and Max say; Max 0 is without end.
	Repeat struct {
		Part     Expr
		Min, Max int
	}
)

func (Empty) expr()       {}
func (Text) expr()        {}
func (Any) expr()         {}
func (Transparent) expr() {}
func (Data) expr()        {}
func (Ref) expr()         {}
func (CategoryRef) expr() {}
func (Seq) expr()         {}
func (Choice) expr()      {}
func (Interleave) expr()  {}
func (Repeat) expr()      {}
