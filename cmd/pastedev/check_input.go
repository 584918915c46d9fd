package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
)

const (
	// fetchPatience bounds the fetching of a URL.
	fetchPatience = 30 * time.Second
	// maxFetched bounds what is read of one document: a little more than is checked, so
	// that a longer one is told as checked in part.
	maxFetched = htmlcheck.MaxBytes + 1
)

// checkInput is one document to read.
type checkInput struct {
	name string
	read func(context.Context) (document, error)
	err  error // instead of read
}

// document is what was read.
type document struct {
	data        []byte
	contentType string
	status      string // of an answer that is none of success: "404 Not Found"
}

// checkAll checks all documents that args name, several at a time, and yields them in
// order. It reads no further ahead than twice the number of jobs.
func checkAll(ctx context.Context, std stdio, f checkFlags, args []string) iter.Seq[*checkedPage] {
	jobs := f.jobs
	if jobs == 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	return func(yield func(*checkedPage) bool) {
		ctx, cancel := context.WithCancel(ctx)
		type job struct {
			in   checkInput
			done chan *checkedPage
		}
		work, queue := make(chan job), make(chan job, 2*jobs)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		wg.Go(func() {
			defer close(work)
			defer close(queue)
			for in := range checkInputs(std, args) {
				j := job{in, make(chan *checkedPage, 1)}
				for _, to := range []chan job{queue, work} {
					select {
					case to <- j:
					case <-ctx.Done():
						return
					}
				}
			}
		})
		for range jobs {
			wg.Go(func() {
				for j := range work {
					j.done <- f.checkOne(ctx, j.in)
				}
			})
		}
		for j := range queue {
			select {
			case p := <-j.done:
				if !yield(p) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (f *checkFlags) checkOne(ctx context.Context, in checkInput) *checkedPage {
	p := &checkedPage{name: in.name, err: in.err}
	if p.err != nil {
		return p
	}
	doc, err := in.read(ctx)
	if err != nil {
		p.err = err
		return p
	}
	p.doc, p.status = doc.data, doc.status
	opts := f.options(doc.contentType)
	if !f.json && !f.sarif && !f.github {
		p.check = htmlcheck.Report(p.doc, opts)
	} else {
		p.checkEach(opts)
	}
	if f.checker != nil && !f.fragment && !p.check.Partial {
		said, err := f.checker.Check(ctx, p.doc, doc.contentType)
		if err != nil {
			p.check.Nu = err.Error()
			return p
		}
		mergeNu(&p.check, p.doc, opts, said)
	}
	return p
}

// checkEach keeps each finding by itself.
func (p *checkedPage) checkEach(opts htmlcheck.Options) {
	p.check.Diagnostics = htmlcheck.Check(p.doc, opts)
	for i := range p.check.Diagnostics {
		switch p.check.Diagnostics[i].Severity {
		case inspect.SeverityError:
			p.check.Errors++
		case inspect.SeverityWarning:
			p.check.Warnings++
		default:
			p.check.Infos++
		}
	}
}

// checkInputs yields the documents that args name.
func checkInputs(std stdio, args []string) iter.Seq[checkInput] {
	return func(yield func(checkInput) bool) {
		for _, arg := range args {
			switch {
			case arg == "-":
				if !yield(checkInput{name: "-", read: func(context.Context) (document, error) {
					data, err := readDocument(std.in)
					return document{data: data}, wrapped("read the standard input", err)
				}}) {
					return
				}
			case isWebURL(arg):
				if !yield(checkInput{name: arg, read: func(ctx context.Context) (document, error) { return fetchDocument(ctx, arg) }}) {
					return
				}
			default:
				if !walkDocuments(arg, yield) {
					return
				}
			}
		}
	}
}

func isWebURL(arg string) bool {
	scheme, _, ok := strings.Cut(arg, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// documentTypes are the extensions of what is checked in a folder, with their types.
var documentTypes = map[string]string{
	".html": "", ".htm": "", ".xhtml": "application/xhtml+xml", ".xht": "application/xhtml+xml",
}

// skippedDirs hold other people's pages, or none.
var skippedDirs = []string{"node_modules", ".git", ".hg", ".svn", ".pastedev"}

// walkDocuments yields a file, or the pages in a folder in the order of their names.
func walkDocuments(root string, yield func(checkInput) bool) bool {
	info, err := os.Stat(root)
	if err != nil {
		return yield(checkInput{name: root, err: fmt.Errorf("check %s: %w\nhint: give a file, a folder, a URL that begins with http://, or -", root, reason(err))})
	}
	if !info.IsDir() {
		return yield(fileInput(root))
	}
	errStop := errors.New("stop")
	// The separator makes a link to a folder that folder.
	err = filepath.WalkDir(strings.TrimRight(root, "/")+"/", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if !yield(checkInput{name: path, err: fmt.Errorf("check %s: %w", path, reason(err))}) {
				return errStop
			}
			return nil
		case d.IsDir() && filepath.Clean(path) != filepath.Clean(root) && slices.Contains(skippedDirs, d.Name()):
			return fs.SkipDir
		case d.IsDir() || !isDocument(path) || !isFile(path, d):
			return nil
		}
		if !yield(fileInput(path)) {
			return errStop
		}
		return nil
	})
	return !errors.Is(err, errStop)
}

// isFile reports whether an entry of a folder is a file, or a link to one or to nothing:
// a pipe or a device could be read without an end.
func isFile(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular()
}

func isDocument(path string) bool {
	_, ok := documentTypes[strings.ToLower(filepath.Ext(path))]
	return ok
}

func fileInput(path string) checkInput {
	return checkInput{name: path, read: func(context.Context) (document, error) {
		f, err := os.Open(path)
		if err != nil {
			return document{}, fmt.Errorf("check %s: %w", path, reason(err))
		}
		defer f.Close()
		data, err := readDocument(f)
		return document{data: data, contentType: documentTypes[strings.ToLower(filepath.Ext(path))]}, wrapped("check "+path, reason(err))
	}}
}

func readDocument(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, maxFetched)) }

// fetchDocument asks for a page as a browser would.
func fetchDocument(ctx context.Context, url string) (document, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return document{}, fmt.Errorf("check %s: %w", url, err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1")
	req.Header.Set("User-Agent", "pastedev/"+version())
	res, err := http.DefaultClient.Do(req)
	if e, ok := errors.AsType[*neturl.Error](err); ok {
		err = e.Err
	}
	if err != nil {
		return document{}, fmt.Errorf("check %s: %w", url, err)
	}
	defer res.Body.Close()
	doc, err := readDocument(res.Body)
	if err != nil {
		return document{}, fmt.Errorf("check %s: %w", url, err)
	}
	d, err := body.Decode(inspect.Header(res.Header), inspect.Body{Data: doc, Size: int64(len(doc))})
	if err != nil {
		return document{}, fmt.Errorf("check %s: %w", url, err)
	}
	contentType := res.Header.Get("Content-Type")
	if !htmlcheck.IsHTML(contentType) {
		return document{}, fmt.Errorf("check %s: it answers %s with %q, not with HTML", url, res.Status, contentType)
	}
	found := document{data: d.Data, contentType: contentType}
	if res.StatusCode < http.StatusOK || res.StatusCode >= http.StatusMultipleChoices {
		found.status = res.Status
	}
	return found, nil
}

// reason is what went wrong with a file, without its name.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func wrapped(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
