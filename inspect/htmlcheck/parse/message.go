package parse

import "strings"

// Standard reports whether the code is the standard's own (section 13.2.2).
func (c Code) Standard() bool { return standardMessages[c] != "" }

// Section returns the section of the HTML standard that the error is about.
func (c Code) Section() string {
	if c.Standard() {
		return "13.2.2"
	}
	return treeMessages[c].section
}

// Message says in plain words what is wrong and what would be right.
func (e *Error) Message() string {
	text := standardMessages[e.Code]
	if text == "" {
		text = treeMessages[e.Code].text
	}
	name, other := e.Name, e.Other
	if name == "" {
		name = "text"
	}
	return strings.NewReplacer("{name}", name, "{other}", other).Replace(text)
}

// standardMessages explain the errors of the tokenizer and the input stream.
var standardMessages = map[Code]string{
	AbruptClosingOfEmptyComment:                              "a comment must not begin with `>` or `->`; an empty one is `<!---->`",
	AbruptDoctypePublicIdentifier:                            "the public identifier of the DOCTYPE has no closing quote",
	AbruptDoctypeSystemIdentifier:                            "the system identifier of the DOCTYPE has no closing quote",
	AbsenceOfDigitsInNumericCharacterReference:               "a character reference that begins with `&#` needs digits; a literal `&` is `&amp;`",
	CdataInHTMLContent:                                       "a CDATA section is allowed in SVG and MathML only; here it is a comment",
	CharacterReferenceOutsideUnicodeRange:                    "the character reference `{name}` is beyond the last character, U+10FFFF",
	ControlCharacterInInputStream:                            "a control character is not allowed in a document",
	ControlCharacterReference:                                "the character reference `{name}` means a control character",
	DisallowedProcessingInstructionTarget:                    "`<?{name}` is for XML; in HTML it is a comment",
	DuplicateAttribute:                                       "the attribute `{name}` is there already; this one is ignored",
	EndTagWithAttributes:                                     "the end tag `{name}` has attributes, which belong into the start tag",
	EndTagWithTrailingSolidus:                                "the end tag `{name}` ends with `/>`; it must end with `>`",
	EOFBeforeTagName:                                         "the file ends where a tag name must follow; a literal `<` is `&lt;`",
	EOFInCdata:                                               "the file ends in a CDATA section, which must end with `]]>`",
	EOFInComment:                                             "the file ends in a comment, which must end with `-->`",
	EOFInDoctype:                                             "the file ends in the DOCTYPE",
	EOFInProcessingInstruction:                               "the file ends in a processing instruction, which must end with `>`",
	EOFInScriptHTMLCommentLikeText:                           "the file ends in a script after `<!--`, so that its end tag was not seen",
	EOFInTag:                                                 "the file ends in a tag, which is ignored",
	IncorrectlyClosedComment:                                 "the comment ends with `--!>`; it must end with `-->`",
	IncorrectlyOpenedComment:                                 "after `<!` only `--` or `DOCTYPE` may follow; this is read as a comment",
	InvalidCharacterSequenceAfterDoctypeName:                 "after the name of the DOCTYPE only `PUBLIC` or `SYSTEM` may follow; `<!DOCTYPE html>` is enough",
	InvalidFirstCharacterOfProcessingInstructionTarget:       "a processing instruction must begin with a letter or `_` after `<?`; this is read as a comment",
	InvalidFirstCharacterOfTagName:                           "a tag name must begin with a letter; a literal `<` is `&lt;`",
	InvalidProcessingInstructionTarget:                       "the name of a processing instruction may have letters, digits, `-` and `_` only; this is read as a comment",
	MissingAttributeValue:                                    "the attribute `{name}` has `=` but no value",
	MissingDoctypeName:                                       "the DOCTYPE has no name; it must be `<!DOCTYPE html>`",
	MissingDoctypePublicIdentifier:                           "after `PUBLIC` an identifier must follow; `<!DOCTYPE html>` is enough",
	MissingDoctypeSystemIdentifier:                           "after `SYSTEM` an identifier must follow; `<!DOCTYPE html>` is enough",
	MissingEndTagName:                                        "`</>` has no name and is ignored",
	MissingQuoteBeforeDoctypePublicIdentifier:                "the public identifier of the DOCTYPE must be in quotes",
	MissingQuoteBeforeDoctypeSystemIdentifier:                "the system identifier of the DOCTYPE must be in quotes",
	MissingSemicolonAfterCharacterReference:                  "the character reference `{name}` must end with `;`; a literal `&` is `&amp;`",
	MissingWhitespaceAfterDoctypePublicKeyword:               "a space is missing after `PUBLIC`",
	MissingWhitespaceAfterDoctypeSystemKeyword:               "a space is missing after `SYSTEM`",
	MissingWhitespaceBeforeDoctypeName:                       "a space is missing after `DOCTYPE`",
	MissingWhitespaceBetweenAttributes:                       "a space is missing between two attributes",
	MissingWhitespaceBetweenDoctypePublicAndSystemIdentifier: "a space is missing between the identifiers of the DOCTYPE",
	NestedComment:                                            "`<!--` stands in a comment, which ends at the first `-->`",
	NoncharacterCharacterReference:                           "the character reference `{name}` means a noncharacter",
	NoncharacterInInputStream:                                "a noncharacter is not allowed in a document",
	NonVoidHTMLElementStartTagWithTrailingSolidus:            "`/>` does not close the element `{name}`; it needs an end tag",
	NullCharacterReference:                                   "a character reference must not mean U+0000",
	SurrogateCharacterReference:                              "the character reference `{name}` means half of a character, a surrogate",
	UnexpectedCharacterAfterDoctypeSystemIdentifier:          "nothing may follow the system identifier of the DOCTYPE",
	UnexpectedCharacterInAttributeName:                       "`\"`, `'` and `<` are not allowed in the name of an attribute; a quote or `>` is probably missing before",
	UnexpectedCharacterInUnquotedAttributeValue:              "`\"`, `'`, `<`, `=` and a backquote are not allowed in a value without quotes",
	UnexpectedEqualsSignBeforeAttributeName:                  "the name of an attribute is missing before `=`",
	UnexpectedNullCharacter:                                  "the character U+0000 is not allowed",
	UnexpectedQuestionMarkInsteadOfTagName:                   "`<?` begins a comment in HTML; was this meant for XML or a template engine?",
	UnexpectedSolidusInTag:                                   "a `/` in the tag `{name}` is not followed by `>`",
	UnknownNamedCharacterReference:                           "there is no character reference `&{name}`; a literal `&` is `&amp;`",
}

