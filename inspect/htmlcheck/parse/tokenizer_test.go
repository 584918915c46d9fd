package parse

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tokenizerErrorTests has a document for each code of section 13.2.2: where it is noticed
// (At), and what is marked, in the document's bytes.
var tokenizerErrorTests = []struct {
	doc    string
	code   Code
	at     int
	marked string
}{
	{"a<!-->b", AbruptClosingOfEmptyComment, 5, "<!-->"},
	{"a<!--->b", AbruptClosingOfEmptyComment, 6, "<!--->"},
	{"<!DOCTYPE html PUBLIC 'x>", AbruptDoctypePublicIdentifier, 24, ">"},
	{"<!DOCTYPE html SYSTEM \"x>", AbruptDoctypeSystemIdentifier, 24, ">"},
	{"é&#x;", AbsenceOfDigitsInNumericCharacterReference, 5, "&#x"},
	{"<p><![CDATA[x]]>", CdataInHTMLContent, 11, "<![CDATA["},
	{"&#x110000;", CharacterReferenceOutsideUnicodeRange, 10, "&#x110000;"},
	{"x\x01", ControlCharacterInInputStream, 1, "\x01"},
	{"é\u0085", ControlCharacterInInputStream, 2, "\u0085"},
	{"&#x80;", ControlCharacterReference, 6, "&#x80;"},
	{"<?xml version='1.0'?>", DisallowedProcessingInstructionTarget, 5, "xml "},
	{"<p a=1 A=2>", DuplicateAttribute, 8, "A"},
	{"<p></p a>", EndTagWithAttributes, 8, "</p a>"},
	{"<p></p/>", EndTagWithTrailingSolidus, 7, "/>"},
	{"x<", EOFBeforeTagName, 2, ""},
	{"x</", EOFBeforeTagName, 3, ""},
	{"<svg><![CDATA[x", EOFInCdata, 15, ""},
	{"<!--x", EOFInComment, 5, ""},
	{"<!DOCTYPE html", EOFInDoctype, 14, ""},
	{"<?x y", EOFInProcessingInstruction, 5, ""},
	{"<script><!--x", EOFInScriptHTMLCommentLikeText, 13, ""},
	{"<p a='x", EOFInTag, 7, ""},
	{"<!--x--!>y", IncorrectlyClosedComment, 8, "--!>"},
	{"<!x>", IncorrectlyOpenedComment, 2, "<!"},
	{"<!DOCTYPE html x>", InvalidCharacterSequenceAfterDoctypeName, 15, "x"},
	{"<?3>", InvalidFirstCharacterOfProcessingInstructionTarget, 2, "3"},
	{"a <3", InvalidFirstCharacterOfTagName, 3, "3"},
	{"a</é>", InvalidFirstCharacterOfTagName, 3, "é"},
	{"<?a$>", InvalidProcessingInstructionTarget, 3, "a$"},
	{"<p a=>", MissingAttributeValue, 5, "a="},
	{"<!DOCTYPE >", MissingDoctypeName, 10, ">"},
	{"<!DOCTYPE html PUBLIC>", MissingDoctypePublicIdentifier, 21, ">"},
	{"<!DOCTYPE html SYSTEM >", MissingDoctypeSystemIdentifier, 22, ">"},
	{"x</>", MissingEndTagName, 3, "</>"},
	{"<!DOCTYPE html PUBLIC x>", MissingQuoteBeforeDoctypePublicIdentifier, 22, "x"},
	{"<!DOCTYPE html SYSTEM x>", MissingQuoteBeforeDoctypeSystemIdentifier, 22, "x"},
	{"é&ampx", MissingSemicolonAfterCharacterReference, 6, "&amp"},
	{"&#65 ", MissingSemicolonAfterCharacterReference, 4, "&#65"},
	{"<!DOCTYPE html PUBLIC'a'>", MissingWhitespaceAfterDoctypePublicKeyword, 21, "'"},
	{"<!DOCTYPE html SYSTEM'a'>", MissingWhitespaceAfterDoctypeSystemKeyword, 21, "'"},
	{"<!DOCTYPEhtml>", MissingWhitespaceBeforeDoctypeName, 9, "h"},
	{"<p a='1'b>", MissingWhitespaceBetweenAttributes, 8, "b"},
	{"<!DOCTYPE html PUBLIC 'a''b'>", MissingWhitespaceBetweenDoctypePublicAndSystemIdentifier, 25, "'"},
	{"<!--a<!--b-->", NestedComment, 9, "<!--"},
	{"&#xFDD0;", NoncharacterCharacterReference, 8, "&#xFDD0;"},
	{"a\uFFFF", NoncharacterInInputStream, 1, "\uFFFF"},
	{"a\U0010FFFE", NoncharacterInInputStream, 1, "\U0010FFFE"},
	{"<div/>", NonVoidHTMLElementStartTagWithTrailingSolidus, 4, "/>"},
	{"&#0;", NullCharacterReference, 4, "&#0;"},
	{"&#xD800;", SurrogateCharacterReference, 8, "&#xD800;"},
	{"<!DOCTYPE html SYSTEM 'a' x>", UnexpectedCharacterAfterDoctypeSystemIdentifier, 26, "x"},
	{"<p a<b>", UnexpectedCharacterInAttributeName, 4, "<"},
	{"<p a=b`>", UnexpectedCharacterInUnquotedAttributeValue, 6, "`"},
	{"<p =a>", UnexpectedEqualsSignBeforeAttributeName, 3, "="},
	{"a\x00", UnexpectedNullCharacter, 1, "\x00"},
	{"<p a='\x00'>", UnexpectedNullCharacter, 6, "\x00"},
	{"<!--\x00-->", UnexpectedNullCharacter, 4, "\x00"},
	{"<?php x ?>", UnexpectedQuestionMarkInsteadOfTagName, 1, "?"},
	{"<p a/b>", UnexpectedSolidusInTag, 5, "/"},
	{"&nosuch;", UnknownNamedCharacterReference, 7, "&nosuch;"},
}

