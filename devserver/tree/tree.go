package tree

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
)

const (
	// defaultMaxPrograms is more than a developer looks at in one sitting, and few
	// enough processes for a small machine.
	defaultMaxPrograms = 16
	// defaultIdle is a long phone call: starting anew costs a fraction of a second.
	defaultIdle = 10 * time.Minute
)

// defaultIndex are the names that answer for a folder, in this order.
var defaultIndex = []string{"index.html", "index", "Index", "main", "Main"}

// defaultHide are what editors and tools leave behind.
var defaultHide = []string{".bak", ".orig", ".rej", ".swp", ".swo", ".tmp", ".pyc", ".pyo"}

// Tree serves a folder. Dir must be set; every other field may be left. A Tree may serve
// any number of requests at once; its fields and Register are not for then. Call Close at
// the end: it may have started programs.
type Tree struct {
	// Dir is the folder. A relative one is resolved at the first request.
	Dir string
	// Index names what answers for a folder, with or without extension. Nil is
	// index.html, index, Index, main, Main; empty is nothing.
	Index []string
	// Hide holds extensions that are never served, with their dot. Nil is what editors
	// leave behind (.bak, .orig, .swp …). Names that begin with a dot or end in "~",
	// and Go files that are not programs, are never served either.
	Hide []string
	// Ignore holds extensions, with their dot, that must be written in the path.
	Ignore []string
	// File serves a plain file; nothing is left of the request's path then. Nil serves
	// it to GET and HEAD with conditions and ranges, and lets nobody keep it.
	File func(Entry) http.Handler
	// Program serves an executable or a *.cgi file, for example with a cgi.Handler for
	// Entry.Path. Nil refuses.
	Program func(Entry) http.Handler
	// Upstream serves the server at an address, for *.url files and Go programs. Nil is
	// an httputil.ReverseProxy.
	Upstream func(*url.URL) http.Handler
	// Hooks are those of single folders, by their path in Dir: "." is Dir, "a/b" one in it.
	Hooks map[string]Hooks

	// Cache is the folder for built programs; it is made if missing. Empty is a
	// temporary one that Close removes.
	Cache string
	// Env holds NAME=value entries for Go programs, which get them beside the
	// environment of this process.
	Env []string
	// MaxPrograms bounds the Go programs that run at once; zero is 16. The one that has
	// been unused for longest makes room.
	MaxPrograms int
	// Idle is how long an unused Go program runs on; zero is 10 minutes, negative is for
	// ever.
	Idle time.Duration
	// Fail answers in the place of a Go program that does not build, start or answer. Nil
	// answers with a page, a problem document or text.
	Fail func(w http.ResponseWriter, r *http.Request, e Entry, f *Failure)
	// Event is told of builds, starts, ends, requests and printed lines of Go programs, from
	// any goroutine. It must not take long. Nil tells nobody.
	Event func(Event)

	kinds map[string]func(Entry) http.Handler

	once     sync.Once
	abs      string
	err      error // of once
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup // goroutines of children
	mu       sync.Mutex
	closed   bool
	cache    string
	programs map[string]*program // by path in Dir
}

// Hooks change how one folder is served. Each may be nil.
type Hooks struct {
	// Before sees every request that reaches the folder, with the folder as mount point,
	// and returns the one to go on with; httpx.Pop takes a segment for itself.
	Before func(*http.Request) *http.Request
	// Wrap is put around all that is served from the folder and those in it.
	Wrap func(http.Handler) http.Handler
	// App answers for everything below the folder, instead of what lies there.
	App http.Handler
	// NotFound answers where the folder has nothing of the asked name. To look once more
	// it calls again with another request, whose path is counted from the folder; if
	// that is not found either, the answer is 404.
	NotFound func(w http.ResponseWriter, r *http.Request, again http.Handler)
}

// Entry is a file of the tree, or a folder that is a program.
type Entry struct {
	Name string // its path in Tree.Dir, with slashes
	Path string // its absolute path
	Info os.FileInfo
}

// Register has files with an extension (with its dot) served by what makes returns for
// them. The request's mount point is the file, its path what follows. It goes before all
// kinds that a Tree knows by itself.
func (t *Tree) Register(ext string, makes func(Entry) http.Handler) {
	if t.kinds == nil {
		t.kinds = map[string]func(Entry) http.Handler{}
	}
	t.kinds[strings.ToLower(ext)] = makes
}

// Check returns an error if Dir is not a folder that can be served.
func (t *Tree) Check() error {
	root, err := os.OpenRoot(t.Dir)
	if err != nil {
		return fmt.Errorf("serve the folder %s: %w", t.Dir, bare(err))
	}
	return root.Close()
}

func (t *Tree) start() {
	t.abs, t.err = filepath.Abs(t.Dir)
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.programs = map[string]*program{}
}

// Close ends the programs and waits for their end. Requests are refused from then on.
func (t *Tree) Close() error {
	t.once.Do(t.start)
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.cancel()
	t.running.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cache != "" && t.Cache == "" {
		return os.RemoveAll(t.cache)
	}
	return nil
}

// ServeHTTP serves what the path leads to.
func (t *Tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.once.Do(t.start)
	root, err := t.open()
	if err != nil {
		serveFailure(w, r, &Failure{Status: 500, Message: "the folder " + t.Dir + " cannot be served", Err: err})
		return
	}
	defer root.Close()
	walk := &walk{t: t, root: root}
	walk.folder(".", "").ServeHTTP(w, r)
}

// open opens the folder for one request: it may be removed and made anew by a build.
func (t *Tree) open() (*os.Root, error) {
	if t.err != nil {
		return nil, t.err
	}
	if t.ctx.Err() != nil {
		return nil, errors.New("it is closed")
	}
	root, err := os.OpenRoot(t.abs)
	return root, bare(err)
}

// bare returns what lies beneath an error of the file system, without operation and path.
func bare(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// redirectToSlash sends the client to the folder's own address.
func redirectToSlash(w http.ResponseWriter, r *http.Request) {
	u := url.URL{Path: httpx.MountPoint(r.Context()) + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", u.String())
	w.WriteHeader(http.StatusMovedPermanently)
}
