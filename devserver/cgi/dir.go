package cgi

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// defaultIndex are the programs that answer for a folder, the first that is there.
var defaultIndex = []string{"index.cgi", "index.pl", "index.py", "index.sh"}

// windowsPrograms are the extensions of programs where no mode says so.
var windowsPrograms = []string{".exe", ".bat", ".cmd", ".com", ".cgi"}

// Dir serves the programs of a folder and of those in it: the path leads to the first
// executable file, and what follows is its PATH_INFO. It answers 404 for anything else,
// for names that begin with a dot, and for links that lead out of the folder; 500 for
// what is meant to be a program (it ends in .cgi or begins with "#!") and is not
// executable. Root must be set.
type Dir struct {
	// Root is the folder, relative to the working directory of this process.
	Root string
	// Index names the programs that answer for a folder, the first that is there. Nil is
	// index.cgi, index.pl, index.py, index.sh; empty is none.
	Index []string
	// Handler says how the programs are run. Its Path is ignored.
	Handler Handler
}

// Check returns an error if Root is not a folder that can be read.
func (d *Dir) Check() error {
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("open the folder of programs %s: %w", d.Root, err)
	}
	return root.Close()
}

// ServeHTTP runs the program that the path leads to.
func (d *Dir) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		d.fail(w, r, &Failure{Status: 500, Program: d.Root, Message: "the folder of programs cannot be opened", Err: errors.Unwrap(err)})
		return
	}
	defer root.Close()
	name := "."
	for {
		segment, rest, ok := httpx.Pop(r)
		if !ok {
			d.serveFolder(w, r, root, name)
			return
		}
		if !httpx.NamesFile(segment) {
			d.notFound(w, r)
			return
		}
		name, r = filepath.Join(name, segment), rest
		info, err := root.Stat(name)
		switch {
		case err != nil:
			d.notFound(w, r)
			return
		case !info.IsDir():
			d.serveFile(w, r, name, info)
			return
		}
	}
}

// serveFolder answers for the folder at name, where the path has ended.
func (d *Dir) serveFolder(w http.ResponseWriter, r *http.Request, root *os.Root, name string) {
	index := d.Index
	if index == nil {
		index = defaultIndex
	}
	i := slices.IndexFunc(index, func(file string) bool {
		info, err := root.Stat(filepath.Join(name, file))
		return err == nil && info.Mode().IsRegular()
	})
	if i < 0 || !httpx.NamesFile(index[i]) {
		d.notFound(w, r)
		return
	}
	if mount := httpx.MountPoint(r.Context()); r.URL.Path == "" && mount != "" {
		u := url.URL{Path: mount + "/", RawQuery: r.URL.RawQuery}
		w.Header().Set("Location", u.String())
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	r2 := r.Clone(r.Context())
	r2.RequestURI = requestURI(r, httpx.MountPoint(r.Context()))
	r2.URL.Path, r2.URL.RawPath = "/"+index[i], ""
	_, r2, _ = httpx.Pop(r2)
	name = filepath.Join(name, index[i])
	info, err := root.Stat(name)
	if err != nil {
		d.notFound(w, r)
		return
	}
	d.serveFile(w, r2, name, info)
}

// serveFile runs the program at name if it is one.
func (d *Dir) serveFile(w http.ResponseWriter, r *http.Request, name string, info fs.FileInfo) {
	h := d.Handler
	h.Path = filepath.Join(d.Root, name)
	if !strings.ContainsAny(h.Path, `/\`) {
		h.Path = "." + string(filepath.Separator) + h.Path // not to be searched in PATH
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait
		d.notFound(w, r)
		return
	}
	_, _, script := shebang(h.Path)
	ext := strings.ToLower(filepath.Ext(name))
	runs := info.Mode().Perm()&0o111 != 0
	if runtime.GOOS == "windows" {
		runs = script || slices.Contains(windowsPrograms, ext)
	}
	if !runs && !script && ext != ".cgi" {
		d.fail(w, r, &Failure{
			Status: 404, Program: requestURI(r, httpx.MountPoint(r.Context())), Message: "it is there, but no program",
			Hint: "chmod +x it, and begin it with what runs it: #!/usr/bin/perl, #!/usr/bin/env php-cgi",
		})
		return
	}
	h.ServeHTTP(w, r)
}

func (d *Dir) notFound(w http.ResponseWriter, r *http.Request) {
	d.fail(w, r, &Failure{Status: 404, Program: requestURI(r, httpx.MountPoint(r.Context())), Message: "no program"})
}

func (d *Dir) fail(w http.ResponseWriter, r *http.Request, f *Failure) {
	serveFailure(w, r, f, &Report{})
}
