package parse

// Code names a kind of parse error. The first group are the codes of section 13.2.2; the
// others are ours.
type Code string

// The standard's codes (section 13.2.2). Surrogate-in-input-stream is not among them: no
// byte stream decodes to a surrogate.
const (
	AbruptClosingOfEmptyComment                              Code = "abrupt-closing-of-empty-comment"
	AbruptDoctypePublicIdentifier                            Code = "abrupt-doctype-public-identifier"
	AbruptDoctypeSystemIdentifier                            Code = "abrupt-doctype-system-identifier"
	AbsenceOfDigitsInNumericCharacterReference               Code = "absence-of-digits-in-numeric-character-reference"
	CdataInHTMLContent                                       Code = "cdata-in-html-content"
	CharacterReferenceOutsideUnicodeRange                    Code = "character-reference-outside-unicode-range"
	ControlCharacterInInputStream                            Code = "control-character-in-input-stream"
	ControlCharacterReference                                Code = "control-character-reference"
	DuplicateAttribute                                       Code = "duplicate-attribute"
	EndTagWithAttributes                                     Code = "end-tag-with-attributes"
	EndTagWithTrailingSolidus                                Code = "end-tag-with-trailing-solidus"
	EOFBeforeTagName                                         Code = "eof-before-tag-name"
	EOFInCdata                                               Code = "eof-in-cdata"
	EOFInComment                                             Code = "eof-in-comment"
	EOFInDoctype                                             Code = "eof-in-doctype"
	EOFInProcessingInstruction                               Code = "eof-in-processing-instruction"
	EOFInScriptHTMLCommentLikeText                           Code = "eof-in-script-html-comment-like-text"
	EOFInTag                                                 Code = "eof-in-tag"
	DisallowedProcessingInstructionTarget                    Code = "disallowed-processing-instruction-target"
	IncorrectlyClosedComment                                 Code = "incorrectly-closed-comment"
	IncorrectlyOpenedComment                                 Code = "incorrectly-opened-comment"
	InvalidCharacterSequenceAfterDoctypeName                 Code = "invalid-character-sequence-after-doctype-name"
	InvalidFirstCharacterOfProcessingInstructionTarget       Code = "invalid-first-character-of-processing-instruction-target"
	InvalidFirstCharacterOfTagName                           Code = "invalid-first-character-of-tag-name"
	InvalidProcessingInstructionTarget                       Code = "invalid-processing-instruction-target"
	MissingAttributeValue                                    Code = "missing-attribute-value"
	MissingDoctypeName                                       Code = "missing-doctype-name"
	MissingDoctypePublicIdentifier                           Code = "missing-doctype-public-identifier"
	MissingDoctypeSystemIdentifier                           Code = "missing-doctype-system-identifier"
	MissingEndTagName                                        Code = "missing-end-tag-name"
	MissingQuoteBeforeDoctypePublicIdentifier                Code = "missing-quote-before-doctype-public-identifier"
	MissingQuoteBeforeDoctypeSystemIdentifier                Code = "missing-quote-before-doctype-system-identifier"
	MissingSemicolonAfterCharacterReference                  Code = "missing-semicolon-after-character-reference"
	MissingWhitespaceAfterDoctypePublicKeyword               Code = "missing-whitespace-after-doctype-public-keyword"
	MissingWhitespaceAfterDoctypeSystemKeyword               Code = "missing-whitespace-after-doctype-system-keyword"
	MissingWhitespaceBeforeDoctypeName                       Code = "missing-whitespace-before-doctype-name"
	MissingWhitespaceBetweenAttributes                       Code = "missing-whitespace-between-attributes"
	MissingWhitespaceBetweenDoctypePublicAndSystemIdentifier Code = "missing-whitespace-between-doctype-public-and-system-identifiers"
	NestedComment                                            Code = "nested-comment"
	NoncharacterCharacterReference                           Code = "noncharacter-character-reference"
	NoncharacterInInputStream                                Code = "noncharacter-in-input-stream"
	NonVoidHTMLElementStartTagWithTrailingSolidus            Code = "non-void-html-element-start-tag-with-trailing-solidus"
	NullCharacterReference                                   Code = "null-character-reference"
	SurrogateCharacterReference                              Code = "surrogate-character-reference"
	UnexpectedCharacterAfterDoctypeSystemIdentifier          Code = "unexpected-character-after-doctype-system-identifier"
	UnexpectedCharacterInAttributeName                       Code = "unexpected-character-in-attribute-name"
	UnexpectedCharacterInUnquotedAttributeValue              Code = "unexpected-character-in-unquoted-attribute-value"
	UnexpectedEqualsSignBeforeAttributeName                  Code = "unexpected-equals-sign-before-attribute-name"
	UnexpectedNullCharacter                                  Code = "unexpected-null-character"
	UnexpectedQuestionMarkInsteadOfTagName                   Code = "unexpected-question-mark-instead-of-tag-name"
	UnexpectedSolidusInTag                                   Code = "unexpected-solidus-in-tag"
	UnknownNamedCharacterReference                           Code = "unknown-named-character-reference"
)