func TestTokenizerErrors(t *testing.T) {
	seen := map[Code]bool{}
	for _, tt := range tokenizerErrorTests {
		seen[tt.code] = true
		t.Run(fmt.Sprintf("%s %q", tt.code, tt.doc), func(t *testing.T) {
			pi := tt.code != UnexpectedQuestionMarkInsteadOfTagName
			var got []string
			for _, e := range Parse([]byte(tt.doc), Options{ContentType: "text/html;charset=utf-8", ProcessingInstructions: pi}).Errors {
				if e.Code.Standard() {
					got = append(got, fmt.Sprintf("%s %d %q", e.Code, e.At, tt.doc[e.Span.Start:e.Span.End]))
				}
			}
			want := []string{fmt.Sprintf("%s %d %q", tt.code, tt.at, tt.marked)}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	for code := range standardMessages {
		if !seen[code] {
			t.Errorf("no test for %s", code)
		}
	}
}

func TestTokens(t *testing.T) {
	tests := []struct {
		name, doc string
		state     State
		last      string
		cdata, pi bool
		want      []string
	}{
		{name: "tags and text", doc: "a<B c D='e&amp;f'>g</B >", want: []string{`0-1 text "a"`, `1-18 start b c="" 4-5 5-5 d="e&f" 6-7 9-16`, `18-19 text "g"`, `19-24 end b`}},
		{name: "value without quotes", doc: "<a b=c/d />", want: []string{`0-11 start a b="c/d" 3-4 5-8 /`}},
		{name: "text is one token", doc: "a&lt;b &amp c\x00<!---->", want: []string{"0-14 text \"a<b & c\\x00\"", `14-21 comment ""`}},
		{name: "rcdata", doc: "a<b>&amp;</titles></title >", state: RCDATA, last: "title", want: []string{`0-18 text "a<b>&</titles>"`, `18-27 end title`}},
		{name: "rawtext", doc: "&amp;</STYLE>", state: RAWTEXT, last: "style", want: []string{`0-5 text "&amp;"`, `5-13 end style`}},
		{name: "script", doc: "<!--<script></script>--></script>", state: ScriptData, last: "script", want: []string{`0-24 text "<!--<script></script>-->"`, `24-33 end script`}},
		{name: "plaintext", doc: "a</plaintext>", state: PLAINTEXT, last: "plaintext", want: []string{`0-13 text "a</plaintext>"`}},
		{name: "cdata", doc: "a<![CDATA[b]]]>c", cdata: true, want: []string{`0-16 text "ab]c"`}},
		{name: "processing instruction", doc: "<?a  b?c?><?d>", pi: true, want: []string{`0-10 pi a "b?c"`, `10-14 pi d ""`}},
		{name: "no processing instruction", doc: "<?a b?>", want: []string{`0-7 comment "?a b?"`}},
		{name: "doctype", doc: "<!doctype HTML public 'a' \"B\">", want: []string{`0-30 doctype html "a" "B"`}},
		{name: "legacy references in attributes", doc: "<a b='&copy=1&copy;&copyx&copy '>", want: []string{`0-33 start a b="&copy=1©&copyx© " 3-4 6-31`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := NewTokenizer(tt.doc)
			z.SetState(tt.state, tt.last)
			z.CDATA, z.ProcessingInstructions = tt.cdata, tt.pi
			var got []string
			for tok := (Token{}); ; {
				z.Next(&tok)
				if tok.Kind == EOF {
					break
				}
				got = append(got, describe(&tok))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func describe(tok *Token) string {
	s := fmt.Sprintf("%d-%d ", tok.Span.Start, tok.Span.End)
	switch tok.Kind {
	case Text:
		return s + fmt.Sprintf("text %q", tok.Data)
	case Comment:
		return s + fmt.Sprintf("comment %q", tok.Data)
	case ProcessingInstruction:
		return s + fmt.Sprintf("pi %s %q", tok.Name, tok.Data)
	case Doctype:
		return s + fmt.Sprintf("doctype %s %q %q", tok.Name, tok.Doctype.Public, tok.Doctype.System)
	case EndTag:
		return s + "end " + tok.Name
	}
	s += "start " + tok.Name
	for _, a := range tok.Attrs {
		s += fmt.Sprintf(" %s=%q %d-%d %d-%d", a.Name, a.Value, a.NameSpan.Start, a.NameSpan.End, a.ValueSpan.Start, a.ValueSpan.End)
	}
	if tok.SelfClosing {
		s += " /"
	}
	return s
}
