package cgi

import (
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// defaultTimeout is longer than a person waits for a page, and than a slow query
	// takes; who streams longer with pauses sets Timeout.
	defaultTimeout = 30 * time.Second
	// defaultMaxHeader is many times what a program prints before its blank line, and
	// what a browser takes.
	defaultMaxHeader = 64 << 10
	// defaultMaxSpool is what is written to disk of a request of unknown length: more
	// than anybody uploads in development, less than a disk.
	defaultMaxSpool = 4 << 30
	// spoolMemory is what of it stays in memory: most chunked requests are small.
	spoolMemory = 1 << 20
)

// Handler runs one program for each request. Path must be set; the zero value of every
// other field is of use. A Handler may serve any number of requests at once and must not
// be changed meanwhile.
type Handler struct {
	// Path is the program. Without a separator it is searched in PATH, else it is
	// relative to the working directory of this process.
	Path string
	// Args are given to the program. Nothing of the request ever is.
	Args []string
	// Query is added behind the query of every request.
	Query string
	// Dir is where the program runs; empty is the folder it lies in.
	Dir string
	// Root is the folder that PATH_TRANSLATED and DOCUMENT_ROOT tell; empty is Dir for
	// the former, and no DOCUMENT_ROOT.
	Root string
	// Env names the variables of this process that are passed on, beside PATH, HOME,
	// LANG, LC_*, TMPDIR and TZ (on Windows also those without which nothing starts).
	Env []string
	// Set holds NAME=value entries. They win over all others.
	Set []string

	// Timeout is the longest silence: a time in which the program neither took input
	// nor printed, while nobody but it was waited for. A slow client does not count, so
	// uploads, downloads and event streams may last for ever. Before the answer has
	// begun it is 504, later the answer is cut. Zero is 30 seconds, negative is none.
	Timeout time.Duration
	// MaxHeader bounds the bytes before the blank line of an answer; zero is 64 KiB.
	MaxHeader int
	// MaxSpool bounds a request body of unknown length, in bytes; beyond it is 413. Zero
	// is 4 GiB. It is kept in a temporary file beyond 1 MiB.
	MaxSpool int64

	// Redirect serves the path of an answer that is a Location with a local path and no
	// Status (RFC 3875, 6.2.2), as a GET without a body. Nil sends a 302.
	Redirect http.Handler
	// URL tells the address as the client knows it, for SERVER_NAME, SERVER_PORT and
	// HTTPS. Nil takes the request's Host and TLS; behind a proxy use httpx.ExternalURL.
	URL func(*http.Request) *url.URL
	// User tells AUTH_TYPE and REMOTE_USER of a request that has been authenticated; an
	// empty name means nobody. Then the program does not see the Authorization field.
	// Nil means that the program does this itself.
	User func(*http.Request) (method, name string)
	// Started is told of a program that runs now, on the request's goroutine, with what is
	// known by then. Nil tells nobody.
	Started func(Report)
	// Line is told of each line on stderr that Report.Stderr will hold, when it is whole.
	// It must not take long: the program may wait for it. Nil tells nobody.
	Line func(*http.Request, StderrLine)
	// Failed is told of a failure before a page about it is sent in the place of an answer.
	// Nil tells nobody.
	Failed func(*http.Request, *Failure)
	// Done is told of every request when all of it is over, on the request's goroutine
	// and before the handler returns. Nil writes stderr and faults to the log package.
	Done func(Report)
}

// Check returns what a request would be told if the program cannot be run: an error that
// says why, with a hint. Nil does not promise that it will answer.
func (h *Handler) Check() error {
	_, f := h.program()
	if f == nil {
		return nil
	}
	return f
}

// ServeHTTP runs the program.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{h: h, w: w, r: r}
	x.report.Request, x.report.Started, x.report.ExitCode = r, time.Now(), -1
	x.rc = http.NewResponseController(w)
	if fail := x.serve(); fail != nil {
		x.fail(fail)
	}
	x.drain()
	x.finish()
	if x.cut && r.Context().Value(http.ServerContextKey) != nil {
		panic(http.ErrAbortHandler) // else the client would take it for whole
	}
}

func (h *Handler) timeout() time.Duration {
	if h.Timeout == 0 {
		return defaultTimeout
	}
	return h.Timeout
}

func (h *Handler) maxHeader() int {
	if h.MaxHeader <= 0 {
		return defaultMaxHeader
	}
	return h.MaxHeader
}

// input is the body of a request with its length.
type input struct {
	body   io.Reader
	length int64 // -1: there is none
	close  func()
}
