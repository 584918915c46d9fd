package main

import (
	"archive/zip"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/cascade"
	"github.com/pastedev/pastedev/devserver/chaos"
	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/static"
	"github.com/pastedev/pastedev/devserver/upstream"
	"github.com/pastedev/pastedev/reloader"
)

// compose makes the handler of a set-up. programs are those of its run: mounts; one that
// is missing is left out, for a check.
func (v *serving) compose(set setup, programs []*program) (_ *composed, err error) {
	c := &composed{setup: set, programs: programs}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	for _, spec := range set.mounts {
		h, err := v.handler(spec, c)
		if err != nil {
			return nil, fmt.Errorf("mount %q: %w", spec.Path, err)
		}
		if spec.Latency > 0 || spec.Bandwidth > 0 || spec.Fail > 0 {
			h = chaos.Chaos{Latency: time.Duration(spec.Latency), Bandwidth: spec.Bandwidth, Fail: spec.Fail, Done: madeToFail}.Handler(h)
		}
		if err := c.mounts.Add(spec.Path, noted(spec, h)); err != nil {
			return nil, fmt.Errorf("mount %q: %w", spec.Path, err)
		}
	}
	inner, err := v.s.askWho(&c.mounts, set.auth)
	if err != nil {
		return nil, err
	}
	if c.handler, err = v.layered(inner, set.layers, c); err != nil {
		return nil, err
	}
	return c, nil
}

// madeToFail tells the record that an answer is nobody's failure.
func madeToFail(r *http.Request, done chaos.Report) {
	if done.Failed != 0 {
		noteOf(r.Context()).refuse("made to fail, as the mount's setting fail says")
	}
}

// noted tells the record which mount has an exchange.
func noted(spec mountSpec, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noteOf(r.Context()).mountedAt(spec.Path)
		next.ServeHTTP(w, r)
	})
}

// handler makes the handler of a mount.
func (v *serving) handler(spec mountSpec, c *composed) (http.Handler, error) {
	switch spec.kind {
	case mountStatic:
		return staticHandler(spec, c)
	case mountUpstream:
		return upstreamHandler(spec, c)
	case mountCGI:
		return v.cgiHandler(spec)
	case mountTree:
		return v.treeHandler(spec, c)
	case mountEcho:
		return httpx.Echo{}, nil
	case mountCascade:
		var parts []http.Handler
		for _, part := range spec.parts {
			h, err := v.handler(part, c)
			if err != nil {
				return nil, err
			}
			parts = append(parts, h)
		}
		asked, err := cascade.New(parts...)
		if err != nil {
			return nil, err
		}
		asked.Catch = []int{http.StatusNotFound, http.StatusMethodNotAllowed} // files take no POST, what follows may
		return asked, nil
	case mountRun:
		for _, p := range c.programs {
			if p.key == spec.key() {
				return toProgram(spec, p), nil
			}
		}
		return http.NotFoundHandler(), nil
	}
	return nil, fmt.Errorf("there is no kind %q", spec.kind)
}

func staticHandler(spec mountSpec, c *composed) (http.Handler, error) {
	files, err := openFiles(spec.target)
	if err != nil {
		return nil, err
	}
	c.later(files.Close)
	return &static.Files{FS: files, Listing: spec.Listing, SPA: spec.SPA}, nil
}

// openFiles opens a folder, which may come to be later, or a zip archive.
func openFiles(path string) (interface {
	fs.FS
	io.Closer
}, error) {
	if strings.EqualFold(filepath.Ext(path), ".zip") {
		return zip.OpenReader(path)
	}
	return static.DirLater(path)
}

func upstreamHandler(spec mountSpec, c *composed) (http.Handler, error) {
	target, err := upstream.Parse(spec.target)
	if err != nil {
		return nil, err
	}
	p := &upstream.Proxy{Target: target, Methods: spec.Methods, Request: edits(spec.Header), Response: edits(spec.AnswerHeader)}
	p.Failed = func(r *http.Request, err error) {
		why, _ := p.Explain(err)
		noteOf(r.Context()).refuse(why)
	}
	c.later(func() error { p.Close(); return nil })
	if spec.CA != "" {
		pem, err := os.ReadFile(reloader.Absolute(spec.dir, spec.CA))
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		if p.RootCAs, err = x509.SystemCertPool(); err != nil {
			p.RootCAs = x509.NewCertPool()
		}
		if !p.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca: %s holds no certificate\nhint: it is a PEM file: -----BEGIN CERTIFICATE-----", spec.CA)
		}
	}
	return p, nil
}

// edits reads a table of header fields, in which "" takes one away.
func edits(table map[string]string) upstream.Edits {
	e := upstream.Edits{Set: map[string]string{}}
	for name, value := range table {
		if value == "" {
			e.Delete = append(e.Delete, name)
		} else {
			e.Set[name] = value
		}
	}
	return e
}

// awaited has the record wait for what is told at the end of a request.
func (v *serving) awaited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noteOf(r.Context()).willTalk()
		if id := idOf(r); id != "" {
			v.s.gather.Expect(id)
		}
		next.ServeHTTP(w, r)
	})
}
