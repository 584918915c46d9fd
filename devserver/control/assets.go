package control

import (
	"embed"
	"net/http"
	"path"
	"strings"

	"github.com/pastedev/pastedev/devserver/flame"
)

//go:embed assets
var assets embed.FS

// assetTypes are the types served, by extension: the system's own tables differ.
var assetTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

// flameScript is the name of the flame graph, which is no file of this package.
const flameScript = "flame.js"

func readAsset(name string) ([]byte, error) {
	if name == flameScript {
		return []byte(flame.Script()), nil
	}
	return assets.ReadFile("assets/" + name)
}

// serveAsset serves the inspector page. It holds no data and needs no token.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	b, err := readAsset(name)
	if err != nil {
		p := newProblem(http.StatusNotFound, "there is no "+r.URL.Path+" here", "the inspector page is at / and the API at /api/v1/")
		p.Type = problemNotFound
		writeProblem(w, p)
		return
	}
	if r.Method == http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "the page can only be read", "POST goes to /api/v1/"))
		return
	}
	w.Header().Set("Content-Type", assetTypes[path.Ext(name)])
	_, _ = w.Write(b)
}
