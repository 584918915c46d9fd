package main

import (
	"bufio"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/tree"
	"github.com/pastedev/pastedev/devserver/upstream"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
)

// treeHandler serves a folder whose files are routes.
func (v *serving) treeHandler(spec mountSpec, c *composed) (http.Handler, error) {
	watch := &treeWatch{v: v, spec: spec, builds: map[treeBuild]inspect.Build{}}
	t := &tree.Tree{
		Dir: spec.target,
		Program: func(e tree.Entry) http.Handler {
			h := v.cgiProgram(spec)
			h.Path = e.Path
			return v.awaited(&h)
		},
		Upstream: func(u *url.URL) http.Handler { return &upstream.Proxy{Target: u} },
		Fail:     watch.fail,
		Event:    watch.event,
	}
	if v.s.stateDir != "" { // not of a check
		t.Cache = v.s.statePath("mounts/" + stateName(spec.Path) + "-tree")
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	c.later(t.Close)
	return t, nil
}

// treeWatch puts what happens to the Go programs of a tree into the history.
type treeWatch struct {
	v    *serving
	spec mountSpec

	mu     sync.Mutex
	builds map[treeBuild]inspect.Build // the last two of each program
}

// treeBuild is a build as its tree counts them.
type treeBuild struct {
	name  string
	build int
}

// event takes what a tree tells of its Go programs.
func (t *treeWatch) event(e tree.Event) {
	switch e.Kind {
	case tree.Building, tree.Built, tree.BuildFailed:
		t.built(e)
	case tree.Admitted:
		r := e.Requests[0]
		n := noteOf(r.Context())
		n.willTalk()
		t.v.s.gather.Expect(n.id)
		number := t.build(e.Entry, e.Build).Number
		n.builtAs(number)
	case tree.Answered:
		t.v.s.gather.Over(idOf(e.Requests[0]))
	case tree.Printed:
		t.printed(e)
	case tree.Ended:
		t.v.s.notice(fmt.Sprintf("%s: %s ended: %s", t.spec.Path, e.Entry.Name, oneLine(e.Text)))
	}
}

// printed takes a line. It belongs to the request that the program has in hand, if that is
// the only one.
func (t *treeWatch) printed(e tree.Event) {
	o := inspect.Output{
		Time: time.Now(), Stream: inspect.Stdout, Text: reloader.CleanLine([]byte(e.Text)), Build: t.build(e.Entry, e.Build).Number,
	}
	if e.Stderr {
		o.Stream = inspect.Stderr
	}
	var ids []inspect.ID
	for _, r := range e.Requests {
		if id := idOf(r); id != "" && len(ids) < maxShared {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
	case 1:
		o.Exchange = ids[0]
		t.v.s.gather.Output(o)
	default:
		o.Shared = ids
	}
	t.v.s.printed.look(o)
	t.v.shown(t.spec.Path+" "+e.Entry.Name, o)
}

// maxShared bounds what is named of the exchanges that may have printed a line.
const maxShared = 8

// built puts a build into the history.
func (t *treeWatch) built(e tree.Event) {
	key := treeBuild{e.Entry.Name, e.Build}
	t.mu.Lock()
	b, ok := t.builds[key]
	if !ok {
		b = inspect.Build{Number: t.v.nextBuild(), Mount: t.spec.Path, Start: time.Now()}
		delete(t.builds, treeBuild{key.name, key.build - 2})
	}
	if e.Duration > 0 { // its sources were listed before it was told to begin
		b.Start, b.Duration = time.Now().Add(-e.Duration), inspect.Millis(e.Duration)
	}
	switch e.Kind {
	case tree.Built:
		b.Result = inspect.BuildOK
	case tree.BuildFailed:
		b.Result, b.Diagnostics, b.Output = inspect.BuildFailed, diagnostics(e.Failure), strings.Join(e.Failure.Output, "\n")
		if len(b.Diagnostics) == 0 && b.Output == "" {
			b.Output = e.Failure.Error()
		}
	}
	t.builds[key] = b
	t.mu.Unlock()
	t.v.s.store.Publish(inspect.BuildChanged{Build: b})
}

// build returns what is known of a build; its number is 0 when it is long ago.
func (t *treeWatch) build(e tree.Entry, build int) inspect.Build {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.builds[treeBuild{e.Name, build}]
}

// fail answers in the place of a Go program: with the page of a failed build, or as the tree
// does.
func (t *treeWatch) fail(w http.ResponseWriter, r *http.Request, e tree.Entry, f *tree.Failure) {
	text, _, _ := strings.Cut(f.Error(), "\nhint: ")
	n := noteOf(r.Context())
	n.refuse(oneLine(text))
	b := t.build(e, f.Build)
	if f.Build == 0 || b.Number == 0 {
		f.ServeHTTP(w, r)
		return
	}
	n.builtAs(b.Number)
	w.Header().Set("X-Pastedev", "off") // the page reloads by itself, and no script is added
	t.v.s.panel.ServeFailure(w, r, panel.Failure{
		ID: n.id, Reason: panel.BuildFailed, State: inspect.StateFailed, Build: &b, Apart: true,
		Target: strings.TrimSuffix(t.spec.Path, "/") + "/" + e.Name,
	})
}

// diagnostics makes records of what the compiler says, with the source around.
func diagnostics(f *tree.Failure) []inspect.Diagnostic {
	var list []inspect.Diagnostic
	for _, d := range f.Diagnostics {
		list = append(list, inspect.Diagnostic{
			Severity: inspect.SeverityError, Code: "compile", Message: cmp.Or(d.Message, "error"),
			File: d.File, Path: d.Path, Line: d.Line, Column: d.Column, Context: linesAround(d.Path, d.Line),
		})
	}
	return list
}

const (
	// sourceAround is how many lines are shown on each side of one, as of other builds.
	sourceAround = 5
	// maxSourceLine bounds one line, in bytes: generated code has longer ones.
	maxSourceLine = 4 << 10
)

// linesAround reads the source around a line. What cannot be read is not shown.
func linesAround(path string, line int) []inspect.SourceLine {
	f, err := os.Open(path)
	if err != nil || line < 1 {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	var list []inspect.SourceLine
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxSourceLine)
	for n := 1; n <= line+sourceAround && lines.Scan(); n++ {
		if n >= line-sourceAround {
			list = append(list, inspect.SourceLine{Number: n, Text: strings.ToValidUTF8(lines.Text(), "\uFFFD")})
		}
	}
	return list
}
