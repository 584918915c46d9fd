package parse

import "strings"

// Options say how to read a document. The zero value reads a whole document in the
// encoding that it names itself, else UTF-8.
type Options struct {
	// ContentType is the HTTP header, for its charset; empty for none.
	ContentType string
	// Fragment reads by the fragment algorithm (13.4), as innerHTML does.
	Fragment bool
	// Context is the element the fragment is for: "body" when empty, "td", "svg path",
	// "math mi".
	Context string
	// Quirks is the mode of the fragment's document.
	Quirks Mode
	// Scripting reads noscript as a browser with scripting does; a checker reads without.
	Scripting bool
	// ProcessingInstructions follows the standard of June 2026, see the package comment.
	ProcessingInstructions bool
	// MaxErrors bounds the errors kept; 0 means 10,000. One more says that there were more.
	MaxErrors int
	// MaxDepth bounds the stack of open elements; 0 means 2,048. At a deeper one the tree
	// ends with the error nesting-too-deep.
	MaxDepth int
}

// Mode is how a browser would lay out the document (section 3.1.2 of DOM).
type Mode uint8

// The modes.
const (
	NoQuirks Mode = iota
	LimitedQuirks
	Quirks
)

// Document is a parsed document. It is not changed after Parse.
type Document struct {
	// Root is the document; in a fragment its children are the fragment's nodes.
	Root *Node
	// Errors are in the order of the document.
	Errors []Error
	Mode   Mode
	// Input is the text; Encoding and EncodingSource are how it was decoded.
	Input *Input
	// MetaCharset is the label that the first meta element with an encoding names.
	MetaCharset string
	// Truncated says that a limit was reached, so that the tree ends early.
	Truncated bool
}

// Position returns line and column, from 1, of a byte of the document; columns count UTF-16
// code units.
func (d *Document) Position(offset int) (line, column int) { return d.Input.Position(offset) }

// Parse reads a document. It never fails: each input has a tree.
func Parse(doc []byte, opts Options) *Document {
	in := Decode(doc, opts.ContentType)
	d := parseText(in, opts)
	// Changing the encoding while parsing (13.2.3.4): a meta element after the first 1024
	// bytes counts when nothing else said what the encoding is.
	if in.Source == FromGuess && d.MetaCharset != "" {
		if name := metaEncoding(d.MetaCharset); name != "" && name != in.Encoding && !isUTF8(doc) {
			late := &Input{Source: FromMeta}
			late.decode(doc, name)
			d = parseText(late, opts)
		}
	}
	return d
}

func parseText(in *Input, opts Options) *Document {
	b := newBuilder(in, opts)
	if opts.Fragment {
		b.beginFragment(opts.Context)
	}
	b.run()
	return b.finish()
}

// defaultMaxDepth is four times what browsers keep (512), and low enough that a search
// through the stack for each tag of a hostile document stays cheap.
const defaultMaxDepth = 2048

func newBuilder(in *Input, opts Options) *builder {
	b := &builder{in: in, opts: opts, z: NewTokenizer(in.Text), framesetOK: true}
	b.z.ProcessingInstructions = opts.ProcessingInstructions
	b.z.errs = in.errs
	b.z.errs.max = opts.MaxErrors
	b.maxDepth = opts.MaxDepth
	if b.maxDepth <= 0 {
		b.maxDepth = defaultMaxDepth
	}
	b.clonesLeft = len(in.Text)/bytesPerClone + freeClones
	b.doc = &Document{Input: in}
	b.doc.Root = b.newNode(DocumentNode)
	b.doc.Root.Span = Span{0, 0}
	return b
}

// beginFragment is the setup of the fragment algorithm (13.4).
func (b *builder) beginFragment(context string) {
	b.doc.Mode = b.opts.Quirks
	if context == "" {
		context = "body"
	}
	c := b.newNode(ElementNode)
	if space, name, ok := strings.Cut(context, " "); ok {
		c.Name = name
		if c.Space = SVG; space == "math" {
			c.Space = MathML
		}
		c.class = foreignClass(c)
	} else {
		c.Name, c.Tag = context, tagOf(context)
		c.class = tagTable[c.Tag].class
	}
	b.context = c
	if state, ok := b.rawState(c.Tag); ok {
		b.z.SetState(state, "")
	}
	root := b.impliedNode(TagHTML)
	b.doc.Root.insertBefore(root, nil)
	b.push(root)
	if c.Is(TagTemplate) {
		b.templateModes = append(b.templateModes, inTemplate)
	}
	b.resetMode()
	if c.Is(TagForm) {
		b.form = c
	}
}

// rawState returns the tokenizer's state for the content of an element that holds text only.
func (b *builder) rawState(tag Tag) (State, bool) {
	switch tag {
	case TagTitle, TagTextarea:
		return RCDATA, true
	case TagStyle, TagXmp, TagIframe, TagNoembed, TagNoframes:
		return RAWTEXT, true
	case TagNoscript:
		return RAWTEXT, b.opts.Scripting
	case TagScript:
		return ScriptData, true
	case TagPlaintext:
		return PLAINTEXT, true
	}
	return Data, false
}

// run feeds the tokens to the tree construction dispatcher (13.2.6).
func (b *builder) run() {
	for {
		current := b.adjustedCurrent()
		b.z.CDATA = current != nil && current.Space != HTML
		b.z.Next(&b.tok)
		if b.stopped {
			b.skim()
		} else {
			b.token()
		}
		if b.tok.Kind == EOF {
			return
		}
	}
}

// skim keeps the tokenizer in the right state after the tree has ended.
func (b *builder) skim() {
	if b.tok.Kind == StartTag {
		if state, ok := b.rawState(b.tok.Tag); ok {
			b.z.SetState(state, "")
		}
	}
}

// token handles one token.
func (b *builder) token() {
	if b.ignoreLF {
		b.ignoreLF = false
		if b.tok.Kind == Text && strings.HasPrefix(b.tok.Data, "\n") {
			b.cutText(1)
			if b.tok.Data == "" {
				return
			}
		}
	}
	b.acknowledged = false
	for b.step() && !b.stopped {
	}
	if b.tok.Kind == StartTag && b.tok.SelfClosing && !b.acknowledged && !b.stopped {
		end := b.tok.Span.End
		b.errSpan(NonVoidHTMLElementStartTagWithTrailingSolidus, Span{end - 2, end}, b.tok.Name)
	}
}

// finish completes texts, errors and spans.
func (b *builder) finish() *Document {
	for len(b.stack) > 0 {
		b.pop()
	}
	for n, text := range b.merged {
		n.Data = string(text)
	}
	d := b.doc
	d.Truncated = b.stopped
	if b.opts.Fragment {
		root := d.Root.FirstChild
		for root.Tag != TagHTML {
			root = root.Next
		}
		root.detach()
		d.Root.adopt(root)
	}
	b.z.errs.sort()
	d.Errors = b.z.errs.list
	b.in.place(d.Errors)
	if !b.in.shifts.identity() {
		b.mapSpans()
	}
	return d
}

// mapSpans makes the spans of all nodes those of the document's bytes.
func (b *builder) mapSpans() {
	for _, slab := range b.slabs {
		for i := range slab {
			n := &slab[i]
			n.Span, n.EndTag = b.in.span(n.Span), b.in.span(n.EndTag)
			if n.Clone {
				continue // the attributes are those of another node
			}
			for j := range n.Attrs {
				a := &n.Attrs[j]
				a.NameSpan, a.ValueSpan = b.in.span(a.NameSpan), b.in.span(a.ValueSpan)
			}
		}
	}
}
