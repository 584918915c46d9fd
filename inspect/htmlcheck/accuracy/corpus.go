package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// message is one message of either checker, in the terms in which they are compared.
type message struct {
	family    finding.Family
	severity  inspect.Severity
	line, end int // of the first and last byte marked; from 1
	text      string
}

// document is one document with what both say about it.
type document struct {
	path   string
	truth  []message
	ours   []message
	size   int
	took   time.Duration
	failed string // the panic of our check, if it had one
}

// documents lists the files that the arguments name, without those twice: a file, the HTML
// files below a folder, or the files that are listed in a file, a path a line.
func documents(args []string) ([]string, error) {
	var list []string
	for _, arg := range args {
		more, err := expand(arg)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func expand(arg string) ([]string, error) {
	if name, ok := strings.CutPrefix(arg, "@"); ok {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return strings.Fields(string(b)), nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	var list []string
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && isDocument(path) {
			list = append(list, path)
		}
		return err
	})
	return list, err
}

func isDocument(path string) bool {
	switch filepath.Ext(path) {
	case ".html", ".htm", ".xhtml", ".xht":
		return true
	}
	return false
}

// contentType is what vnu takes a file for by its name.
func contentType(path string) string {
	switch filepath.Ext(path) {
	case ".xhtml", ".xht":
		return "application/xhtml+xml"
	}
	return "text/html"
}

// checkAll runs our check over the documents that the truth has.
func checkAll(ctx context.Context, paths []string, truth map[string][]message, jobs int) ([]*document, error) {
	var set []*document
	for _, p := range paths {
		if t, ok := truth[p]; ok {
			set = append(set, &document{path: p, truth: t})
		}
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("vnu's word is there for none of the %d documents; hint: give -vnu", len(paths))
	}
	todo := make(chan *document)
	errs := make(chan error, max(jobs, 1))
	var wg sync.WaitGroup
	for range max(jobs, 1) {
		wg.Go(func() {
			for d := range todo {
				if err := d.check(); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		})
	}
	done := 0
	show := progress("checked", len(set))
	var failed error
	for _, d := range set {
		select {
		case todo <- d:
		case failed = <-errs:
		case <-ctx.Done():
			failed = ctx.Err()
		}
		if failed != nil {
			break
		}
		done++
		show(done)
	}
	close(todo)
	wg.Wait()
	close(errs)
	for err := range errs {
		if failed == nil {
			failed = err
		}
	}
	return set, failed
}

// check reads the document and checks it.
func (d *document) check() error {
	b, err := os.ReadFile(d.path)
	if err != nil {
		return err
	}
	d.size = len(b)
	begin := time.Now()
	d.ours, d.failed = ask(b, contentType(d.path))
	d.took = time.Since(begin)
	return nil
}

// ask runs our check; a panic is an answer too.
func ask(b []byte, contentType string) (list []message, failed string) {
	defer func() {
		if v := recover(); v != nil {
			failed = fmt.Sprint(v)
		}
	}()
	for _, d := range htmlcheck.Check(b, htmlcheck.Options{ContentType: contentType, MaxBytes: 1 << 30}) {
		family, _, _ := strings.Cut(d.Code, "/")
		list = append(list, message{finding.Family(family), d.Severity, d.Line, max(d.Line, d.EndLine), d.Code + ": " + d.Message})
	}
	return list, ""
}

// progress returns a function that shows how far a long run is, on a terminal's line.
func progress(verb string, total int) func(done int) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(int) {}
	}
	return func(done int) {
		if done%50 == 0 || done == total {
			fmt.Fprintf(os.Stderr, "\r%s %d of %d", verb, done, total)
		}
		if done == total {
			fmt.Fprintln(os.Stderr)
		}
	}
}
