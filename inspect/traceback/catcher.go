package traceback

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Catcher is a middleware that turns a panic of the handler into a report and an error
// page. The zero value is safe in production: the page says only that there was an error and
// its code, and the report goes to standard error.
//
// http.ErrAbortHandler and expected values pass through. Inside another Catcher it does
// nothing. After the first byte of an answer was sent the report is made all the same
// and the connection is aborted, so that the client sees that the answer is not whole.
type Catcher struct {
	Debug      bool                                 // show the whole report in the answer; false: only its code
	Roots      Roots                                // tells the program's frames from others; zero: guessed
	Reporters  []Reporter                           // where reports go; none: Log
	Decorators []Decorator                          // may change a report before it goes anywhere
	Hide       []Hider                              // frames to take from view
	Expected   func(value any) bool                 // panics that are no failure: they are raised again; nil: none
	Mask       func(name, value string) string      // hides secrets; nil: MaskSecrets
	Editor     func(path string, l, col int) string // editor links on the page; nil: none
	Context    int                                  // source lines around each frame; 0: 5
	Log        io.Writer                            // gets the text of reports that no reporter took; nil: standard error
	Timeout    time.Duration                        // for all reporters of one report together; 0: 10 s
	// Public is what clients are told without Debug; empty: a sentence with the code. It is
	// text, not HTML.
	Public string
}

const (
	defaultContext = 5
	defaultTimeout = 10 * time.Second // a mail server that does not answer must not hold the request for longer
)

// Decorator may change a report before it is shown and reported: add sections, replace
// the trace's headline, take something out. One that fails is named in the report.
//
// Paste's ancestor is __traceback_decorator__.
type Decorator interface {
	Decorate(ctx context.Context, r *Report) error
}

// DecoratorFunc is a function as a Decorator.
type DecoratorFunc func(ctx context.Context, r *Report) error

// Decorate calls f.
func (f DecoratorFunc) Decorate(ctx context.Context, r *Report) error { return f(ctx, r) }

// Handler watches next.
func (c *Catcher) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if carrierOf(r.Context()) != nil {
			next.ServeHTTP(w, r) // an outer Catcher has it
			return
		}
		ctx, carrier := withCarrier(r.Context())
		r = r.WithContext(ctx)
		state := &sent{}
		finished := false
		defer func() {
			if finished {
				return
			}
			value := recover()
			if value == nil {
				return // runtime.Goexit: nothing was raised, and nothing can be answered
			}
			if value == http.ErrAbortHandler || c.Expected != nil && c.Expected(value) {
				panic(value)
			}
			c.caught(w, r, carrier, state, value)
		}()
		next.ServeHTTP(state.wrap(w), r)
		finished = true
	})
}

// caught must run in the deferred function's call, where the stack of the panic is whole.
func (c *Catcher) caught(w http.ResponseWriter, r *http.Request, carrier *carrier, state *sent, value any) {
	d := PageData{Report: Report{Trace: Capture(value, c.Roots), Request: DescribeRequest(r, c.Mask)}, Editor: c.Editor}
	d.Trace.Exchange = exchangeID(r)
	c.complete(r.Context(), &d.Report, carrier, value)
	c.report(r.Context(), &d.Report)
	if state.begun {
		panic(http.ErrAbortHandler)
	}
	if !c.Debug {
		c.answerPublic(w, r, &d.Report)
		return
	}
	Respond(w, r, d)
}

// exchangeID is the exchange that pastedev, or a tracing client, began; empty without one.
func exchangeID(r *http.Request) inspect.ID {
	if p := strings.Split(r.Header.Get("Traceparent"), "-"); len(p) >= 4 && inspect.ID(p[1]).Valid() {
		return inspect.ID(p[1])
	}
	return ""
}

func (c *Catcher) complete(ctx context.Context, r *Report, carrier *carrier, value any) {
	n := c.Context
	if n <= 0 {
		n = defaultContext
	}
	AddSource(&r.Trace, c.Roots, n, nil)
	Apply(&r.Trace, c.Hide)
	carrier.attach(r)
	carrier.supplement(r, value)
	for _, d := range c.Decorators {
		if err := contained(func() error { return d.Decorate(ctx, r) }); err != nil {
			r.Notices = append(r.Notices, fmt.Sprintf("decorator %T failed: %s", d, errorText(err)))
		}
	}
}

// report hands the report to all reporters, one after the other. What no reporter took is
// written to Log, and so is what went wrong with one.
func (c *Catcher) report(ctx context.Context, r *Report) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	// The client may have gone away; the report is wanted all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	took := 0
	for _, p := range c.Reporters {
		if err := contained(func() error { return p.Report(ctx, r) }); err != nil {
			r.Notices = append(r.Notices, fmt.Sprintf("the report could not be sent by %T: %s", p, errorText(err)))
			continue
		}
		took++
	}
	if took > 0 && len(r.Notices) == 0 {
		return
	}
	log := c.Log
	if log == nil {
		log = os.Stderr
	}
	text := ""
	for _, n := range r.Notices {
		text += "notice: " + clean(n) + "\n"
	}
	if took == 0 {
		text += ReportText(r)
	}
	_, _ = io.WriteString(log, text) // the last resort has no other
}

// contained runs code of the program, whose panics must not hide the failure.
func contained(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panicked: %s", oneLine(valueMessage(v), maxHeadline))
		}
	}()
	return f()
}

func errorText(err error) string {
	return oneLine(safely(func() string { return err.Error() }), maxHeadline)
}

// ReportText is the whole report as plain text, for logs and mails.
func ReportText(r *Report) string {
	text := ""
	if r.Request != nil {
		text = clean(r.Request.Method+" "+r.Request.URL) + "\n"
	}
	if !r.Trace.Time.IsZero() {
		text = r.Trace.Time.Format(time.RFC3339) + " " + text
	}
	text += Text(r.Trace, TextOptions{Source: true, AllFrames: true})
	for _, s := range r.Sections {
		text += "\n  " + clean(s.Title) + "\n"
		for _, n := range s.Rows {
			text += "    " + clean(n.Key) + ": " + clean(n.Value) + "\n"
		}
	}
	for _, n := range r.Notices {
		text += "  notice: " + clean(n) + "\n"
	}
	return text
}
