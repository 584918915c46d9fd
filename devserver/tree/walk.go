package tree

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

const (
	// maxNames bounds the files of a folder that are looked at for one that fits without
	// its extension; who has more names them in full.
	maxNames = 10_000
	// maxCandidates bounds the names that an ambiguous path is told.
	maxCandidates = 20
)

// walk follows the path of one request.
type walk struct {
	t    *Tree
	root *os.Root
}

// folder returns what serves the folder at name. skip is the folder whose NotFound has
// been asked already, or empty.
func (k *walk) folder(name, skip string) http.Handler {
	hooks := k.t.Hooks[name]
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hooks.App != nil {
			hooks.App.ServeHTTP(w, r)
			return
		}
		k.inFolder(w, r, name, skip)
	})
	if hooks.Wrap != nil {
		h = hooks.Wrap(h)
	}
	if hooks.Before == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, cmp.Or(hooks.Before(r), r))
	})
}

// inFolder serves what lies in the folder.
func (k *walk) inFolder(w http.ResponseWriter, r *http.Request, name, skip string) {
	if e, ok := k.programFolder(name); ok {
		k.t.serveProgram(w, r, e)
		return
	}
	segment, rest, ok := httpx.Pop(r)
	if !ok {
		k.index(w, r, name, skip)
		return
	}
	e, candidates := k.find(name, segment)
	switch {
	case e.Info == nil:
		k.notFound(w, r, name, skip, candidates)
	case e.Info.IsDir():
		k.folder(e.Name, "").ServeHTTP(w, rest)
	default:
		k.file(w, r, rest, e, name, skip)
	}
}

// index serves the folder's index. A folder whose address lacks the slash redirects to
// the one with it, if there is an index.
func (k *walk) index(w http.ResponseWriter, r *http.Request, name, skip string) {
	index := k.t.Index
	if index == nil {
		index = defaultIndex
	}
	for _, segment := range index {
		e, candidates := k.find(name, segment)
		if e.Info == nil && len(candidates) == 0 || e.Info != nil && e.Info.IsDir() {
			continue
		}
		switch {
		case r.URL.Path == "" && httpx.MountPoint(r.Context()) != "":
			redirectToSlash(w, r)
		case e.Info == nil:
			k.notFound(w, r, name, skip, candidates)
		default:
			r2 := r.Clone(r.Context())
			r2.URL.Path, r2.URL.RawPath = "", ""
			k.file(w, r, r2, e, name, skip)
		}
		return
	}
	k.notFound(w, r, name, skip, nil)
}

// file serves e; asked is the request in its folder, rest that below e.
func (k *walk) file(w http.ResponseWriter, asked, rest *http.Request, e Entry, folder, skip string) {
	h, whole := k.t.handler(k.root, e)
	if h == nil || !whole && rest.URL.Path != "" {
		k.notFound(w, asked, folder, skip, nil)
		return
	}
	h.ServeHTTP(w, rest)
}

// notFound asks the folder's hook, once, or answers 404.
func (k *walk) notFound(w http.ResponseWriter, r *http.Request, name, skip string, candidates []string) {
	hook := k.t.Hooks[name].NotFound
	if hook == nil || skip == name {
		f := &Failure{Status: http.StatusNotFound, Message: "nothing here"}
		if len(candidates) > 0 {
			f.Message = "more than one file fits, and none exactly: " + strings.Join(candidates, ", ")
			f.Hint = "add the extension to the path"
		}
		serveFailure(w, r, f)
		return
	}
	hook(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { k.inFolder(w, r, name, name) }))
}

// find returns the file or folder that segment names in a folder. Its Info is nil if
// there is none or more than one; these are the candidates then.
func (k *walk) find(folder, segment string) (Entry, []string) {
	if !httpx.NamesFile(segment) {
		return Entry{}, nil
	}
	if e, ok := k.entry(folder, segment); ok {
		return e, nil
	}
	dir, err := k.root.Open(filepath.FromSlash(folder))
	if err != nil {
		return Entry{}, nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(maxNames)
	var found, pages []Entry
	var candidates []string
	for _, name := range names {
		ext := path.Ext(name)
		if strings.TrimSuffix(name, ext) != segment || ext == "" || !httpx.NamesFile(name) || slices.ContainsFunc(k.t.Ignore, fold(ext)) {
			continue
		}
		if e, ok := k.entry(folder, name); ok && !e.Info.IsDir() {
			found = append(found, e)
			candidates = append(candidates, name)
			if k.t.page(ext) {
				pages = append(pages, e)
			}
		}
	}
	if len(pages) == 1 {
		return pages[0], nil
	}
	if len(found) == 1 {
		return found[0], nil
	}
	slices.Sort(candidates)
	return Entry{}, candidates[:min(len(candidates), maxCandidates)]
}

func fold(s string) func(string) bool {
	return func(other string) bool { return strings.EqualFold(s, other) }
}

// entry looks at one name.
func (k *walk) entry(folder, name string) (Entry, bool) {
	full := path.Join(folder, name)
	info, err := k.root.Stat(filepath.FromSlash(full))
	if err != nil || !info.IsDir() && (!info.Mode().IsRegular() || k.t.hidden(name)) {
		return Entry{}, false
	}
	return Entry{Name: full, Path: filepath.Join(k.t.abs, filepath.FromSlash(full)), Info: info}, true
}

// hidden reports whether a file of that name is never served.
func (t *Tree) hidden(name string) bool {
	hide := t.Hide
	if hide == nil {
		hide = defaultHide
	}
	return strings.HasSuffix(name, "~") || strings.HasSuffix(strings.ToLower(name), "_test.go") || slices.ContainsFunc(hide, fold(path.Ext(name)))
}

// page reports whether files with an extension go before others of their name: about.html
// before about.css.
func (t *Tree) page(ext string) bool {
	switch ext = strings.ToLower(ext); ext {
	case ".html", ".htm", ".xhtml", ".cgi", ".go", ".url":
		return true
	}
	return t.kinds[ext] != nil
}

// programFolder returns the folder as an entry if it is a Go program.
func (k *walk) programFolder(name string) (Entry, bool) {
	if k.t.kinds[".go"] != nil {
		return Entry{}, false
	}
	e, ok := k.entry(name, "main.go")
	if !ok || e.Info.IsDir() || !isMain(k.root, e) {
		return Entry{}, false
	}
	info, err := k.root.Stat(filepath.FromSlash(name))
	if err != nil {
		return Entry{}, false
	}
	return Entry{Name: name, Path: filepath.Dir(e.Path), Info: info}, true
}

func (e Entry) String() string { return fmt.Sprintf("%s (%s)", e.Name, e.Path) }
