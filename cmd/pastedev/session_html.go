package main

import (
	"context"
	"hash/maphash"
	"net/http"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
	"github.com/pastedev/pastedev/inspect/htmlcheck/nu"
)

const (
	// maxPages bounds the pages that wait for their check, one for each path: the last one.
	maxPages = 64
	// maxKnownPages bounds the paths whose findings are remembered from build to build.
	maxKnownPages = 1000
	// maxSamePages bounds the answers whose findings are remembered by their bytes.
	maxSamePages = 128
	// restFactor is how many times as long as it took to check a page the next one waits,
	// so that the check takes a quarter of a processor at most from an app under load.
	restFactor = 3
	// maxRest bounds that wait.
	maxRest = time.Second
)

// pages checks the HTML of answers, off their path: after the last byte, in a goroutine of
// its own, the last one of each path first where there are more than can be checked.
type pages struct {
	publish func(inspect.Event)
	nu      *nu.Checker // nil without one
	second  chan second // what waits for it
	ignore  []ignoredRule
	errors  bool // no warnings

	mu      sync.Mutex
	waiting map[string]*inspect.Exchange // by path
	order   []string                     // paths, as they came
	wake    chan struct{}

	// The goroutine's own.
	seed  maphash.Seed
	same  map[uint64]inspect.HTMLCheck
	known map[string]*knownPage
}

// ignoredRule is one entry of --html-ignore.
type ignoredRule struct {
	path string // glob of the paths it is about; "" for all
	rule string // family or code
}

// knownPage is what was wrong with a page under two builds.
type knownPage struct {
	build       int
	now, before map[string]bool // code and message; before is nil under the first build
}

// newPages returns nil when the check is off.
func newPages(mode string, ignore []string, publish func(inspect.Event)) *pages {
	if mode == "off" {
		return nil
	}
	p := &pages{
		publish: publish, errors: mode == "errors",
		waiting: map[string]*inspect.Exchange{}, wake: make(chan struct{}, 1),
		seed: maphash.MakeSeed(), same: map[uint64]inspect.HTMLCheck{}, known: map[string]*knownPage{},
		second: make(chan second, maxSecond),
	}
	for _, entry := range ignore {
		path, rule := splitIgnore(entry)
		p.ignore = append(p.ignore, ignoredRule{path, rule})
	}
	return p
}

// add takes a finished exchange. It never blocks.
func (p *pages) add(ex *inspect.Exchange) {
	if p == nil || !checkable(ex) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.waiting[ex.Path]; !ok {
		if len(p.order) == maxPages {
			delete(p.waiting, p.order[0])
			p.order = p.order[1:]
		}
		p.order = append(p.order, ex.Path)
	}
	p.waiting[ex.Path] = ex
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// checkable reports whether an exchange answered with HTML of the target's own. The line
// of HTML with which servers accompany a redirect is none: nobody sees it.
func checkable(ex *inspect.Exchange) bool {
	return ex.Status/100 != 3 && ex.Kind == inspect.KindHTTP && ex.ResponseFrom == inspect.FromTarget && ex.Error == "" &&
		ex.Method != http.MethodHead && len(ex.Response.Body.Data) > 0 && htmlcheck.IsHTML(ex.ContentType)
}

// next takes the exchange that has waited longest, nil for none.
func (p *pages) next() *inspect.Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) == 0 {
		return nil
	}
	path := p.order[0]
	p.order = p.order[1:]
	ex := p.waiting[path]
	delete(p.waiting, path)
	return ex
}

// run checks pages until ctx ends.
func (p *pages) run(ctx context.Context) {
	for {
		ex := p.next()
		if ex == nil {
			select {
			case <-p.wake:
			case <-ctx.Done():
				return
			}
			continue
		}
		begin := time.Now()
		if check, ok := p.check(ex); ok {
			p.publish(inspect.HTMLChecked{Exchange: inspect.Summary{ID: ex.ID}, HTML: &check})
			p.askNu(ex, check)
		}
		select {
		case <-time.After(min(maxRest, restFactor*time.Since(begin))):
		case <-ctx.Done():
			return
		}
	}
}

// check checks one answer; false says that its body cannot be read.
func (p *pages) check(ex *inspect.Exchange) (inspect.HTMLCheck, bool) {
	doc, opts, ok := p.document(ex)
	if !ok {
		return inspect.HTMLCheck{}, false
	}
	key := p.key(doc, &opts)
	check, ok := p.same[key]
	if !ok {
		check = htmlcheck.Report(doc, opts)
		if len(p.same) >= maxSamePages {
			clear(p.same)
		}
		p.same[key] = check
	}
	p.markNew(ex, &check)
	return check, true
}

// document returns the page of an answer and how it is to be checked.
func (p *pages) document(ex *inspect.Exchange) (doc []byte, opts htmlcheck.Options, ok bool) {
	d, err := body.Decode(ex.Response.Header, ex.Response.Body)
	if err != nil || len(d.Data) == 0 {
		return nil, opts, false
	}
	opts = htmlcheck.Options{
		ContentType: ex.Response.Header.Get("Content-Type"), Shape: shapeOf(ex), ErrorsOnly: p.errors, Partial: d.Partial,
	}
	for _, i := range p.ignore {
		if i.path == "" || doublestar.MatchUnvalidated(i.path, ex.Path) {
			opts.Ignore = append(opts.Ignore, i.rule)
		}
	}
	return d.Data, opts, true
}

func (p *pages) key(doc []byte, o *htmlcheck.Options) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.Write(doc)
	h.WriteString(o.ContentType)
	h.WriteByte(byte(o.Shape))
	for _, rule := range o.Ignore {
		h.WriteByte(0)
		h.WriteString(rule)
	}
	return h.Sum64()
}

// shapeOf says whether an answer is meant to be a page. What a script fetched may be a
// piece of one.
func shapeOf(ex *inspect.Exchange) htmlcheck.Shape {
	h := ex.Request.Header
	for _, name := range []string{"Hx-Request", "Turbo-Frame", "X-Requested-With", "X-Pjax", "X-Up-Version"} {
		if h.Get(name) != "" {
			return htmlcheck.Guess
		}
	}
	if h.Get("Sec-Fetch-Dest") == "empty" {
		return htmlcheck.Guess
	}
	return htmlcheck.Page
}

// markNew marks the errors that the page did not have under the build before. The
// diagnostics are copied: others share them.
func (p *pages) markNew(ex *inspect.Exchange, check *inspect.HTMLCheck) {
	k := p.known[ex.Path]
	if k == nil {
		if len(p.known) >= maxKnownPages {
			clear(p.known)
		}
		k = &knownPage{build: ex.Build}
		p.known[ex.Path] = k
	}
	if ex.Build > k.build {
		k.before, k.now, k.build = k.now, nil, ex.Build
		if k.before == nil {
			k.before = map[string]bool{}
		}
	}
	if ex.Build < k.build { // an old program's last answer
		return
	}
	if k.now == nil {
		k.now = map[string]bool{}
	}
	check.Diagnostics = append([]inspect.Diagnostic(nil), check.Diagnostics...)
	check.New = 0
	for i := range check.Diagnostics {
		d := &check.Diagnostics[i]
		if d.Severity != inspect.SeverityError {
			continue
		}
		key := d.Code + "\x00" + d.Message
		k.now[key] = true
		if d.New = k.before != nil && !k.before[key]; d.New {
			check.New += max(d.Count, 1)
		}
	}
}
