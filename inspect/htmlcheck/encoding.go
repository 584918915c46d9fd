package htmlcheck

import (
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// checkEncoding reports how a page is sent: in another encoding than UTF-8, or without any
// word about it. What meta elements say is not its matter.
func checkEncoding(p *finding.Page, contentType string, emit finding.Sink) {
	in := p.Doc.Input
	f := finding.Finding{Section: "4.2.5.4", Severity: inspect.SeverityError}
	switch {
	case in.Encoding != "utf-8" && in.Source == parse.FromHeader:
		f.Rule = "encoding/legacy-encoding"
		f.Message = "the Content-Type header says that the page is in " + in.Encoding + ": send it in UTF-8, with `charset=utf-8`"
	case in.Encoding != "utf-8" && in.Source == parse.FromBOM:
		f.Rule = "encoding/legacy-encoding"
		f.Message = "the page is in " + in.Encoding + ", as its byte order mark says: save it in UTF-8"
	case contentType != "" && in.Source == parse.FromGuess && p.Doc.MetaCharset == "" && !p.Fragment:
		// A warning: what comes from a file is UTF-8 for vnu, what comes by HTTP an error.
		f.Rule, f.Severity = "encoding/not-declared", inspect.SeverityWarning
		f.Message = "neither the Content-Type header nor the page says its encoding, so browsers guess: send `text/html; charset=utf-8`, or begin the head with `<meta charset=utf-8>`"
	default:
		return
	}
	emit(f)
}
