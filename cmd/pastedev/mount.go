package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect/query"
)

// mountKind says what a mount serves.
type mountKind string

// The kinds of mounts.
const (
	mountStatic   mountKind = "static"   // a folder or zip archive of files
	mountUpstream mountKind = "upstream" // a server that runs already
	mountCGI      mountKind = "cgi"      // a CGI program, or a folder of them
	mountTree     mountKind = "tree"     // a folder whose files are routes
	mountRun      mountKind = "run"      // a program that is started and kept current
	mountEcho     mountKind = "echo"     // answers with the request
	mountCascade  mountKind = "cascade"  // several, each asked when the one before has nothing
)

// mountConfig is a [[mount]] of pastedev.toml, or a --mount of the command line.
type mountConfig struct {
	Path string `toml:"path"` // "/api", "api.localhost/", "localhost:8001/x"
	To   string `toml:"to"`   // "./dist", "http://localhost:9000", "cgi:./cgi-bin", "run:./myapp -v"

	// Of files.
	Listing bool   `toml:"listing"` // show what is in a folder without an index
	SPA     string `toml:"spa"`     // the file that answers for paths that no file has: "index.html"
	// Of programs, CGI and others.
	Env     any      `toml:"env"`      // { NAME = "value" }; or a list: "NAME=value" sets a variable, "NAME" passes on that of pastedev itself
	EnvFile string   `toml:"env_file"` // of run: KEY=value lines, reread at each start; in place of the setting env_file
	Timeout duration `toml:"timeout"`  // of a CGI program; 0 means its default
	// Of upstreams.
	Methods      []string          `toml:"methods"`       // allowed; none means all
	Header       map[string]string `toml:"header"`        // set on requests; "" takes a field away
	AnswerHeader map[string]string `toml:"answer_header"` // the same for answers
	CA           string            `toml:"ca"`            // PEM file of further authorities to trust
	// Of programs.
	Port int `toml:"port"` // that the program itself believes to listen at, where it opens several; 0 is the first it opens
	// KeepPrefix gives it the path that was asked for, with the mount's: for programs that
	// know what they are mounted at.
	KeepPrefix bool `toml:"keep_prefix"`
	// Of any, for trying out what a slow network does.
	Latency   duration `toml:"latency"`   // added to each answer
	Bandwidth int64    `toml:"bandwidth"` // bytes a second of answers; 0 means unlimited
	Fail      float64  `toml:"fail"`      // share of requests that fail, 0 to 1

	lines keyLines // that it was read from; none of the command line
	now   bool     // a folder of files must be there already
	part  bool     // of a cascade, whose other parts may have use for an option
}

// mountSpec is a mountConfig that has been understood.
type mountSpec struct {
	mountConfig
	kind   mountKind
	target string      // path, URL or command, without the kind
	dir    string      // that commands run in
	env    []string    // what Env says: "NAME=value", "NAME"
	parts  []mountSpec // of a cascade
	later  string      // why nothing is served as yet; empty: it can be
}

// wrong is the error for what a key of the mount says, with its line.
func (m mountConfig) wrong(key, format string, args ...any) error {
	what, hint, _ := strings.Cut(fmt.Sprintf(format, args...), "\nhint: ")
	return usagef("mount %q: %s%s\nhint: %s", m.Path, what, m.lines.mark(key), hint)
}

// parseMountFlag reads PATH=TARGET.
func parseMountFlag(text string) (mountConfig, error) {
	path, to, ok := strings.Cut(text, "=")
	if !ok || path == "" || to == "" {
		return mountConfig{}, usagef("--mount is %q\nhint: --mount /api=http://localhost:9000, --mount /=./dist", text)
	}
	return mountConfig{Path: path, To: to, now: true}, nil
}

// mountKinds are the words that a target may begin with, before a colon.
var mountKinds = []mountKind{mountStatic, mountCGI, mountTree, mountRun, mountEcho, mountCascade}

