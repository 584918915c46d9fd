// Package grammar checks a page against the grammar of HTML, SVG and MathML: which element
// may stand where, what must be in it, which attributes it has and of what form their values
// are. The one call to make is [Check].
//
// The grammar itself is written in the *.grammar files, in the notation that NOTATION.md
// explains, and compiled by go generate: content models to automata, attribute lists to
// tables. Nothing of it is computed while a page is checked, so there is no cache to fill,
// to bound or to lock, and the first page takes as long as the next one.
//
// What no grammar says is not checked here: ids and what refers to them, ARIA, headings,
// forbidden descendants. An element that is not allowed is one finding: what is below it is
// not looked at, except for obsolete elements and attributes.
//
// Its ancestor in Paste is the external validator that wdg_validate piped pages through.
package grammar
