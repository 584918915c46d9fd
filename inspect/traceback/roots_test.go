package traceback

import (
	"path/filepath"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

func TestClassify(t *testing.T) {
	roots := testRoots
	roots.Workspace = []string{"/home/ann/lib"}
	app, dep, std := inspect.FrameApp, inspect.FrameDependency, inspect.FrameStandard
	tests := []struct {
		name, language, function, path string
		roots                          Roots
		want                           inspect.FrameOrigin
		file                           string
	}{
		{"module", "go", "example.com/shop/cart.New", "/home/ann/shop/cart/cart.go", roots, app, "cart/cart.go"},
		{"main", "go", "main.main", "/home/ann/shop/main.go", roots, app, "main.go"},
		{"workspace", "go", "example.com/lib.F", "/home/ann/lib/f.go", roots, app, "/home/ann/lib/f.go"},
		{"a folder with a longer name", "go", "example.com/shop2.F", "/home/ann/shop2/f.go", roots, dep, "/home/ann/shop2/f.go"},
		{"vendored", "go", "github.com/x/y.F", "/home/ann/shop/vendor/github.com/x/y/f.go", roots, dep, "vendor/github.com/x/y/f.go"},
		{"module cache", "go", "github.com/x/y.F", "/home/ann/go/pkg/mod/github.com/x/y@v1.0.0/f.go", roots, dep, "/home/ann/go/pkg/mod/github.com/x/y@v1.0.0/f.go"},
		{"std", "go", "net/http.F", "/usr/local/go/src/net/http/server.go", roots, std, "/usr/local/go/src/net/http/server.go"},
		{"std of another toolchain", "go", "net/http.F", "/home/ann/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.27.4.linux-amd64/src/net/http/server.go", roots, std, "/home/ann/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.27.4.linux-amd64/src/net/http/server.go"},
		{"trimmed module", "go", "example.com/shop/cart.New", "example.com/shop/cart/cart.go", roots, app, "cart/cart.go"},
		{"trimmed dependency", "go", "github.com/x/y.F", "github.com/x/y@v1.0.0/f.go", roots, dep, "github.com/x/y@v1.0.0/f.go"},
		{"trimmed std", "go", "net/http.F", "net/http/server.go", roots, std, "net/http/server.go"},
		{"nothing known, std", "go", "net/http.F", "/opt/go/src/net/http/server.go", Roots{}, std, "/opt/go/src/net/http/server.go"},
		{"nothing known, app", "go", "shop/cart.F", "/src/shop/cart/cart.go", Roots{}, app, "/src/shop/cart/cart.go"},
		{"python", "python", "f", "app.py", roots, app, "app.py"},
		{"python package", "python", "f", "/home/ann/shop/.venv/lib/python3.13/site-packages/flask/app.py", roots, dep, ".venv/lib/python3.13/site-packages/flask/app.py"},
		{"python std", "python", "f", "/usr/lib/python3.13/json/decoder.py", roots, std, "/usr/lib/python3.13/json/decoder.py"},
		{"python frozen", "python", "f", "<frozen importlib._bootstrap>", roots, std, "<frozen importlib._bootstrap>"},
		{"node", "node", "f", "file:///home/ann/shop/app.mjs", roots, app, "app.mjs"},
		{"node package", "node", "f", "/home/ann/shop/node_modules/express/lib/x.js", roots, dep, "node_modules/express/lib/x.js"},
		{"node std", "node", "f", "node:internal/main", roots, std, "node:internal/main"},
		{"node on Windows", "node", "f", `C:\shop\app.js`, roots, app, `C:\shop\app.js`},
		{"ruby gem", "ruby", "f", "/usr/lib/ruby/gems/3.4.0/gems/rack-3/x.rb", roots, dep, "/usr/lib/ruby/gems/3.4.0/gems/rack-3/x.rb"},
		{"ruby std", "ruby", "f", "/usr/lib/ruby/3.4.0/json.rb", roots, std, "/usr/lib/ruby/3.4.0/json.rb"},
		{"php package", "php", "f", "/home/ann/shop/vendor/slim/App.php", roots, dep, "vendor/slim/App.php"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := inspect.Frame{Location: inspect.Location{Function: tt.function, Path: tt.path, File: tt.path, Line: 1}}
			for range 2 { // it is idempotent
				tt.roots.classify(&f, tt.language)
				if f.Origin != tt.want || filepath.ToSlash(f.File) != tt.file && tt.language != "node" || tt.language == "node" && f.File != tt.file {
					t.Errorf("got %s %s, want %s %s", f.Origin, f.File, tt.want, tt.file)
				}
			}
		})
	}
}
