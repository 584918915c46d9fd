package tree

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// program is a Go program of the tree, whether it runs or not.
type program struct {
	t    *Tree
	e    Entry
	turn chan struct{} // held by the one request that builds or starts it

	// Of who holds turn:
	seen   string   // what stat said of the sources when they were last looked at
	src    *sources // nil: never looked
	hash   string   // of their contents
	args   []string // what go list and go build are told
	bin    string   // what was built of them
	fault  *Failure // why not
	builds int      // so far

	child *child // the one that answers; nil if none does. Guarded by Tree.mu.
}

// serveProgram hands r on to the program e, which is built and started if need be.
func (t *Tree) serveProgram(w http.ResponseWriter, r *http.Request, e Entry) {
	t.mu.Lock()
	p := t.programs[e.Name]
	if p == nil {
		p = &program{t: t, e: e, turn: make(chan struct{}, 1)}
		t.programs[e.Name] = p
	}
	t.mu.Unlock()
	c, f := p.ready(r.Context())
	if f != nil {
		t.refuse(w, r, e, f)
		return
	}
	defer c.release()
	c.admit(r)
	defer c.answered(r)
	t.upstreamOf(c.url, func(w http.ResponseWriter, r *http.Request, err error) {
		t.refuse(w, r, e, &Failure{Status: http.StatusBadGateway, Message: p.e.Name + " did not answer", Err: err, Output: c.out.last()})
	}).ServeHTTP(w, r)
}

// refuse answers in the place of the Go program e.
func (t *Tree) refuse(w http.ResponseWriter, r *http.Request, e Entry, f *Failure) {
	if t.Fail != nil {
		t.Fail(w, r, e, f)
		return
	}
	serveFailure(w, r, f)
}

// ready returns a child made of the sources as they are now. It must be released.
func (p *program) ready(ctx context.Context) (*child, *Failure) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, &Failure{Status: http.StatusServiceUnavailable, Message: p.e.Name + " is still being built", Err: ctx.Err()}
	}
	defer func() { <-p.turn }()
	old := p.hash
	p.refresh()
	p.t.mu.Lock()
	c := p.child
	if c != nil && p.fault == nil && old == p.hash {
		c.acquire()
		p.t.mu.Unlock()
		return c.await(ctx)
	}
	p.t.mu.Unlock()
	if c != nil {
		c.retire()
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return p.launch(ctx)
}

// refresh builds the program if its sources are not those it was built of.
func (p *program) refresh() {
	if p.src != nil && p.src.stat() == p.seen && (p.fault != nil || exists(p.bin)) {
		return
	}
	began := time.Now()
	src, err := p.list()
	if err != nil {
		p.src, p.hash, p.fault = nil, "", &Failure{Status: 500, Message: "the sources of " + p.e.Name + " cannot be listed", Err: err}
		return
	}
	p.src, p.seen = src, src.stat()
	hash := src.hash()
	if hash == p.hash && (p.fault != nil || exists(p.bin)) {
		return
	}
	p.hash = hash
	p.builds++
	p.t.tell(Event{Kind: Building, Entry: p.e, Build: p.builds})
	p.bin, p.fault = p.build(hash)
	kind := Built
	if p.fault != nil {
		kind, p.fault.Build = BuildFailed, p.builds
	}
	p.t.tell(Event{Kind: kind, Entry: p.e, Build: p.builds, Duration: time.Since(began), Failure: p.fault})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sources are the files that a program is made of, its dependencies in other modules
// excepted: those do not change.
type sources struct {
	files []string // absolute
	dirs  []string // folders in which a new Go file would count
	tools string   // what else the outcome depends on: the go command's version and settings
}

// all lists the files, with those that have come since.
func (s *sources) all() []string {
	all := slices.Clone(s.files)
	for _, dir := range s.dirs {
		all = append(all, goFiles(dir)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// globQuote escapes what filepath.Glob reads in a path.
func globQuote(dir string) string {
	if filepath.Separator == '\\' {
		return dir // there is no escaping there
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// stat returns something that changes when a source does.
func (s *sources) stat() string {
	h := sha256.New()
	for _, name := range s.all() {
		info, err := os.Stat(name)
		if err != nil {
			fmt.Fprintf(h, "%q gone\n", name)
			continue
		}
		fmt.Fprintf(h, "%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hash returns a hash of the contents.
func (s *sources) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", s.tools)
	for _, name := range s.all() {
		f, err := os.Open(name)
		if err != nil {
			fmt.Fprintf(h, "%q gone\n", name)
			continue
		}
		one := sha256.New()
		_, _ = io.Copy(one, f) // what cannot be read does not build either
		f.Close()
		fmt.Fprintf(h, "%q %x\n", name, one.Sum(nil))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// upstreamOf is upstream for a program.
func (t *Tree) upstreamOf(u *url.URL, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	if t.Upstream != nil {
		return t.Upstream(u)
	}
	return reverse(u, failed)
}
