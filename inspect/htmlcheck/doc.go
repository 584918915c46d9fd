// Package htmlcheck checks HTML pages against the WHATWG HTML standard, as the Nu HTML
// checker does, in a few milliseconds and in this process: syntax, the places of elements,
// attributes and their values, ARIA, and what no grammar can say.
//
// The one call to make is [Check]; [Report] groups what it finds for a person to read.
// [Rules] lists all that can be found. They are safe for concurrent use.
//
// The layers, each a package of its own: parse (the standard's parser, with its errors),
// grammar (content models and attributes), datatype (values), assert (rules about how
// parts of a page relate), aria, microdata, css, script, redundant. xhtml reads XML into the same tree.
//
// The check never fetches anything, never executes anything, and never changes a page. It
// cannot judge what needs rendering (contrast, layout) or knowledge of the meaning.
//
// Its ancestor is Paste's paste.debug.wdg_validate, which piped each page through an
// external program and pasted the answer into the page.
package htmlcheck
