package panel

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/pastedev/pastedev/devserver/flame"
	"github.com/pastedev/pastedev/inspect"
)

//go:embed assets/profile.js
var profileJS string

// profileScript is the name below [Prefix] of the module that the panel imports when its
// tab "Profile" is opened.
const profileScript = "profile.js"

// maxProfileNodes bounds what a page gets of a call tree. The agent keeps a few thousand
// nodes; a larger tree came from elsewhere, and the inspector shows it.
const maxProfileNodes = 20_000

// profileAnswer is where the time of an exchange went.
type profileAnswer struct {
	Verdict string            `json:"verdict,omitempty"`
	Tree    *inspect.CallTree `json:"tree"` // null when there is none
	Note    string            `json:"note,omitempty"`
	Editor  string            `json:"editor,omitempty"`
}

// serveProfile answers ?of=ID with the call tree of that exchange, when it is the page's own.
func (h *Handler) serveProfile(w http.ResponseWriter, r *http.Request) {
	if h.cfg.CallTree == nil {
		http.Error(w, "pastedev: no such page", http.StatusNotFound)
		return
	}
	ex, _, ok := h.own(w, r)
	if !ok {
		return
	}
	a := profileAnswer{Verdict: plainText(ex.Verdict), Editor: h.editor()}
	tree, err := h.cfg.CallTree(r.Context(), ex.ID)
	switch {
	case errors.Is(err, inspect.ErrNotFound) || err == nil && tree == nil:
		a.Note = "There is no call tree of this request."
	case err != nil:
		a.Note = "The call tree cannot be read: " + plainText(err.Error())
	case len(tree.Nodes) > maxProfileNodes:
		a.Note = fmt.Sprintf("The call tree has %d nodes, too many for this page: see the inspector.", len(tree.Nodes))
	default:
		a.Tree = shortNames(tree)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(a) // an error is the client's leaving
}

// shortNames returns a copy of t whose names are as long as a page shows them.
func shortNames(t *inspect.CallTree) *inspect.CallTree {
	c := *t
	c.Functions = slices.Clone(t.Functions)
	for i := range c.Functions {
		c.Functions[i].Name = short(c.Functions[i].Name)
	}
	return &c
}

// profileNodes is the tab's content; the module takes the place of its first element. A
// page that forbids even an import has the link.
func (h *Handler) profileNodes(id inspect.ID) []any {
	list := []any{element("p", "none", attrs{"role": "status"}, "Loading…")}
	if u := h.inspector("exchanges/" + string(id) + "/profile"); u != "" {
		list = append(list, element("p", "none whole", nil, element("a", "k", attrs{"href": u, "target": "_blank", "rel": "noopener noreferrer"}, "Whole profile, recording and comparison ↗")))
	}
	return list
}

func profileModule() []byte { return []byte(flame.Script() + "\n" + profileJS) }
