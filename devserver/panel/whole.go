package panel

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// parts are the modules that the panel imports elsewhere, with what it calls of each.
var parts = []struct{ name, export string }{
	{viewScript, "start"}, {stylesScript, "swap"}, {profileScript, "show"}, {htmlScript, "show"},
}

// exported begins a declaration that a module exports. The modules import nothing.
var exported = regexp.MustCompile(`(?m)^export `)

// whole returns the script with all of its modules as functions, and the state of the target
// in it, for a page that may forbid both imports and connections. No code is made of text in
// the page, and no policy of the page is touched.
func (h *Handler) whole() []byte {
	var b bytes.Buffer
	b.WriteString("{const parts={")
	for _, p := range parts {
		b.WriteString("'" + p.name + "':()=>{'use strict';\n")
		b.Write(exported.ReplaceAll(scriptNamed(p.name), nil))
		b.WriteString("\nreturn {" + p.export + "}},\n")
	}
	state, err := json.Marshal(h.stateOf(h.cfg.Status()))
	if err != nil {
		panic(err) // our own types always encode
	}
	b.WriteString("},told=" + string(state) + ";\n")
	b.Write(script)
	b.WriteString("}\n")
	return b.Bytes()
}
