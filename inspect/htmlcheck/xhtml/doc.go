// Package xhtml reads documents of the type application/xhtml+xml by the rules of XML 1.0
// (fifth edition) and Namespaces in XML 1.0, into the same tree and with the same exact places
// as package parse, so that all layers of the check read both. The one call to make is [Parse].
//
// Most errors of XML are fatal: a browser shows an error page instead of the document. There is
// then one finding with its place and what would be right, and the tree up to there.
//
// It never fetches a DTD or an entity, as browsers do not. Entities that the document declares
// itself are put in when they are text; those that hold markup are left out. Other
// declarations of the internal subset are read over. Nesting, the size of entities and the
// number of findings are bounded by named constants; time and memory are linear in the document.
//
// encoding/xml gives no places of attributes and takes documents that are not well-formed.
//
// Its ancestor in Paste is the external validator that wdg_validate piped pages through.
package xhtml
