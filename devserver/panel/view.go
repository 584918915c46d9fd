package panel

import (
	_ "embed"
	"encoding/json"
)

//go:embed assets/view.js
var viewJS string

// viewCSS is the style of what is laid out here, for the panel's shadow root.
//
//go:embed assets/view.css
var viewCSS string

//go:embed assets/styles.js
var stylesJS string

// The names below [Prefix] of the modules that the panel imports: viewScript when it is
// opened, or a build fails, for the first time; stylesScript at the first edit of styles.
const (
	viewScript   = "view.js"
	stylesScript = "styles.js"
)

// viewModule is the opened panel.
func viewModule() []byte {
	quoted, err := json.Marshal(viewCSS) // what is a string in JSON is one in JavaScript
	if err != nil {
		panic(err) // strings always encode
	}
	return []byte("const CSS = " + string(quoted) + ";\n" + viewJS)
}
