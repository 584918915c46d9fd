package css

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// block says what stands in braces.
type block uint8

const (
	rules        block = iota // style rules and at-rules: @media at the top
	declarations              // those of a style rule, with rules in it
	keyframes                 // percentages with declarations
	descriptors               // declarations of an at-rule such as @font-face
	unknown                   // anything, not looked at
)

// open is a block that has not ended.
type open struct {
	kind block
	at   int // of the brace
}

// sheet is the check of one style sheet or style attribute.
type sheet struct {
	src  finding.Source
	node *parse.Node
	emit finding.Sink
	// suggestions is how often the page may still ask for the name that was meant.
	suggestions *int
	found       int
	ruled       bool // there was a rule, so that no @import may follow
	lex         token.Lexer
	tok         token.Token
	blocks      []open
	items       []token.Token // of what is being read, without space; used again
	// whole says that the last thing read is a declaration of an outermost block: the sheet
	// may end in a style rule there, as if the brace were there.
	whole bool
}

// next goes to the next token that is neither space nor a comment.
func (s *sheet) next() {
	s.tok = s.lex.Next()
	for s.tok.Kind == token.Space || s.tok.Kind == token.Comment {
		s.tok = s.lex.Next()
	}
}

func (s *sheet) text(t token.Token) string { return s.lex.Src[t.Start:t.End] }

func (s *sheet) delim(t token.Token, c byte) bool {
	return t.Kind == token.Delim && s.lex.Src[t.Start] == c
}

// styleSheet reads all of a style element.
func (s *sheet) styleSheet() {
	s.lex.Src = s.src.Data
	s.next()
	for s.tok.Kind != token.EOF {
		kind := rules
		if n := len(s.blocks); n > 0 {
			kind = s.blocks[n-1].kind
		}
		switch {
		case s.tok.Kind == token.RightBrace:
			s.closeBlock()
		case kind == unknown:
			s.skipped()
		case s.tok.Kind == token.AtKeyword:
			s.atRule(kind)
		case kind == rules:
			s.topRule()
		case kind == keyframes:
			s.keyframe()
		case s.tok.Kind == token.Semicolon:
			s.next()
		default:
			s.item(kind)
		}
	}
	s.end()
}

// end reports blocks that are still open.
func (s *sheet) end() {
	if n := len(s.blocks); n > 0 && (n > 1 || !s.whole || s.blocks[0].kind == descriptors) && s.blocks[n-1].kind != unknown {
		at := s.blocks[n-1].at
		end := len(strings.TrimRight(s.lex.Src, " \t\r\n\f"))
		s.report(max(end-1, at), end, "css/unclosed-block", "the style sheet ends within a block: } is missing for the { that is open last")
	}
}

func (s *sheet) closeBlock() {
	s.whole = false
	if n := len(s.blocks); n > 0 {
		s.blocks = s.blocks[:n-1]
	} else {
		s.report(s.tok.Start, s.tok.End, "css/stray-brace", "there is a } without its {: remove it, or look for a } too many before it")
	}
	s.next()
}

const (
	// maxItems bounds the tokens of one selector or declaration; a longer one is not
	// checked. Real ones with an image in them have few, because a url() is one token.
	maxItems = 20_000
	// maxBlocks bounds blocks within blocks; a deeper sheet is not checked to its end.
	maxBlocks = 1000
)

// push opens a block at the current brace.
func (s *sheet) push(kind block) {
	s.whole = false
	if len(s.blocks) == maxBlocks {
		s.blocks = nil
		s.lex.Pos = len(s.lex.Src)
		s.next()
		return
	}
	s.blocks = append(s.blocks, open{kind, s.tok.Start})
	s.next()
}

// skipped goes over a token of a block that is not looked at.
func (s *sheet) skipped() {
	if s.tok.Kind == token.LeftBrace {
		s.push(unknown)
		return
	}
	s.next()
}

