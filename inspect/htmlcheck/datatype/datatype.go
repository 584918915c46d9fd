// Package datatype knows the kinds of values that attributes take: URLs, dates, numbers,
// languages, identifiers. The one call to make is [Check]; an engine that checks the same
// kind often takes its [Type] once by [Lookup]. It knows no elements and no attributes: which
// attribute takes which kind is the grammar's business. It never fetches what a value names.
//
// Its ancestor in Paste is the external validator that wdg_validate piped pages through.
package datatype

import (
	"sync"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// Problem is what is wrong with a value.
type Problem struct {
	// Start and End are the bytes of the value that are wrong; both 0 means all of it.
	Start, End int
	// Message says what is wrong and what would be right. It can follow the words "the value".
	Message string
	// Warning says that the value is valid, but probably not what was meant.
	Warning bool
	// Rule is the stable name of what is wrong; never empty.
	Rule finding.Rule
}

// Type is a kind of value.
type Type struct {
	Name    string
	Section string // of the HTML standard, or of another one by name
	// Check returns nil when nothing is wrong. It is safe for concurrent use, linear in the
	// value, and does not allocate when it returns nil, except where its file says so.
	Check func(value string) *Problem
}

// table is made at the first use, so that a program that checks nothing pays nothing.
var table = sync.OnceValue(func() map[string]Type {
	m := make(map[string]Type, 256)
	for _, types := range parts() {
		for _, t := range types {
			if _, twice := m[t.Name]; twice {
				panic("datatype: " + t.Name + " is there twice")
			}
			m[t.Name] = t
		}
	}
	return m
})

// parts lists the types of each file. A new type goes into the list of its file.
func parts() [][]Type {
	return [][]Type{
		urlTypes(), nameTypes(), textTypes(), numberTypes(), dateTypes(), languageTypes(),
		mimeTypes(), linkTypes(), keywordTypes(), shapeTypes(), metaTypes(),
		mediaTypes(), autofillTypes(), svgTypes(), mathmlTypes(),
	}
}

// Lookup returns the type of this name.
func Lookup(name string) (Type, bool) {
	t, ok := table()[name]
	return t, ok
}

// Known reports whether there is a type of this name.
func Known(name string) bool {
	_, ok := table()[name]
	return ok
}

// Check tells what is wrong with a value of the named type; nil when nothing is. A name that
// is not Known panics: the grammar's test sees to it that there is none.
func Check(name, value string) *Problem {
	t, ok := table()[name]
	if !ok {
		panic("datatype: no type is called " + name)
	}
	return t.Check(value)
}

// anything is the check of a type that takes every value.
func anything(string) *Problem { return nil }
