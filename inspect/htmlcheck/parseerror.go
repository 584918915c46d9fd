package htmlcheck

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// parseFinding makes a finding of an error of the parser.
func parseFinding(e *parse.Error) finding.Finding {
	return finding.Finding{
		Rule:     parseRule(e.Code),
		Severity: parseSeverity(e),
		Span:     e.Span,
		Message:  e.Message(),
		Section:  e.Code.Section(),
	}
}

// parseSeverity is that of vnu, which lets a few of the standard's parse errors pass.
func parseSeverity(e *parse.Error) inspect.Severity {
	switch e.Code {
	case parse.IncorrectlyClosedComment, parse.EOFInCdata, parse.EOFInScriptHTMLCommentLikeText:
		return inspect.SeverityWarning
	case parse.UnknownNamedCharacterReference:
		if !parse.BeginsReference(strings.TrimSuffix(e.Name, ";")) {
			return inspect.SeverityWarning
		}
	}
	return inspect.SeverityError
}

// parseRule is the rule of a parser's error. The parser knows the standard's codes only; this
// is the one place where a rule is put together.
func parseRule(c parse.Code) finding.Rule {
	return finding.Rule(string(parseFamily(c)) + "/" + string(c))
}

func parseFamily(c parse.Code) finding.Family {
	switch {
	case c == parse.MalformedByteSequence, c == parse.UnknownEncoding:
		return finding.Encoding
	case c.Standard():
		return finding.ParseToken
	default:
		return finding.ParseTree
	}
}

// needsEnd reports whether a finding may only be due to the end of a document that was
// checked in part.
func needsEnd(f *finding.Finding, size int) bool {
	switch name := f.Rule.Name(); f.Rule.Family() {
	case finding.ParseToken, finding.ParseTree:
		return f.Span.End >= size && name != string(parse.MissingDoctype) || strings.HasPrefix(name, "eof-") || name == string(parse.UnclosedElement)
	case finding.IDRef, finding.ARIA, finding.A11y:
		return strings.HasSuffix(name, "-reference") || strings.HasPrefix(name, "no-")
	case finding.ContentModel:
		return strings.HasPrefix(name, "missing-") && f.Node != nil && f.Node.EndTag.Len() == 0
	default:
		return false
	}
}