// understand finds out what a mount serves, and refuses what cannot be. Relative paths are
// of dir.
func (m mountConfig) understand(dir string) (mountSpec, error) {
	s := mountSpec{mountConfig: m, kind: mountStatic, target: m.To, dir: dir}
	if !strings.Contains(m.Path, "/") {
		return s, m.wrong("path", "it has no path\nhint: %q, or a host before it: localhost:8001/", "/"+m.Path)
	}
	if m.To == "" {
		return s, m.wrong("to", "it leads nowhere\nhint: to = \"./dist\", \"http://localhost:9000\", \"cgi:./cgi-bin\" or \"run:./myapp\"")
	}
	if strings.HasPrefix(m.To, "http://") || strings.HasPrefix(m.To, "https://") {
		s.kind = mountUpstream
		if err := checkUpstream(m.To); err != nil {
			return s, m.wrong("to", "%v", err)
		}
		if err := s.checkOptions(); err != nil {
			return s, err
		}
		s.lines = nil
		return s, nil
	}
	if word, rest, ok := strings.Cut(m.To, ":"); ok && slices.Contains(mountKinds, mountKind(word)) {
		s.kind, s.target = mountKind(word), rest
	} else if ok && len(word) > 1 && !strings.ContainsAny(word, `./\`) {
		return s, m.wrong("to", "there is no kind %q\nhint: %s", word, kindHint(word, rest))
	}
	var err error
	if s.env, err = m.environment(); err != nil {
		return s, err
	}
	switch s.kind {
	case mountCascade:
		for part := range strings.SplitSeq(s.target, "|") {
			one := m
			one.To, one.part = part, true
			spec, err := one.understand(dir)
			if err != nil {
				return s, err
			}
			if spec.kind == mountCascade {
				return s, m.wrong("to", "a cascade within a cascade\nhint: write all parts into one: cascade:./a|./b|http://…")
			}
			s.parts = append(s.parts, spec)
		}
	case mountStatic:
		if s.target, err = s.existing(dir); err == nil {
			err = s.checkSPA()
		}
	case mountTree, mountCGI:
		s.target, err = s.existing(dir)
	case mountRun:
		if len(splitCommand(s.target)) == 0 {
			err = m.wrong("to", "it runs nothing\nhint: run:./myapp, or run:node server.js")
		}
	}
	if err != nil {
		return s, err
	}
	if err := s.checkOptions(); err != nil {
		return s, err
	}
	s.lines = nil // where it stands in the file makes it no other mount
	return s, nil
}

// hasUse reports whether an option of these kinds has a meaning for the mount, or for one of
// its parts.
func (s *mountSpec) hasUse(kinds []mountKind) bool {
	return slices.Contains(kinds, s.kind) && (s.kind != mountCascade || slices.ContainsFunc(s.parts, func(p mountSpec) bool { return p.hasUse(kinds) }))
}

// kindHint says what word:rest may have been meant to be.
func kindHint(word, rest string) string {
	if address, _, _ := strings.Cut(rest, "/"); address != "" && strings.Trim(address, "0123456789") == "" {
		return "a server is named with its scheme: http://" + word + ":" + rest
	}
	if word == "http" || word == "https" {
		return word + "://" + strings.TrimLeft(rest, "/")
	}
	return "it may be http://…, " + kindList()
}

func kindList() string { return kindNames(mountKinds) }

// kindNames lists kinds as targets begin.
func kindNames(kinds []mountKind) string {
	var words []string
	for _, k := range kinds {
		if k == mountUpstream {
			words = append(words, "http://…")
			continue
		}
		words = append(words, string(k)+":")
	}
	return strings.Join(words, ", ")
}

// existing returns the absolute path of what a mount serves. It must be there, but for a
// folder of files that something may be going to make: a build its output.
func (s *mountSpec) existing(dir string) (string, error) {
	path := s.target
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.mayCome(path):
		s.later = "there is no folder " + s.target + " yet"
	case err != nil:
		return "", s.wrong("to", "%s: %v\nhint: it is looked for at %s%s", s.target, reason(err), path, s.mayWait())
	case s.kind == mountStatic && !info.IsDir() && !strings.EqualFold(filepath.Ext(path), ".zip"):
		return "", s.wrong("to", "%s is no folder and no zip archive\nhint: name the folder that it lies in", s.target)
	case s.kind == mountTree && !info.IsDir():
		return "", s.wrong("to", "%s is no folder\nhint: name the folder that it lies in", s.target)
	}
	return path, nil
}

// mayCome reports whether the missing path may be that of a folder that is made later.
func (s *mountSpec) mayCome(path string) bool {
	if s.kind != mountStatic || s.now || strings.EqualFold(filepath.Ext(path), ".zip") {
		return false
	}
	_, link := os.Lstat(path) // one that leads nowhere is a mistake
	above, err := os.Stat(filepath.Dir(path))
	return link != nil && err == nil && above.IsDir()
}

// mayWait says what waits for a missing folder.
func (s *mountSpec) mayWait() string {
	if s.kind == mountStatic && s.now {
		return "; a [[mount]] in " + configName + " waits for a folder that is made later"
	}
	return ""
}

// checkSPA refuses a page for all paths that is not there. A folder without any file is one
// that has not been built yet.
func (s *mountSpec) checkSPA() error {
	if s.SPA == "" || s.later != "" {
		return nil
	}
	files, err := openFiles(s.target)
	if err != nil {
		return s.wrong("to", "%v\nhint: it is a folder or a zip archive", err)
	}
	defer files.Close()
	name := strings.TrimPrefix(s.SPA, "/")
	info, err := fs.Stat(files, name)
	switch {
	case err == nil && info.Mode().IsRegular():
		return nil
	case err == nil:
		return s.wrong("spa", "spa: %s in %s is no file\nhint: it names the page that answers all paths: index.html", s.SPA, s.To)
	}
	list, _ := fs.ReadDir(files, ".")
	if !slices.ContainsFunc(list, func(e fs.DirEntry) bool { return !strings.HasPrefix(e.Name(), ".") }) {
		s.later = s.target + " is empty as yet"
		return nil
	}
	hint := "it is the page that answers all paths, relative to that folder"
	if near := query.Nearest(name, names(list)); near != "" {
		hint = "did you mean " + near + "?"
	}
	return s.wrong("spa", "spa: there is no %s in %s\nhint: %s", s.SPA, s.To, hint)
}

func names(list []fs.DirEntry) []string {
	var all []string
	for _, e := range list {
		all = append(all, e.Name())
	}
	return all
}

// checkOptions refuses options that the kind of mount has no use for.
func (s *mountSpec) checkOptions() error {
	for _, o := range []struct {
		name  string
		set   bool
		kinds []mountKind
	}{
		{"listing", s.Listing, []mountKind{mountStatic, mountTree, mountCascade}},
		{"spa", s.SPA != "", []mountKind{mountStatic, mountCascade}},
		{"env", s.Env != nil, []mountKind{mountCGI, mountTree, mountRun, mountCascade}},
		{"env_file", s.EnvFile != "", []mountKind{mountRun}},
		{"timeout", s.Timeout != 0, []mountKind{mountCGI, mountTree, mountCascade}},
		{"methods", s.Methods != nil, []mountKind{mountUpstream, mountRun, mountCascade}},
		{"header", s.Header != nil, []mountKind{mountUpstream, mountRun, mountCascade}},
		{"answer_header", s.AnswerHeader != nil, []mountKind{mountUpstream, mountRun, mountCascade}},
		{"ca", s.CA != "", []mountKind{mountUpstream, mountCascade}},
		{"port", s.Port != 0, []mountKind{mountRun}},
		{"keep_prefix", s.KeepPrefix, []mountKind{mountRun}},
	} {
		if o.set && !s.part && !s.hasUse(o.kinds) {
			return s.wrong(o.name, "%s has no meaning for %q\nhint: it is for %s", o.name, s.To, kindNames(o.kinds))
		}
	}
	for _, n := range []struct {
		name     string
		negative bool
	}{{"latency", s.Latency < 0}, {"bandwidth", s.Bandwidth < 0}, {"timeout", s.Timeout < 0}} {
		if n.negative {
			return s.wrong(n.name, "%s is negative\nhint: leave out what is to have no effect", n.name)
		}
	}
	switch {
	case s.Fail < 0 || s.Fail > 1:
		return s.wrong("fail", "fail is %v\nhint: it is a share of the requests, from 0 to 1", s.Fail)
	case s.Port < 0 || s.Port > 65535:
		return s.wrong("port", "port is %d\nhint: it is one from 1 to 65535", s.Port)
	case time.Duration(s.Latency) > time.Hour:
		return s.wrong("latency", "latency is %v\nhint: it is an hour at most", time.Duration(s.Latency))
	}
	return nil
}
