package htmlcheck

import (
	"github.com/pastedev/pastedev/inspect/htmlcheck/aria"
	"github.com/pastedev/pastedev/inspect/htmlcheck/assert"
	"github.com/pastedev/pastedev/inspect/htmlcheck/css"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar"
	"github.com/pastedev/pastedev/inspect/htmlcheck/microdata"
	"github.com/pastedev/pastedev/inspect/htmlcheck/redundant"
	"github.com/pastedev/pastedev/inspect/htmlcheck/script"
	"github.com/pastedev/pastedev/inspect/htmlcheck/xhtml"
)

// layers are the parts of the check that read a parsed page.
var layers = []func(*finding.Page, finding.Sink){
	grammar.Check,
	aria.Check,
	assert.Check,
	microdata.Check,
	script.Check,
	redundant.Check,
	css.Check,
}

func readXHTML(doc []byte, opts Options, emit finding.Sink) *finding.Page {
	page, found := xhtml.Parse(doc, opts.ContentType)
	for i := range found {
		emit(found[i])
	}
	return page
}
