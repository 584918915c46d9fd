package datatype

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

func mediaTypes() []Type {
	return []Type{
		{"media-query", "Media Queries 3", checkMedia},
		{"sizes", "4.8.4.2.2", checkSizes},
		{"srcset", "4.8.4.2.1", checkSrcset},
		{"image-candidates", "4.8.4.2.1", checkSrcset},
		{"srcset-width", "4.8.4.2.1", checkSrcsetWidth},
		{"simple-colour", "2.3.6", checkSimpleColour},
		{"colour", "CSS Color 4", checkColour},
		{"csp", "CSP3 2.2", checkCSP},
		{"sandbox", "7.1.5", checkSandbox},
		{"allow", "Permissions Policy 9.3", checkAllow},
		{"regex", "4.10.5.3.6", checkPattern},
		{"integrity", "SRI 3.5", checkIntegrity},
		{"script-type", "4.12.1", checkScriptType},
		{"refresh", "4.2.5.3", checkRefresh},
	}
}

// checkMedia checks a media query list. The empty list is one. It accepts names of features
// that it does not know, as the standard does.
func checkMedia(value string) *Problem {
	m := mediaParser{lex: token.Lexer{Src: value}}
	m.next()
	if m.tok.Kind == token.EOF {
		return nil
	}
	for m.query() && m.problem == nil && m.tok.Kind == token.Comma {
		m.next()
	}
	if m.problem == nil && m.tok.Kind != token.EOF {
		m.unexpected("a comma or the end")
	}
	return m.problem
}

// checkCondition checks a media condition as the sizes attribute has it: features in
// parentheses, no media type.
func checkCondition(value string) *Problem {
	m := mediaParser{lex: token.Lexer{Src: value}}
	m.next()
	m.condition(true)
	if m.problem == nil && m.tok.Kind != token.EOF {
		m.unexpected("the size")
	}
	return m.problem
}

// maxMediaDepth bounds nested parentheses: no query that is meant has more than three.
const maxMediaDepth = 64

type mediaParser struct {
	lex     token.Lexer
	tok     token.Token
	depth   int
	problem *Problem
}

// next goes to the next token that is neither space nor a comment.
func (m *mediaParser) next() {
	m.tok = m.lex.Next()
	for m.tok.Kind == token.Space || m.tok.Kind == token.Comment {
		m.tok = m.lex.Next()
	}
}

func (m *mediaParser) text() string { return m.lex.Src[m.tok.Start:m.tok.End] }

func (m *mediaParser) is(word string) bool {
	return m.tok.Kind == token.Ident && strings.EqualFold(m.text(), word)
}

func (m *mediaParser) delim(c byte) bool {
	return m.tok.Kind == token.Delim && m.lex.Src[m.tok.Start] == c
}

func (m *mediaParser) fail(t token.Token, message string) {
	if m.problem == nil {
		m.problem = &Problem{Start: t.Start, End: t.End, Message: message, Rule: "attr-value/media-query"}
	}
}

// deprecated is fail for what is valid, but should not be used any more. The attributes of
// HTML do not take it, style sheets do.
func (m *mediaParser) deprecated(t token.Token, message string) {
	if m.problem == nil {
		m.problem = &Problem{Start: t.Start, End: t.End, Message: message, Rule: RuleMediaDeprecated}
	}
}

// RuleMediaDeprecated is the rule of a Problem with a deprecated media type or feature.
const RuleMediaDeprecated finding.Rule = "attr-value/media-deprecated"

// unexpected says what should stand at the current token.
func (m *mediaParser) unexpected(want string) {
	if m.tok.Kind == token.EOF {
		m.fail(token.Token{Start: 0, End: len(m.lex.Src)}, "ends too early: "+want+" is missing")
		return
	}
	m.fail(m.tok, "has "+quote(m.text())+" where "+want+" should be")
}

// query reads one media query.
func (m *mediaParser) query() bool {
	if m.tok.Kind != token.Ident {
		return m.condition(true)
	}
	only := m.is("only")
	if only || m.is("not") {
		m.next()
		if !only && m.tok.Kind == token.LeftParen {
			return m.parens()
		}
	}
	if m.tok.Kind != token.Ident {
		m.unexpected("a media type (all, print or screen)")
		return false
	}
	m.mediaType()
	m.next()
	if m.problem == nil && m.is("and") {
		m.next()
		if m.is("not") {
			m.next()
			return m.parens()
		}
		return m.condition(false)
	}
	return m.problem == nil
}

func (m *mediaParser) mediaType() {
	name := m.text()
	switch lower := strings.ToLower(name); lower {
	case "all", "print", "screen":
	case "and", "or", "not", "only":
		m.fail(m.tok, "has "+quote(name)+" where a media type (all, print or screen) should be")
	case "tty", "tv", "projection", "handheld", "braille", "embossed", "aural", "speech":
		m.deprecated(m.tok, "has the media type "+quote(name)+", which is deprecated and matches nothing: ask for a feature, such as (width < 40em) or (hover: none)")
	default:
		if strings.Contains(name, `\`) {
			return
		}
		if f, _, ok := findFeature(lower); ok && f.kind != 0 {
			m.fail(m.tok, "has the media feature "+quote(name)+" without parentheses: write ("+clip(name)+": …)")
			return
		}
		m.fail(m.tok, "has the unknown media type "+quote(name)+": use all, print or screen")
	}
}

// condition reads features in parentheses, joined by and, or where it may by or.
func (m *mediaParser) condition(or bool) bool {
	if m.is("not") {
		m.next()
		return m.parens()
	}
	if !m.parens() {
		return false
	}
	for joined := ""; m.is("and") || or && m.is("or"); {
		word := strings.ToLower(m.text())
		if joined != "" && joined != word {
			m.fail(m.tok, "mixes \"and\" with \"or\": put one of them in parentheses")
			return false
		}
		joined = word
		m.next()
		if !m.parens() {
			return false
		}
	}
	return true
}

// parens reads a parenthesis with a feature or a condition.
func (m *mediaParser) parens() bool {
	if m.tok.Kind != token.LeftParen {
		if m.tok.Kind == token.Function && (strings.EqualFold(m.text(), "and(") || strings.EqualFold(m.text(), "or(") || strings.EqualFold(m.text(), "not(")) {
			m.fail(m.tok, "needs a space before the parenthesis: "+quote(m.text())+" is read as a function")
			return false
		}
		m.unexpected("a feature in parentheses, such as (min-width: 40em),")
		return false
	}
	if m.depth++; m.depth > maxMediaDepth {
		m.fail(m.tok, "has more than 64 parentheses within each other")
		return false
	}
	m.next()
	if m.tok.Kind == token.LeftParen || m.is("not") {
		m.condition(true)
	} else {
		m.feature()
	}
	m.depth--
	if m.problem != nil {
		return false
	}
	if m.tok.Kind != token.RightParen {
		m.unexpected("a closing parenthesis")
		return false
	}
	m.next()
	return true
}
