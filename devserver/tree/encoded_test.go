package tree_test

import (
	"testing"

	"github.com/pastedev/pastedev/devserver/tree"
)

// An encoded slash separates nothing: it is a character of a name that no file has. So a
// rule for a folder cannot be gone around by it.
func TestEncodedSlashSeparatesNothing(t *testing.T) {
	tr := newTree(t, &tree.Tree{Dir: folder(t, map[string]string{"sub/x.txt": "x", "app.cgi": "#!/bin/sh\n"}), Program: show})
	for target, want := range map[string]int{
		"/sub/x.txt": 200, "/sub%2Fx.txt": 404, "/sub%2fx.txt": 404, "/sub%2Fx": 404, "/sub%5Cx.txt": 404, "/%2Fsub/x.txt": 404, "/.%2Fsub/x.txt": 404,
		"/app.cgi%2Fa": 404, "/app/a%2Fb": 200,
	} {
		if w := ask(t, tr, "GET", target); w.Code != want {
			t.Errorf("%s: %d %s, want %d", target, w.Code, w.Body, want)
		}
	}
}
