package flame

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// maxScript is for a page of the app, which loads it when its tab is opened.
const maxScript = 32_000

func TestScript(t *testing.T) {
	s := Script()
	if len(s) > maxScript {
		t.Errorf("the module has %d bytes, more than %d", len(s), maxScript)
	}
	for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "createContextualFragment", "DOMParser", `"style"`, "import("} {
		if strings.Contains(s, sink) {
			t.Errorf("the module has %s", sink)
		}
	}
	if !utf8.ValidString(s) || !strings.HasPrefix(s, `const CSS = "`) {
		t.Errorf("the module begins %.40q", s)
	}
}
