package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
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
	// Of CGI programs.
	Env     []string `toml:"env"`     // "NAME=value" sets a variable, "NAME" passes on that of pastedev itself
	Timeout duration `toml:"timeout"` // of a CGI program; 0 means its default
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
}

// mountSpec is a mountConfig that has been understood.
type mountSpec struct {
	mountConfig
	kind   mountKind
	target string      // path, URL or command, without the kind
	dir    string      // that commands run in
	parts  []mountSpec // of a cascade
}

// parseMountFlag reads PATH=TARGET.
func parseMountFlag(text string) (mountConfig, error) {
	path, to, ok := strings.Cut(text, "=")
	if !ok || path == "" || to == "" {
		return mountConfig{}, usagef("--mount is %q\nhint: --mount /api=http://localhost:9000, --mount /=./dist", text)
	}
	return mountConfig{Path: path, To: to}, nil
}

// mountKinds are the words that a target may begin with, before a colon.
var mountKinds = []mountKind{mountStatic, mountCGI, mountTree, mountRun, mountEcho, mountCascade}

// understand finds out what a mount serves, and refuses what cannot be. Relative paths are
// of dir.
func (m mountConfig) understand(dir string) (mountSpec, error) {
	s := mountSpec{mountConfig: m, kind: mountStatic, target: m.To, dir: dir}
	if !strings.Contains(m.Path, "/") {
		return s, usagef("mount %q has no path\nhint: %q, or a host before it: localhost:8001/", m.Path, "/"+m.Path)
	}
	if m.To == "" {
		return s, usagef("mount %q leads nowhere\nhint: to = \"./dist\", \"http://localhost:9000\", \"cgi:./cgi-bin\" or \"run:./myapp\"", m.Path)
	}
	if strings.HasPrefix(m.To, "http://") || strings.HasPrefix(m.To, "https://") {
		s.kind = mountUpstream
		if err := checkUpstream(m.To); err != nil {
			return s, usagef("mount %q: %v", m.Path, err)
		}
		return s, s.checkOptions()
	}
	if word, rest, ok := strings.Cut(m.To, ":"); ok && slices.Contains(mountKinds, mountKind(word)) {
		s.kind, s.target = mountKind(word), rest
	} else if ok && len(word) > 1 && !strings.ContainsAny(word, `./\`) {
		return s, usagef("mount %q: there is no kind %q\nhint: %s", m.Path, word, kindHint(word, rest))
	}
	var err error
	switch s.kind {
	case mountCascade:
		for part := range strings.SplitSeq(s.target, "|") {
			one := m
			one.To = part
			spec, err := one.understand(dir)
			if err != nil {
				return s, err
			}
			if spec.kind == mountCascade {
				return s, usagef("mount %q: a cascade within a cascade\nhint: write all parts into one: cascade:./a|./b|http://…", m.Path)
			}
			s.parts = append(s.parts, spec)
		}
	case mountStatic, mountTree, mountCGI:
		s.target, err = s.existing(dir)
	case mountRun:
		if len(splitCommand(s.target)) == 0 {
			err = usagef("mount %q runs nothing\nhint: run:./myapp, or run:node server.js", m.Path)
		}
	}
	if err != nil {
		return s, err
	}
	return s, s.checkOptions()
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

// existing returns the absolute path of what a mount serves, which must be there.
func (s *mountSpec) existing(dir string) (string, error) {
	path := s.target
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", usagef("mount %q: %s: %v\nhint: it is looked for at %s", s.Path, s.target, reason(err), path)
	case s.kind == mountStatic && !info.IsDir() && !strings.EqualFold(filepath.Ext(path), ".zip"):
		return "", usagef("mount %q: %s is no folder and no zip archive\nhint: name the folder that it lies in", s.Path, s.target)
	case s.kind == mountTree && !info.IsDir():
		return "", usagef("mount %q: %s is no folder\nhint: name the folder that it lies in", s.Path, s.target)
	}
	return path, nil
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
		{"env", s.Env != nil, []mountKind{mountCGI, mountTree, mountCascade}},
		{"timeout", s.Timeout != 0, []mountKind{mountCGI, mountTree, mountCascade}},
		{"methods", s.Methods != nil, []mountKind{mountUpstream, mountRun, mountCascade}},
		{"header", s.Header != nil, []mountKind{mountUpstream, mountRun, mountCascade}},
		{"answer_header", s.AnswerHeader != nil, []mountKind{mountUpstream, mountRun, mountCascade}},
		{"ca", s.CA != "", []mountKind{mountUpstream, mountCascade}},
		{"port", s.Port != 0, []mountKind{mountRun}},
		{"keep_prefix", s.KeepPrefix, []mountKind{mountRun}},
	} {
		if o.set && !slices.Contains(o.kinds, s.kind) {
			return usagef("mount %q: %s has no meaning for %q\nhint: it is for %s", s.Path, o.name, s.To, kindNames(o.kinds))
		}
	}
	switch {
	case s.Fail < 0 || s.Fail > 1:
		return usagef("mount %q: fail is %v\nhint: it is a share of the requests, from 0 to 1", s.Path, s.Fail)
	case s.Port < 0 || s.Port > 65535:
		return usagef("mount %q: port is %d\nhint: it is one from 1 to 65535", s.Path, s.Port)
	case s.Bandwidth < 0 || s.Latency < 0 || s.Timeout < 0:
		return usagef("mount %q: latency, bandwidth and timeout must not be negative\nhint: leave out what is to have no effect", s.Path)
	case time.Duration(s.Latency) > time.Hour:
		return usagef("mount %q: latency is %v\nhint: it is an hour at most", s.Path, time.Duration(s.Latency))
	}
	for _, e := range s.Env {
		if name, _, _ := strings.Cut(e, "="); name == "" {
			return usagef("mount %q: env holds %q\nhint: \"NAME=value\" sets a variable, \"NAME\" passes on that of pastedev", s.Path, e)
		}
	}
	return nil
}