// collect reads tokens into items up to a semicolon (when it counts), a brace or the end,
// outside of parentheses. It reports whether they are few enough to be checked.
func (s *sheet) collect(semicolon bool) (ok bool) {
	s.items = s.items[:0]
	depth := 0
	for ; s.tok.Kind != token.EOF; s.next() {
		switch s.tok.Kind {
		case token.Function, token.LeftParen, token.LeftSquare:
			depth++
		case token.RightParen, token.RightSquare:
			depth = max(depth-1, 0)
		case token.LeftBrace, token.RightBrace:
			return len(s.items) < maxItems
		case token.Semicolon:
			if semicolon && depth == 0 {
				return len(s.items) < maxItems
			}
		}
		if len(s.items) < maxItems {
			s.items = append(s.items, s.tok)
		}
	}
	return len(s.items) < maxItems
}

// topRule reads a style rule up to its brace.
func (s *sheet) topRule() {
	switch s.tok.Kind {
	case token.CDO, token.CDC:
		s.next()
		return
	}
	start := s.tok
	s.ruled = true
	if !s.collect(false) {
		if s.tok.Kind == token.LeftBrace {
			s.push(unknown)
		}
		return
	}
	if s.tok.Kind != token.LeftBrace {
		if s.tok.Kind == token.RightBrace && len(s.blocks) == 0 {
			s.report(start.Start, s.tok.End, "css/no-block", "there is "+quote(s.lex.Src[start.Start:s.tok.End])+" where a rule should be: a } is too many, or a { is missing")
			s.next()
			return
		}
		s.report(start.Start, max(s.lastEnd(), start.End), "css/no-block", "there is "+quote(s.lex.Src[start.Start:s.lastEnd()])+" where a rule should be: its { is missing")
		return
	}
	s.styleRule()
}

func (s *sheet) lastEnd() int {
	if n := len(s.items); n > 0 {
		return s.items[n-1].End
	}
	return s.tok.End
}

// styleRule checks the selector in items and opens the block.
func (s *sheet) styleRule() {
	if s.selector() || len(s.blocks) == 0 && !s.cdata() {
		s.push(declarations)
	} else {
		s.push(unknown)
	}
}

// cdata reports a rule that follows "<![CDATA[", which HTML does not know in style elements.
func (s *sheet) cdata() bool { return len(s.items) > 0 && s.delim(s.items[0], '<') }

func (s *sheet) keyframe() {
	s.collect(false)
	if s.tok.Kind == token.LeftBrace {
		s.push(declarations)
		return
	}
	if s.tok.Kind == token.EOF && len(s.items) > 0 {
		s.report(s.items[0].Start, s.lastEnd(), "css/no-block", "there is "+quote(s.lex.Src[s.items[0].Start:s.lastEnd()])+" where a keyframe should be: its { is missing")
	}
}

// atRule reads an at-rule up to its semicolon or brace. Whether a name is known is not told.
func (s *sheet) atRule(kind block) {
	name := strings.ToLower(s.text(s.tok)[1:])
	if i := strings.LastIndexByte(name, '-'); i > 0 && name[0] == '-' && !strings.HasSuffix(name, "-document") {
		name = name[i+1:]
	}
	at := s.tok
	s.next()
	s.collect(true)
	switch {
	case name == "import" && s.ruled:
		s.report(at.Start, at.End, "css/late-import", "@import stands behind a rule, where browsers ignore it: it must come first")
	case name == "media" && len(s.items) > 0 && s.tok.Kind == token.LeftBrace:
		s.mediaQuery()
	case s.tok.Kind == token.LeftBrace && name != "layer":
		s.ruled = true
	}
	switch s.tok.Kind {
	case token.Semicolon:
		s.next()
	case token.LeftBrace:
		s.push(atBlock(name, kind))
	case token.EOF:
		if atBlock(name, kind) != unknown {
			s.report(at.Start, s.lastEnd(), "css/no-block", "the style sheet ends within "+s.text(at)+": its block is missing")
		}
	}
}

