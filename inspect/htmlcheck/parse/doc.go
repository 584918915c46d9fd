// Package parse reads HTML as the WHATWG HTML standard says (section 13.2): it tokenizes
// a document state for state, builds the tree a browser would build, and reports every
// parse error with its place. x/net/html builds the same trees, but has neither errors
// nor positions.
//
// The one call to make is [Parse]; a [Tokenizer] can be used alone. Positions are byte
// offsets into the bytes the caller gave, also when these were in another encoding, had a
// byte order mark or CR LF line ends. [Document.Position] makes line and column of an
// offset; columns count UTF-16 code units from 1, as browsers, editors (LSP) and the Nu
// HTML checker count them.
//
// Codes of tokenizer errors are the standard's own. Errors of the tree construction have
// no codes in the standard: theirs are ours, and stable (see [Error]).
//
// Where the standard is younger than the tools that read HTML, two things are kept apart.
// Processing instructions (standard of June 2026) are bogus comments with an error, as
// everywhere before, unless Options.ProcessingInstructions is set. A declarative shadow root
// and a template with a for attribute stay the templates that the source shows, with their
// contents below them, because a checker wants to see the author's tree.
//
// The package never fetches, never executes, and never recurses by depth. Time and memory
// are linear in the input: nesting, formatting elements and errors are bounded by named
// limits, and a document that passes one is marked Truncated. Everything is safe for
// concurrent use, one Tokenizer by one goroutine.
package parse