// Our codes: the encoding.
const (
	MalformedByteSequence Code = "malformed-byte-sequence"
	UnknownEncoding       Code = "unknown-encoding"
)

// Our codes: the tree construction (section 13.2.6 has errors, but no codes for them).
const (
	MissingDoctype            Code = "missing-doctype"
	QuirkyDoctype             Code = "quirky-doctype"
	AlmostStandardsDoctype    Code = "almost-standards-doctype"
	ObsoleteDoctype           Code = "obsolete-doctype"
	StrayDoctype              Code = "stray-doctype"
	StrayStartTag             Code = "stray-start-tag"
	StrayEndTag               Code = "stray-end-tag"
	MisnestedEndTag           Code = "misnested-end-tag"
	MismatchedEndTag          Code = "mismatched-end-tag"
	NoElementInScope          Code = "no-element-in-scope"
	EndTagWithOpenElements    Code = "end-tag-with-open-elements"
	ImpliedEndTagOpenElements Code = "implied-end-tag-open-elements"
	UnclosedElement           Code = "unclosed-element"
	EOFWithOpenElements       Code = "eof-with-open-elements"
	EOFInText                 Code = "eof-in-text"
	SelectInSelect            Code = "select-in-select"
	InputInSelect             Code = "input-in-select"
	EndTagAfterBody           Code = "end-tag-after-body"
	StartTagAfterBody         Code = "start-tag-after-body"
	TextAfterBody             Code = "text-after-body"
	ElementBetweenHeadAndBody Code = "element-between-head-and-body"
	FosterParenting           Code = "foster-parenting"
	TextInTable               Code = "text-in-table"
	StartTagInTableBody       Code = "start-tag-in-table-body"
	NestedTable               Code = "nested-table"
	NestedForm                Code = "nested-form"
	NestedHeading             Code = "nested-heading"
	SameElementOpen           Code = "same-element-open"
	NoRowToClose              Code = "no-row-to-close"
	TextInColgroup            Code = "text-in-colgroup"
	TextInFrameset            Code = "text-in-frameset"
	TextInHeadNoscript        Code = "text-in-head-noscript"
	StartTagInHeadNoscript    Code = "start-tag-in-head-noscript"
	FramesetInBody            Code = "frameset-in-body"
	ImageStartTag             Code = "image-start-tag"
	HTMLInForeignContent      Code = "html-in-foreign-content"
	UnclosedInRuby            Code = "unclosed-in-ruby"
	OptionInOption            Code = "option-in-option"
	NestingTooDeep            Code = "nesting-too-deep"
	TooManyFormattingElements Code = "too-many-formatting-elements"
	TooManyErrors             Code = "too-many-errors"
)

// Error is a parse error.
type Error struct {
	Code Code
	// Span is what to mark: the character, reference, attribute or tag that is wrong. It
	// is empty at the end of the file.
	Span Span
	// At is where the standard's state machine notices it: the current input character of
	// section 13.2.5, the first byte of the tag in the tree construction.
	At int
	// Related is where the thing began that the error is about (the start tag of an element
	// that is closed too early, the comment that does not end), or -1.
	Related int
	// Line and Column are of Span.Start; both count from 1, columns in UTF-16 code units.
	Line, Column int
	// Name is the tag, attribute or reference in question, Other a second one.
	Name, Other string
}
