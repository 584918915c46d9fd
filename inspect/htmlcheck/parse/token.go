package parse

// Kind says what a token is.
type Kind uint8

// The kinds of tokens.
const (
	EOF Kind = iota
	Text
	StartTag
	EndTag
	Comment
	Doctype
	ProcessingInstruction
)

// Span is a range of bytes, End excluded. A Span of a [Document] counts in the caller's
// bytes, one of a [Tokenizer] in the text that was given to it.
type Span struct{ Start, End int }

// Len returns the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Token is one token of section 13.2.5. What it points to stays valid; the slice Attrs is
// used again by the next call of Tokenizer.Next.
type Token struct {
	Kind Kind
	// Tag is the number of Name, or 0 when the parser has no rule for the name.
	Tag Tag
	// SelfClosing says that a tag ends with "/>".
	SelfClosing bool
	// HasNUL says that Data of a Text has U+0000 in it.
	HasNUL bool
	// Raw says that Data of a Text stands in the input as it is.
	Raw bool
	// Name is the lower-case name of a tag or DOCTYPE, or the target of a processing
	// instruction.
	Name string
	// Data is the text, with character references decoded, or the comment.
	Data string
	// Attrs are the attributes of a tag without those whose name came before.
	Attrs []Attr
	Span  Span
	// Doctype is set for a Doctype.
	Doctype *DoctypeInfo
}

// Attr is one attribute.
type Attr struct {
	// Name is in lower case, but for the names of SVG and MathML that the tree builder
	// adjusts (section 13.2.6.5): viewBox, definitionURL.
	Name  string
	Value string
	// Space is the namespace of a name like xlink:href in SVG or MathML.
	Space Space
	// NameSpan and ValueSpan are where they stand; ValueSpan is without the quotes, and
	// empty where there is no value.
	NameSpan, ValueSpan Span
}

// DoctypeInfo is what a DOCTYPE says.
type DoctypeInfo struct {
	Name, Public, System          string
	HasName, HasPublic, HasSystem bool
	ForceQuirks                   bool
}

// attr returns the value of the attribute with this name.
func (t *Token) attr(name string) (string, bool) {
	for i := range t.Attrs {
		if t.Attrs[i].Name == name {
			return t.Attrs[i].Value, true
		}
	}
	return "", false
}
