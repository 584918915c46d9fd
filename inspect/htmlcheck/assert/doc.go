// Package assert holds the rules of HTML that no grammar can say: those that compare one
// place of a page with another. It finds skipped heading levels, images without a text
// alternative, duplicate ids and references to none, elements inside those that exclude
// them, tables whose rows do not fit, and attributes that need or exclude one another.
//
// The one call to make is [Check]. It reads the tree once, from the first node to the last,
// with one frame for each open element; time and memory are linear in the page. In a
// template, which becomes part of a page only when a script copies it, only headings,
// tables and options are looked at.
//
// The package never judges what a single element or attribute may be (that is the
// grammar's), nor roles and aria-* attributes (the package aria).
package assert
