// Package microdata checks the items of a page and their properties (HTML 5.2): properties that
// belong to no item, references to elements that are not there, to the same element twice or in
// a circle, and attributes that mean nothing without an item. The one call to make is [Check].
//
// The forms of single values (URLs of itemtype and itemid, names of itemprop, all of RDFa) are
// the grammar's. What the vocabularies say of types and properties is not checked.
//
// Its ancestor in Paste is the external validator that wdg_validate piped pages through.
package microdata
