package devserver_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/accesslog"
	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/become"
	"github.com/pastedev/pastedev/devserver/auth/cas"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/devserver/auth/form"
	"github.com/pastedev/pastedev/devserver/auth/grantip"
	"github.com/pastedev/pastedev/devserver/auth/multi"
	"github.com/pastedev/pastedev/devserver/auth/signed"
	"github.com/pastedev/pastedev/devserver/auth/ticket"
	"github.com/pastedev/pastedev/devserver/cascade"
	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/chaos"
	"github.com/pastedev/pastedev/devserver/compress"
	"github.com/pastedev/pastedev/devserver/errordoc"
	"github.com/pastedev/pastedev/devserver/httperr"
	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/recursive"
	"github.com/pastedev/pastedev/devserver/session"
	"github.com/pastedev/pastedev/devserver/static"
	"github.com/pastedev/pastedev/devserver/tree"
	"github.com/pastedev/pastedev/devserver/upstream"
	"github.com/pastedev/pastedev/devserver/urlmap"
)

// The zero value of everything works: what only adds something passes requests through,
// what asks who somebody is lets nobody in, what serves something has nothing.
func TestToolkitZeroValues(t *testing.T) {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "app") })
	sessions, err := session.New(session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // what names no folder may mean this one
	files := new(tree.Tree)
	t.Cleanup(func() { _ = files.Close() })
	for name, tt := range map[string]struct {
		h      http.Handler
		status int
	}{
		"accesslog":     {new(accesslog.Middleware).Handler(next), 200},
		"compress":      {new(compress.Middleware).Handler(next), 200},
		"errordoc":      {new(errordoc.Middleware).Handler(next), 200},
		"recursive":     {new(recursive.Middleware).Handler(next), 200},
		"httperr":       {new(httperr.Middleware).Handler(next), 200},
		"httperr.Error": {new(httperr.Error), 500},
		"chaos":         {chaos.Chaos{}.Handler(next), 200},
		"session":       {sessions.Handler(next), 200},
		"echo":          {httpx.Echo{}, 200},
		"cascade":       {new(cascade.Cascade), 404},
		"urlmap":        {new(urlmap.Map), 404},
		"static":        {new(static.Files), 404},
		"tree":          {files, 404},
		"cgi":           {new(cgi.Handler), 500},
		"cgi.Dir":       {new(cgi.Dir), 500},
		"upstream":      {new(upstream.Proxy), 502},
		"auth.Require":  {new(auth.Require).Handler(next), 401},
		"basic":         {new(basic.Auth).Handler(next), 401},
		"digest":        {new(digest.Auth).Handler(next), 401},
		"form":          {new(form.Login).Handler(next), 401},
		"form.Logout":   {new(form.Logout).Handler(next), 200},
		"cas":           {new(cas.Client).Handler(next), 500},
		"ticket":        {new(ticket.Cookie).Handler(next), 200},
		"ticket.Away":   {new(ticket.Away).Handler(next), 401},
		"signed":        {new(signed.Cookie).Handler(next), 200},
		"multi":         {new(multi.Choose).Handler(next), 200},
		"grantip":       {new(grantip.Grant).Handler(next), 200},
		"become":        {new(become.Picker).Handler(next), 200},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				w := httptest.NewRecorder()
				tt.h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
				body := w.Body.String()
				if status := tt.status; w.Code != status && !(method == "POST" && w.Code == http.StatusMethodNotAllowed) {
					t.Errorf("%s: %d %s, want %d", method, w.Code, body, status)
				}
				if name != "echo" && method != "HEAD" && (body == "app") != (tt.status == 200) {
					t.Errorf("%s: %q", method, body)
				}
			}
		})
	}
}

// inner are the packages below devserver that are no tool for others: parts of pastedev.
var inner = []string{"control", "flame", "inject", "panel", "proxy"}

// Each tool says what it is, what it never does and what it was in Paste, and shows how it
// is called, with what comes out.
func TestToolkitIsDocumented(t *testing.T) {
	var tools []string
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || dir == "." {
			return err
		}
		if slices.Contains(inner, dir) || d.Name() == "internal" || d.Name() == "testdata" {
			return fs.SkipDir
		}
		about, examples := inspectPackage(t, dir)
		if about == "" && examples == 0 {
			return nil // a folder of files
		}
		tools = append(tools, dir)
		for _, word := range []string{"Package " + filepath.Base(dir), "Paste", "never"} {
			if !strings.Contains(about, word) {
				t.Errorf("%s: the package comment has no %q", dir, word)
			}
		}
		if examples == 0 {
			t.Errorf("%s: no example with output", dir)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"accesslog", "auth", "auth/basic", "auth/become", "auth/cas", "auth/digest", "auth/form", "auth/grantip", "auth/multi", "auth/signed", "auth/ticket",
		"cascade", "cgi", "chaos", "compress", "errordoc", "httperr", "httpx", "recursive", "session", "static", "tree", "upstream", "urlmap"}
	for i, s := range tools {
		tools[i] = filepath.ToSlash(s)
	}
	if d := cmp.Diff(want, tools); d != "" {
		t.Errorf("the tools, which the tables of these tests must name: -want +got\n%s", d)
	}
}

// inspectPackage returns the package comment and the number of examples whose output is held
// against what they say.
func inspectPackage(t *testing.T, dir string) (about string, examples int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(e.Name(), "_test.go") {
			about += docOf(file)
			continue
		}
		for _, x := range doc.Examples(file) {
			if x.Output != "" || x.EmptyOutput {
				examples++
			}
		}
	}
	return about, examples
}

func docOf(file *ast.File) string {
	if file.Doc == nil {
		return ""
	}
	return file.Doc.Text()
}
