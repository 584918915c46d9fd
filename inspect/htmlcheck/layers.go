package htmlcheck

import (
	"github.com/pastedev/pastedev/inspect/htmlcheck/assert"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar"
	"github.com/pastedev/pastedev/inspect/htmlcheck/script"
)

// layers are the parts of the check that read a parsed page.
var layers = []func(*finding.Page, finding.Sink){
	grammar.Check,
	assert.Check,
	script.Check,
}

func readXHTML(doc []byte, opts Options, emit finding.Sink) *finding.Page {
	opts.ContentType = "text/html"
	return read(doc, opts, emit)
}
