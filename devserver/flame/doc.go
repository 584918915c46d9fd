// Package flame is the flame graph of a call tree, for two pages: the inspector and the
// panel. It is one module without dependencies, which each serves at its own address.
//
// The one call to make is [Script]. The module makes elements and text, never markup,
// so pages under Trusted Types show it too; its style is a constructed sheet, which no
// policy of a page forbids. It asks nobody for anything: who loads it gives it the tree.
//
// Boxes are elements, not a drawing: so a screen reader walks them as a tree, the
// browser cuts long names, and a name that is written from right to left stays in its box.
//
// Its Paste ancestor is debug.profile, which printed the calls beneath the page.
package flame

import (
	_ "embed"
	"encoding/json"
)

//go:embed tree.js
var tree string

//go:embed flame.js
var view string

//go:embed flame.css
var css string

// Script returns the module, in UTF-8. It exports Tree, Flame, and how names, times and
// places are shown.
func Script() string {
	quoted, err := json.Marshal(css) // what is a string in JSON is one in JavaScript
	if err != nil {
		panic(err) // strings always encode
	}
	return "const CSS = " + string(quoted) + ";\n" + tree + "\n" + view
}
