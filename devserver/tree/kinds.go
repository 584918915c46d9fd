package tree

import (
	"bufio"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

const (
	// maxGoHead is what is read of a Go file for its package clause: comments before it
	// are licences and documentation.
	maxGoHead = 256 << 10
	// maxURLFile is what is read of a *.url file: one address and a few comments.
	maxURLFile = 16 << 10
)

// handler returns what serves e, and whether it also serves what follows its name. It
// returns nil for a file that is not to be served.
func (t *Tree) handler(root *os.Root, e Entry) (h http.Handler, whole bool) {
	ext := strings.ToLower(path.Ext(e.Name))
	if makes := t.kinds[ext]; makes != nil {
		return makes(e), true
	}
	switch {
	case ext == ".go":
		if !isMain(root, e) {
			return nil, false
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.serveProgram(w, r, e) }), true
	case ext == ".url":
		return t.urlFile(root, e), true
	case ext == ".cgi" || executable(root, e):
		if t.Program == nil {
			return failing(&Failure{Status: 500, Message: e.Name + " is a program, and programs are not run here"}), true
		}
		return t.Program(e), true
	case t.File != nil:
		return t.File(e), false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveFile(w, r, root, e) }), false
}

// serveFile serves a plain file.
func serveFile(w http.ResponseWriter, r *http.Request, root *os.Root, e Entry) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		serveFailure(w, r, &Failure{Status: http.StatusMethodNotAllowed, Message: "a file can only be asked for with GET and HEAD"})
		return
	}
	f, err := root.Open(filepath.FromSlash(e.Name))
	if err != nil {
		serveFailure(w, r, &Failure{Status: http.StatusForbidden, Message: e.Name + " cannot be read", Err: bare(err)})
		return
	}
	defer f.Close()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, path.Base(e.Name), e.Info.ModTime(), f)
}

func failing(f *Failure) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveFailure(w, r, f) })
}

// executable reports whether e is a program: the mode says so, and it begins as one. On
// file systems without modes, where every file has them all, pages are still pages.
func executable(root *os.Root, e Entry) bool {
	if runtime.GOOS != "windows" && e.Info.Mode().Perm()&0o111 == 0 {
		return false
	}
	f, err := root.Open(filepath.FromSlash(e.Name))
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [4]byte
	if n, _ := io.ReadFull(f, magic[:]); n < len(magic) {
		return false
	}
	switch string(magic[:]) {
	case "\x7fELF", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe":
		return runtime.GOOS != "windows"
	}
	return magic[0] == '#' && magic[1] == '!'
}

// isMain reports whether e is a Go file of package main. One that cannot be told is: its
// errors are shown then.
func isMain(root *os.Root, e Entry) bool {
	f, err := root.Open(filepath.FromSlash(e.Name))
	if err != nil {
		return false
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxGoHead))
	if err != nil {
		return false
	}
	file, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly)
	return file == nil || file.Name == nil || file.Name.Name == "main" || file.Name.Name == "_"
}

// urlFile serves the server that a *.url file names.
func (t *Tree) urlFile(root *os.Root, e Entry) http.Handler {
	u, err := readURL(root, e)
	if err != nil {
		return failing(&Failure{Status: 500, Message: e.Name, Err: err,
			Hint: "write the address of a server into it, such as http://localhost:9000"})
	}
	return t.upstream(u)
}

// readURL reads the first line that is not empty nor a comment, or the "URL=" line of an
// Internet shortcut.
func readURL(root *os.Root, e Entry) (*url.URL, error) {
	f, err := root.Open(filepath.FromSlash(e.Name))
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, maxURLFile))
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' || line[0] == ';' || line[0] == '[' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "URL="); ok {
			line = rest
		}
		u, err := url.Parse(line)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, errors.New("not the address of a server: " + plain(line))
		}
		return u, nil
	}
	return nil, errors.New("no address is in it")
}

// upstream serves the server at u, with the mount point told in X-Forwarded-Prefix.
func (t *Tree) upstream(u *url.URL) http.Handler {
	if t.Upstream != nil {
		return t.Upstream(u)
	}
	return reverse(u, func(w http.ResponseWriter, r *http.Request, err error) {
		serveFailure(w, r, &Failure{Status: http.StatusBadGateway, Message: "the server at " + u.Redacted() + " does not answer", Err: err,
			Hint: "is it running?"})
	})
}

// reverse hands requests on to the server at u.
func reverse(u *url.URL, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(u)
			if isLoopback(u) {
				p.Out.Host = p.In.Host
			}
			p.SetXForwarded()
			p.Out.Header.Set("X-Forwarded-Prefix", httpx.MountPoint(p.In.Context()))
		},
		FlushInterval: -1,
		ErrorHandler:  failed,
	}
}

// isLoopback reports whether u is one of ours, which is told the name the client used.
// Other servers are many behind one address and must be told their own.
func isLoopback(u *url.URL) bool {
	h := u.Hostname()
	return h == "localhost" || h == "127.0.0.1" || h == "::1"
}
