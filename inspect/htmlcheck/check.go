package htmlcheck

import (
	"mime"
	"sort"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// MaxBytes is how much of a document is checked when the options do not say: more than any
// page that a person reads, and less than what would take a second.
const MaxBytes = 5 << 20

// Shape says whether a document is a whole page.
type Shape uint8

// The shapes.
const (
	Page     Shape = iota // a whole page
	Fragment              // a piece of a page, as htmx and Turbo ask for
	Guess                 // a piece when it has neither DOCTYPE nor html, head or body tag
)

// Options say how to check. The zero value checks a whole page.
type Options struct {
	// ContentType is the HTTP header: its charset counts, and application/xhtml+xml is
	// read by the rules of XML. Empty means text/html without a charset.
	ContentType string
	Shape       Shape
	// MaxBytes bounds what is checked; 0 means the constant.
	MaxBytes int
	// Partial says that the document goes on after what is given: what may be due to its
	// end is not told.
	Partial bool
	// Ignore lists what not to tell: families ("redundant") or codes ("a11y/no-main"). A
	// name that is none ignores nothing: see KnownRule.
	Ignore []string
	// ErrorsOnly leaves out warnings and infos.
	ErrorsOnly bool
}

// IsHTML reports whether a Content-Type names a document that can be checked.
func IsHTML(contentType string) bool {
	return mediaType(contentType) == "text/html" || isXHTML(contentType)
}

func isXHTML(contentType string) bool { return mediaType(contentType) == "application/xhtml+xml" }

// mediaType returns the type without its parameters, which need not be right.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	}
	return strings.TrimSpace(t)
}

// Check returns what is wrong with a document, in the order of the document, each finding
// by itself. It never fails: each input has findings, or none. Lines and columns are from 1,
// columns count bytes (of the text in UTF-8); Start and End are bytes of doc.
func Check(doc []byte, opts Options) []inspect.Diagnostic {
	c := run(doc, opts)
	return c.diagnostics(c.findings)
}

// Report checks a document and groups what it finds: warnings and infos of one rule are one
// Diagnostic with a Count, and no more than MaxDiagnostics are kept.
func Report(doc []byte, opts Options) inspect.HTMLCheck {
	begin := time.Now()
	c := run(doc, opts)
	r := inspect.HTMLCheck{
		Suppressed: c.suppressed,
		Fragment:   c.page.Fragment,
		XHTML:      c.page.XHTML,
		Bytes:      int64(c.size),
		Partial:    c.partial,
	}
	for i := range c.findings {
		switch c.findings[i].Severity {
		case inspect.SeverityError:
			r.Errors++
		case inspect.SeverityWarning:
			r.Warnings++
		default:
			r.Infos++
		}
	}
	kept, counts := grouped(c.findings)
	r.Diagnostics = c.diagnostics(kept)
	for i, n := range counts {
		r.Diagnostics[i].Count = n
	}
	r.Took = inspect.Millis(time.Since(begin))
	return r
}

// checked is a document with its findings.
type checked struct {
	page       *finding.Page
	findings   []finding.Finding
	suppressed int
	size       int
	partial    bool
}

func run(doc []byte, opts Options) *checked {
	c := &checked{partial: opts.Partial}
	limit := opts.MaxBytes
	if limit <= 0 {
		limit = MaxBytes
	}
	if len(doc) > limit {
		doc, c.partial = doc[:limit], true
	}
	c.size = len(doc)
	emit := func(f finding.Finding) { c.findings = append(c.findings, f) }
	c.page = read(doc, opts, emit)
	for _, layer := range layers {
		layer(c.page, emit)
	}
	c.settle(opts)
	return c
}

// pieceContext is the element into which pieces of pages are read. A template takes rows,
// cells and whatever else a script may put somewhere.
const pieceContext = "template"

// read parses a document and reports the errors of the parser.
func read(doc []byte, opts Options, emit finding.Sink) *finding.Page {
	if isXHTML(opts.ContentType) {
		return readXHTML(doc, opts, emit)
	}
	p := &finding.Page{Fragment: opts.Shape == Fragment}
	p.Doc = parse.Parse(doc, parse.Options{ContentType: opts.ContentType, Fragment: p.Fragment, Context: pieceContext})
	if opts.Shape == Guess && isPiece(p.Doc) {
		p.Fragment = true
		p.Doc = parse.Parse(doc, parse.Options{ContentType: opts.ContentType, Fragment: true, Context: pieceContext})
	}
	for i := range p.Doc.Errors {
		emit(parseFinding(&p.Doc.Errors[i]))
	}
	checkEncoding(p, opts.ContentType, emit)
	return p
}

// isPiece reports whether a document has neither DOCTYPE nor any of the tags that only a
// whole page has.
func isPiece(d *parse.Document) bool {
	for n := d.Root.FirstChild; n != nil; n = n.Next {
		if n.Kind == parse.DoctypeNode {
			return false
		}
		if n.Kind != parse.ElementNode {
			continue
		}
		if !n.Implied {
			return false
		}
		for m := n.FirstChild; m != nil; m = m.Next {
			if m.Kind == parse.ElementNode && !m.Implied {
				return false
			}
		}
	}
	return true
}

// settle leaves out what is not to be told and puts the rest into the order of the document.
func (c *checked) settle(opts Options) {
	quiet := suppressions(c.page.Doc, func(f finding.Finding) { c.findings = append(c.findings, f) })
	kept := c.findings[:0]
	for _, f := range c.findings {
		switch {
		case c.partial && needsEnd(&f, c.size), opts.ErrorsOnly && f.Severity != inspect.SeverityError:
		case ignored(&f, opts.Ignore), quiet.cover(&f):
			c.suppressed++
		default:
			kept = append(kept, f)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool { return before(&kept[i], &kept[j]) })
	c.findings = kept
	for i := 1; i < len(kept); i++ {
		// Two layers may say the same of one place.
		if kept[i].Span == kept[i-1].Span && kept[i].Rule == kept[i-1].Rule && kept[i].Message == kept[i-1].Message {
			c.findings = unique(kept)
			break
		}
	}
}

func before(a, b *finding.Finding) bool {
	if a.Span.Start != b.Span.Start {
		return a.Span.Start < b.Span.Start
	}
	return a.Span.End < b.Span.End
}

func unique(fs []finding.Finding) []finding.Finding {
	type key struct {
		parse.Span
		rule    finding.Rule
		message string
	}
	seen := make(map[key]bool, len(fs))
	kept := fs[:0]
	for _, f := range fs {
		k := key{f.Span, f.Rule, f.Message}
		if !seen[k] {
			seen[k] = true
			kept = append(kept, f)
		}
	}
	return kept
}
