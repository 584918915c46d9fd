package main

import (
	"context"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
	"github.com/pastedev/pastedev/inspect/htmlcheck/nu"
)

// maxSecond bounds the pages that wait for the external checker, which takes some 40 ms
// for each; those that come while so many wait go without it.
const maxSecond = 32

// second is a page whose findings the external checker is to add to.
type second struct {
	ex    *inspect.Exchange
	check inspect.HTMLCheck
}

// openPages makes the HTML check and lets it run.
func (s *session) openPages(context.Context) error {
	c := s.config
	if s.pages = newPages(c.HTML, c.HTMLIgnore, s.store.Publish); s.pages == nil {
		return nil
	}
	if c.Nu != "" {
		var err error
		if s.pages.nu, err = nu.New(nu.Options{Where: c.Nu, Dir: s.root(), Notice: s.notice}); err != nil {
			s.notice("pages are checked by pastedev alone: " + err.Error())
		}
	}
	s.going.Go(func() { s.pages.run(s.life) })
	if s.pages.nu != nil {
		s.going.Go(func() { s.pages.runNu(s.life, s.notice) })
	}
	return nil
}

// askNu hands a whole page on to the external checker, where there is one.
func (p *pages) askNu(ex *inspect.Exchange, check inspect.HTMLCheck) {
	if p.nu == nil || check.Fragment || check.Partial {
		return
	}
	select {
	case p.second <- second{ex, check}:
	default:
	}
}

// runNu adds to findings until ctx ends, and ends the external checker then. A failure is
// told once, and kept with each page that it is about.
func (p *pages) runNu(ctx context.Context, notice func(string)) {
	defer p.nu.Close()
	told := false
	for {
		var s second
		select {
		case s = <-p.second:
		case <-ctx.Done():
			return
		}
		err := p.addNu(ctx, &s)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.check.Nu = err.Error()
			if !told {
				notice("the Nu checker did not answer: " + err.Error())
			}
		}
		told = err != nil
		p.publish(inspect.HTMLChecked{Exchange: inspect.Summary{ID: s.ex.ID}, HTML: &s.check})
	}
}

func (p *pages) addNu(ctx context.Context, s *second) error {
	doc, opts, _ := p.document(s.ex)
	said, err := p.nu.Check(ctx, doc, opts.ContentType)
	if err != nil {
		return err
	}
	mergeNu(&s.check, doc, opts, said)
	return nil
}

// mergeNu adds to a check what the external checker says beyond it, as far as the options
// let it be told.
func mergeNu(check *inspect.HTMLCheck, doc []byte, opts htmlcheck.Options, said []inspect.Diagnostic) {
	all := opts
	all.Ignore, all.ErrorsOnly = nil, false
	nu.Merge(check, htmlcheck.Check(doc, all), htmlcheck.Keep(said, opts))
}
