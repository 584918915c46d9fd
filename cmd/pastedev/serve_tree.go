package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/pastedev/pastedev/devserver/tree"
	"github.com/pastedev/pastedev/devserver/upstream"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
)

// treeHandler serves a folder whose files are routes.
func (v *serving) treeHandler(spec mountSpec, c *composed) (http.Handler, error) {
	t := &tree.Tree{
		Dir: spec.target,
		Program: func(e tree.Entry) http.Handler {
			h := v.cgiProgram(spec)
			h.Path = e.Path
			return v.awaited(&h)
		},
		Upstream: func(u *url.URL) http.Handler { return &upstream.Proxy{Target: u} },
		Event:    func(e tree.Event) { v.treeEvent(spec, e) },
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

// treeEvent tells of the Go programs in a tree.
func (v *serving) treeEvent(spec mountSpec, e tree.Event) {
	switch e.Kind {
	case tree.Printed:
		v.s.store.Publish(inspect.OutputWritten{Output: inspect.Output{
			Time: time.Now(), Stream: inspect.Stderr, Text: spec.Path + " " + e.Entry.Name + ": " + reloader.CleanLine([]byte(e.Text)),
		}})
	case tree.Built:
		v.s.notice(fmt.Sprintf("%s: %s built in %s", spec.Path, e.Entry.Name, e.Duration.Round(time.Millisecond)))
	case tree.BuildFailed:
		for _, d := range e.Diagnostics {
			v.s.notice(spec.Path + ": " + oneLine(d.String()))
		}
	case tree.Ended:
		v.s.notice(fmt.Sprintf("%s: %s ended: %s", spec.Path, e.Entry.Name, oneLine(e.Text)))
	}
}