// treeMessages explain the other errors.
var treeMessages = map[Code]struct{ section, text string }{
	MalformedByteSequence:     {"13.2.3.5", "these bytes are not {name}: save the page in UTF-8, or declare the encoding it is in"},
	UnknownEncoding:           {"13.2.3.2", "the encoding `{name}` of the Content-Type header is unknown; it must be utf-8"},
	MissingDoctype:            {"13.1.1", "the document must begin with `<!DOCTYPE html>`; without it browsers lay it out in quirks mode"},
	QuirkyDoctype:             {"13.1.1", "this DOCTYPE puts browsers into quirks mode; it must be `<!DOCTYPE html>`"},
	AlmostStandardsDoctype:    {"13.1.1", "this DOCTYPE puts browsers into limited-quirks mode; it must be `<!DOCTYPE html>`"},
	ObsoleteDoctype:           {"13.1.1", "this DOCTYPE is obsolete; it must be `<!DOCTYPE html>`"},
	StrayDoctype:              {"13.2.6.4.1", "a DOCTYPE is allowed at the beginning of the document only; this one is ignored"},
	StrayStartTag:             {"13.2.6.4", "the start tag `{name}` is not allowed here and is ignored"},
	StrayEndTag:               {"13.2.6.4", "the end tag `{name}` has no start tag here"},
	MisnestedEndTag:           {"13.2.6.4.7", "the end tag `{name}` closes across other elements; close those first"},
	MismatchedEndTag:          {"13.2.6.5", "the end tag `{name}` does not fit the open element `{other}`"},
	NoElementInScope:          {"13.2.6.4.7", "the end tag `{name}` has no open element `{name}` that it could close here"},
	EndTagWithOpenElements:    {"13.2.6.4", "the end tag `{name}` comes while elements in it are open: their end tags must come first"},
	ImpliedEndTagOpenElements: {"13.2.6.4", "this tag closes the element `{name}` while elements in it are open"},
	UnclosedElement:           {"13.1.2", "the element `{name}` is not closed"},
	EOFWithOpenElements:       {"13.2.6.4.7", "the file ends while elements are open"},
	EOFInText:                 {"13.2.6.4.8", "the file ends in the element `{other}`, which needs an end tag"},
	EndTagAfterBody:           {"13.2.6.4.17", "the end tag `{name}` comes after the end of the body"},
	StartTagAfterBody:         {"13.2.6.4.17", "the start tag `{name}` comes after the end of the body; it must be in the body"},
	TextAfterBody:             {"13.2.6.4.17", "text comes after the end of the body; it must be in the body"},
	ElementBetweenHeadAndBody: {"13.2.6.4.6", "the element `{name}` stands between head and body; it must be in the head"},
	FosterParenting:           {"13.2.6.4.9", "the tag `{name}` is not allowed in a table outside a cell; browsers move the element in front of the table"},
	TextInTable:               {"13.2.6.4.10", "text is not allowed in a table outside a cell; browsers move it in front of the table"},
	StartTagInTableBody:       {"13.2.6.4.13", "the cell `{name}` must be in a row; put it into `tr`"},
	NestedTable:               {"13.2.6.4.9", "a table begins while one is open; a table in a table must be in a cell"},
	NestedForm:                {"13.2.6.4.7", "a form must not be in a form; this start tag is ignored"},
	NestedHeading:             {"13.2.6.4.7", "the heading `{name}` must not be in the heading `{other}`; is an end tag missing?"},
	SameElementOpen:           {"13.2.6.4.7", "the element `{name}` begins while one is open, and closes that; is an end tag missing?"},
	SelectInSelect:            {"13.2.6.4.7", "a select must not be in a select; this start tag closes the open one"},
	InputInSelect:             {"13.2.6.4.7", "an input must not be in a select"},
	OptionInOption:            {"13.2.6.4.7", "`{name}` must not be in an option; is an end tag missing?"},
	NoRowToClose:              {"13.2.6.4.14", "the tag `{name}` comes where no row is open"},
	TextInColgroup:            {"13.2.6.4.12", "text is not allowed in `colgroup`"},
	TextInFrameset:            {"13.2.6.4.18", "text is not allowed in a frameset"},
	TextInHeadNoscript:        {"13.2.6.4.5", "text is not allowed in a `noscript` of the head; put the noscript into the body"},
	StartTagInHeadNoscript:    {"13.2.6.4.5", "the tag `{name}` is not allowed in a `noscript` of the head, only `link`, `meta` and `style` are"},
	FramesetInBody:            {"13.2.6.4.7", "a frameset is not allowed after the body has begun"},
	ImageStartTag:             {"13.2.6.4.7", "the tag `image` does not exist; it must be `img`"},
	HTMLInForeignContent:      {"13.2.6.5", "the HTML tag `{name}` ends the SVG or MathML around it; put it into `foreignObject`, or after the end tag"},
	UnclosedInRuby:            {"13.2.6.4.7", "`{name}` must be a child of `ruby`; the element `{other}` is open"},
	NestingTooDeep:            {"13.2.6", "elements are nested too deep; the rest of the document is not checked"},
	TooManyFormattingElements: {"13.2.4.3", "open formatting elements are repeated too often; the rest of the document is not checked"},
	TooManyErrors:             {"13.2.2", "there are more errors; they are not listed"},
}
