package static

import (
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Files serves the files of FS below its mount point. It is safe for concurrent use; the
// fields must not change while it serves.
type Files struct {
	// FS holds the files. [Dir] makes one of a directory that lets nothing escape;
	// embed.FS, *zip.Reader and others will do. Nil: nothing is found.
	FS fs.FS

	// Index names the files that answer for a directory, the first that is there.
	// Nil: index.html. Empty but not nil: none does.
	Index []string

	// Listing shows the directories that have no index, as a page or, if Accept prefers
	// it, as JSON. False: they are not found.
	Listing bool

	// SPA is the file that answers navigations to paths that are not there, such as
	// "index.html": the routes of a single-page application. Scripts, images and fetch
	// calls still get 404. Empty: none.
	SPA string

	// CacheControl is that field of what is served. Empty: no-store. "-": the field is
	// not sent.
	CacheControl string

	// Dotfiles serves and lists names that begin with a dot. False: they are not found;
	// only /.well-known/ (RFC 8615) is.
	Dotfiles bool

	// NoPrecompressed leaves name.br, name.zst and name.gz aside when name is asked for.
	// False: one of them answers if the client accepts its coding, the type is one that
	// compresses, and it is not older than name by more than 2 s.
	NoPrecompressed bool

	// Types gives content types by extension with its dot, lower case; they come before
	// those of [ContentType]. Nil: none.
	Types map[string]string
}

// ServeHTTP answers r with a file, an index, a listing, a redirect to the directory's
// own path, or the reason why there is none.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		httpx.Refusal{Status: http.StatusMethodNotAllowed, Detail: "files are only read here: " + r.Method + " is not allowed"}.Send(w, r)
		return
	}
	name, why := f.name(r.URL)
	if why != "" {
		f.notFound(w, r, why)
		return
	}
	file, info, err := f.open(name)
	if err != nil {
		f.missing(w, r, name, err)
		return
	}
	defer file.Close()
	switch slash := strings.HasSuffix(r.URL.Path, "/"); {
	case info.IsDir() && !slash:
		f.redirect(w, r)
	case info.IsDir():
		f.directory(w, r, name, file)
	case slash:
		f.notFound(w, r, name+" is a file, and the path goes on after it")
	default:
		f.file(w, r, name, file, info)
	}
}

// name returns the name in FS that u asks for, or why there can be none.
func (f *Files) name(u *url.URL) (name, why string) {
	if strings.Contains(strings.ToLower(u.RawPath), "%2f") {
		return "", "no file has a slash (%2F) in its name"
	}
	name = strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	if name == "" && len(u.Path) < 2 {
		return ".", ""
	}
	if !fs.ValidPath(name) || name == "." || strings.IndexByte(name, 0) >= 0 {
		return "", "the path holds an empty segment, \".\" or \"..\", or is not UTF-8"
	}
	if !f.Dotfiles && hidden(name) {
		return "", "names that begin with a dot are not served"
	}
	return name, ""
}

// hidden reports whether a segment of name begins with a dot; RFC 8615's does not count.
func hidden(name string) bool {
	if rest, ok := strings.CutPrefix(name, ".well-known"); ok && (rest == "" || rest[0] == '/') {
		name = strings.TrimPrefix(rest, "/")
	}
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

// open opens a regular file or directory. What else there is (a pipe, a device) counts
// as not there.
func (f *Files) open(name string) (fs.File, fs.FileInfo, error) {
	if f.FS == nil {
		return nil, nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if _, ours := f.FS.(*Directory); !ours {
		if s, ok := f.FS.(fs.StatFS); ok { // opening a pipe would wait for its writer
			info, err := s.Stat(name)
			if err != nil {
				return nil, nil, err
			}
			if !info.IsDir() && !info.Mode().IsRegular() {
				return nil, nil, &fs.PathError{Op: "open", Path: name, Err: errNoFile}
			}
		}
	}
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errNoFile}
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// directory answers for a directory whose path ends in a slash.
func (f *Files) directory(w http.ResponseWriter, r *http.Request, name string, dir fs.File) {
	var looked []string
	for _, index := range f.indexes() {
		at := path.Join(name, index)
		file, info, err := f.open(at)
		if err == nil && !info.IsDir() {
			defer file.Close()
			f.file(w, r, at, file, info)
			return
		}
		if err == nil {
			file.Close()
		} else if statusOf(err) != http.StatusNotFound {
			f.missing(w, r, at, err)
			return
		}
		looked = append(looked, at)
	}
	switch {
	case f.Listing:
		f.list(w, r, name, dir)
	case len(looked) == 0:
		f.notFound(w, r, name+" is a directory")
	default:
		f.notFound(w, r, "looked for "+strings.Join(looked, ", "))
	}
}

func (f *Files) indexes() []string {
	if f.Index == nil {
		return []string{"index.html"}
	}
	return slices.DeleteFunc(slices.Clone(f.Index), func(s string) bool { return !fs.ValidPath(s) })
}

// redirect sends the client to the directory's path with its slash; the query stays.
func (f *Files) redirect(w http.ResponseWriter, r *http.Request) {
	here := (&url.URL{Path: httpx.MountPoint(r.Context())}).EscapedPath() + r.URL.EscapedPath()
	if asked, _, _ := strings.Cut(r.RequestURI, "?"); httpx.MountPoint(r.Context()) == "" &&
		strings.HasPrefix(asked, "/") && strings.HasSuffix(asked, r.URL.EscapedPath()) {
		here = asked // http.StripPrefix took the rest, and tells nobody
	}
	to := "/" + strings.TrimLeft(here, `/\`) // "//host/" would lead to another host
	if to = strings.TrimRight(to, "/") + "/"; r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	f.cacheControl(w.Header())
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusMovedPermanently)
}

func (f *Files) cacheControl(h http.Header) {
	switch f.CacheControl {
	case "":
		h.Set("Cache-Control", "no-store")
	case "-":
	default:
		h.Set("Cache-Control", f.CacheControl)
	}
}