// mediaQuery checks the queries of @media in items.
func (s *sheet) mediaQuery() {
	s.ruled = true
	start := s.items[0].Start
	p := datatype.Check("media-query", s.lex.Src[start:s.lastEnd()])
	if p == nil || p.Warning {
		return
	}
	end := start + p.End
	if p.End == 0 {
		end = s.lastEnd()
	}
	severity, rule := inspect.SeverityError, finding.Rule("css/media-query")
	if p.Rule == datatype.RuleMediaDeprecated {
		severity, rule = inspect.SeverityWarning, "css/media-deprecated"
	}
	s.reportAs(severity, start+p.Start, end, rule, "@media "+p.Message)
}

// atBlock returns what the block of an at-rule holds where it stands in a block of kind.
func atBlock(name string, kind block) block {
	switch name {
	case "media", "supports", "layer", "container", "scope", "starting-style":
		if kind == declarations {
			return declarations
		}
		return rules
	case "-moz-document", "document":
		return rules
	case "keyframes":
		return keyframes
	case "font-face", "counter-style":
		return descriptors
	}
	return unknown
}

// item reads a declaration, or a rule within a rule.
func (s *sheet) item(kind block) {
	start := s.tok
	ok := s.collect(true)
	if s.tok.Kind == token.LeftBrace {
		s.braces(kind)
		return
	}
	if len(s.items) == 0 { // a brace that closes nothing is read elsewhere
		if s.tok.Kind == start.Kind && s.tok.Start == start.Start {
			s.next()
		}
		return
	}
	found := s.found
	if ok {
		s.declaration(kind)
	}
	// one word about the end of the sheet is enough
	s.whole = len(s.blocks) == 1 && (s.found == found || s.tok.Kind == token.EOF)
	if s.tok.Kind == token.Semicolon {
		s.next()
	}
}

// braces reads what goes on with { within a rule: a rule in it, or the value of a custom
// property.
func (s *sheet) braces(kind block) {
	switch {
	case len(s.items) >= 2 && s.items[1].Kind == token.Colon && s.items[0].Kind == token.Ident &&
		strings.HasPrefix(s.text(s.items[0]), "--"):
		s.push(unknown)
	case kind == descriptors:
		s.push(unknown)
	case len(s.items) > 2 && s.items[0].Kind == token.Ident && s.items[1].Kind == token.Colon &&
		s.items[1].End < s.items[2].Start && s.items[2].Kind != token.Colon && knownProperty(s.text(s.items[0])):
		s.report(s.items[0].Start, s.tok.End, "css/missing-end", "the declaration of "+s.text(s.items[0])+" goes on with {: a ; or } is missing before it")
		s.push(unknown)
	default:
		s.styleRule()
	}
}

// attribute reads the declarations of a style attribute. It is silent from a place on that is
// no declaration but may be the work of a template engine.
func (s *sheet) attribute() {
	s.lex.Src = s.src.Data
	s.next()
	for s.tok.Kind != token.EOF {
		switch s.tok.Kind {
		case token.Semicolon:
			s.next()
			continue
		case token.LeftBrace, token.RightBrace, token.AtKeyword, token.CDO, token.CDC, token.Number, token.Percentage, token.String:
			return
		}
		if s.delim(s.tok, '<') {
			return
		}
		start := s.tok.Kind
		if !s.collect(true) {
			return
		}
		if s.tok.Kind == token.LeftBrace && (len(s.items) < 2 || s.items[0].Kind != token.Ident ||
			s.items[1].Kind != token.Colon || !knownProperty(s.text(s.items[0]))) {
			return
		}
		if s.tok.Kind == token.LeftBrace {
			s.report(s.items[0].Start, s.tok.End, "css/value", "the value of "+s.text(s.items[0])+" has a { in it")
			return
		}
		if start != token.Delim || s.delim(s.items[0], '*') {
			s.declaration(declarations)
		}
		if s.tok.Kind != token.Semicolon {
			return
		}
		s.next()
	}
}
