package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pastedev/pastedev/devserver/session"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/pastedev/pastedev/inspect/redact"
	"github.com/pastedev/pastedev/inspect/store"
)

// History is the recorded past, as the store keeps it.
type History interface {
	// Exchanges lists the window that m matches; a nil m matches all.
	Exchanges(ctx context.Context, req inspect.ListRequest, m store.Matcher) (inspect.List, error)
	// Exchange finds by id or unambiguous prefix.
	Exchange(ctx context.Context, id inspect.ID) (*inspect.Exchange, error)
	// Children are the sub-requests of the exchange with this whole id, in order.
	Children(ctx context.Context, id inspect.ID) ([]inspect.Summary, error)
	Clear(ctx context.Context) error
}

// Journal is what the target printed and how it was built.
type Journal interface {
	Outputs(ctx context.Context, after int64, limit int) ([]inspect.Output, error)
	Builds(ctx context.Context, limit int) ([]inspect.Build, error)
}

// Failures are the traces that were recorded.
type Failures interface {
	// Traces lists outlines, newest first.
	Traces(ctx context.Context, limit int) ([]inspect.Trace, error)
	// Trace finds by ID, or the newest by code.
	Trace(ctx context.Context, ref string) (*inspect.Trace, error)
}

// Profiles are the profiles that were recorded.
type Profiles interface {
	// List returns at most limit of them, newest first; 0 means all.
	List(limit int) []inspect.Profile
	// Get and Data find by ID; one that is not there is [inspect.ErrNotFound].
	Get(id int64) (inspect.Profile, error)
	// Data is a profile in the form of pprof, gzipped, or an execution trace.
	Data(id int64) ([]byte, error)
}

// Feed is the live feed. The channel is closed when ctx ends; a slow reader loses
// chatter, as the store decides.
type Feed interface {
	Subscribe(ctx context.Context) <-chan inspect.Event
}

// Store is all that a service reads from.
type Store interface {
	History
	Journal
	Failures
	Feed
}

// Options are the parts that a [Service] is made of. Store and Status are needed.
type Options struct {
	Store  Store
	Status func() inspect.Status
	// Restart rebuilds and restarts the target, or of several programs that of a mount; ""
	// means all; nil where there is none to restart
	// (--upstream).
	Restart func(ctx context.Context, mount string) error
	// Replay sends the recorded request to the target again and returns the id of
	// the new exchange. It gets the record unmasked and must not send it anywhere
	// else. nil where replaying is off.
	Replay func(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error)
	// Eval computes an expression in a frame of a trace, from the snapshot of the process;
	// nil where locals are off. See [Service.Eval].
	Eval func(ctx context.Context, trace int64, frame int, expr string) (inspect.Variable, error)
	// Profiles are the recorded ones; nil where profiling is off.
	Profiles Profiles
	// Sessions are those that the app keeps in files; nil: none are known of.
	Sessions *session.Folder
	// Record makes a profile and keeps it among Profiles. It gets the request with bounds
	// checked, and the exchange that it names unmasked, else nil; what it replays it sends
	// to the target only. nil where profiling is off. See [Service.Profile].
	Record func(ctx context.Context, req inspect.ProfileRequest, ex *inspect.Exchange) (inspect.Profile, error)
	// CompareRoute compares the exchanges of a route ("GET /cart/{}") since the last build
	// with those of the build before; nil where no call trees are kept.
	CompareRoute func(ctx context.Context, route string) (inspect.Comparison, error)
	// Goroutines returns the stacks of the goroutines of an exchange, "" when it has none
	// (any more); nil where there is no agent to ask.
	Goroutines func(ctx context.Context, id inspect.ID) (string, error)
	// Cancel ends an exchange that is in flight and reports whether it was; nil where
	// nothing can be cancelled.
	Cancel func(id inspect.ID) bool
	// Inside returns what is known so far of an exchange that is in flight; nil where nothing
	// is before its end.
	Inside func(id inspect.ID) ([]inspect.Output, []inspect.Span)
	// SetCalls turns the call tree on or off in the target; nil where it has none.
	SetCalls func(ctx context.Context, on bool) error
	// Hints says what could be better about an exchange, which it gets unmasked; nil says
	// nothing. What it says must hold nothing of the exchange's contents.
	Hints func(ex *inspect.Exchange) []inspect.Diagnostic
	// Editor returns a link that opens a file in the user's editor, for the pages of
	// traces; nil or "" means none.
	Editor func(path string, line, col int) string
	// Redactor masks what leaves the service. Its zero value masks the usual
	// secrets; a nil Decode in it means body.Decode.
	Redactor redact.Redactor
	// Now is the clock that since: in queries is measured with; nil means time.Now.
	Now func() time.Time
}

// Service is the verbs, in process. It is the one place where records are masked:
// nothing leaves it unmasked unless asked to reveal. It is safe for concurrent use.
type Service struct {
	opt Options
}

// NewService returns a service over these parts.
func NewService(opt Options) *Service {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Redactor.Decode == nil {
		opt.Redactor.Decode = func(h inspect.Header, data []byte) ([]byte, bool) {
			// Truncated, so that a record's cut or damaged end does not hide its start.
			d, err := body.Decode(h, inspect.Body{Data: data, Size: int64(len(data)), Truncated: true})
			return d.Data, err == nil
		}
	}
	return &Service{opt: opt}
}

// Status returns the state of pastedev and of its target.
func (s *Service) Status(context.Context) (inspect.Status, error) {
	return s.opt.Redactor.Status(s.opt.Status()), nil
}

// Exchanges lists a window of the history. A wrong query is a [*query.Error] with
// its position.
func (s *Service) Exchanges(ctx context.Context, req inspect.ListRequest) (inspect.List, error) {
	m, err := s.matcher(req.Query)
	if err != nil {
		return inspect.List{}, err
	}
	list, err := s.opt.Store.Exchanges(ctx, req, m)
	if err != nil {
		return inspect.List{}, fmt.Errorf("list exchanges: %w", err)
	}
	list.Items = s.summaries(list.Items)
	return list, nil
}

// matcher parses a query; it is nil for the empty one.
func (s *Service) matcher(text string) (store.Matcher, error) {
	if text == "" {
		return nil, nil
	}
	q, err := query.Parse(text, s.opt.Now())
	if err != nil {
		return nil, err
	}
	return q.WithDecoder(func(h inspect.Header, b inspect.Body) []byte {
		d, err := body.Decode(h, b)
		if err != nil {
			return nil
		}
		return d.Data
	}), nil
}

// Exchange returns one exchange with its sub-requests and without its call tree, for which
// there is [Service.CallTree], masked unless reveal is set. id may be an unambiguous prefix; one
// that fits several is a [*store.AmbiguousError].
func (s *Service) Exchange(ctx context.Context, id inspect.ID, reveal bool) (*inspect.Exchange, error) {
	ex, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	ex = treeless(ex)
	var hints []inspect.Diagnostic
	if s.opt.Hints != nil && !ex.InFlight {
		hints = s.opt.Hints(ex)
	}
	children, err := s.opt.Store.Children(ctx, ex.ID)
	if err != nil {
		return nil, fmt.Errorf("list sub-requests of %s: %w", ex.ID.Short(), err)
	}
	with := *ex // the record is the store's
	with.Children, with.Subs = children, max(ex.Subs, len(children))
	if ex.InFlight && s.opt.Inside != nil {
		soFar(&with, s.opt.Inside)
	}
	masked := &with
	if !reveal {
		masked = s.opt.Redactor.Exchange(masked)
	}
	masked.Hints = hints
	return masked, nil
}

// soFar fills in what has happened inside an exchange that is in flight.
func soFar(ex *inspect.Exchange, inside func(inspect.ID) ([]inspect.Output, []inspect.Span)) {
	ex.Logs, ex.Spans = inside(ex.ID)
	ex.Sums.Logs = len(ex.Logs)
	for i := range ex.Spans {
		switch d := ex.Spans[i].Duration; ex.Spans[i].Kind {
		case inspect.SpanSQL:
			ex.Sums.SQL++
			ex.Sums.SQLTime += d
		case inspect.SpanCall:
			ex.Sums.Calls++
			ex.Sums.CallTime += d
		case inspect.SpanProcess:
			ex.Sums.Programs++
		}
	}
}

// find returns the record itself. Its errors name the id and are masked.
func (s *Service) find(ctx context.Context, id inspect.ID) (*inspect.Exchange, error) {
	ex, err := s.opt.Store.Exchange(ctx, id)
	var several *store.AmbiguousError
	if errors.As(err, &several) {
		masked := *several
		masked.Candidates = s.summaries(several.Candidates)
		return nil, &masked
	}
	return ex, err
}

// summaries returns masked copies, never nil: [] in JSON.
func (s *Service) summaries(list []inspect.Summary) []inspect.Summary {
	masked := make([]inspect.Summary, len(list))
	for i, sum := range list {
		masked[i] = s.opt.Redactor.Summary(sum)
	}
	return masked
}

// Builds returns the newest builds, newest first.
func (s *Service) Builds(ctx context.Context, limit int) ([]inspect.Build, error) {
	builds, err := s.opt.Store.Builds(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list builds: %w", err)
	}
	masked := make([]inspect.Build, len(builds))
	for i, b := range builds {
		masked[i] = s.opt.Redactor.Build(b)
	}
	return masked, nil
}

// Outputs returns what was printed after the line with this Seq, in order; with
// after 0 the newest lines.
func (s *Service) Outputs(ctx context.Context, after int64, limit int) ([]inspect.Output, error) {
	lines, err := s.opt.Store.Outputs(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list output: %w", err)
	}
	masked := make([]inspect.Output, len(lines))
	for i, line := range lines {
		masked[i] = s.opt.Redactor.Output(line)
	}
	return masked, nil
}

// Subscribe returns the live feed, masked; exchanges in it carry no body data (ask
// [Service.Exchange]). The channel is closed when ctx ends, or when the store ends.
func (s *Service) Subscribe(ctx context.Context) (<-chan inspect.Event, error) {
	in := s.opt.Store.Subscribe(ctx)
	out := make(chan inspect.Event)
	go func() { // ends with in, which ends with ctx; the reader of out sees it end
		defer close(out)
		for e := range in {
			select {
			case out <- s.mask(e):
			case <-ctx.Done():
				for range in { // let the store close it
				}
				return
			}
		}
	}()
	return out, nil
}

// mask returns e as it may leave the service.
func (s *Service) mask(e inspect.Event) inspect.Event {
	switch f := e.(type) {
	case inspect.ExchangeFinished:
		e = inspect.ExchangeFinished{Exchange: outline(f.Exchange)}
	case inspect.ExchangeUpdated:
		e = inspect.ExchangeUpdated{Exchange: outline(f.Exchange)}
	}
	return s.opt.Redactor.Event(e)
}

// outline returns ex without its body data and its call tree. Size and Truncated stay as
// recorded.
func outline(ex *inspect.Exchange) *inspect.Exchange {
	o := *ex
	o.Request.Body.Data, o.Response.Body.Data = nil, nil
	o.CallTree = nil
	return &o
}

// treeless returns ex without its call tree.
func treeless(ex *inspect.Exchange) *inspect.Exchange {
	if ex.CallTree == nil {
		return ex
	}
	o := *ex
	o.CallTree = nil
	return &o
}

// Replay sends a recorded request to the target again and returns the id of the new
// exchange.
func (s *Service) Replay(ctx context.Context, id inspect.ID) (inspect.ID, error) {
	if s.opt.Replay == nil {
		return "", newProblem(http.StatusConflict, "replay is off in this run", "")
	}
	ex, err := s.find(ctx, id)
	if err != nil {
		return "", err
	}
	if ex.Kind != inspect.KindHTTP {
		return "", newProblem(http.StatusConflict, fmt.Sprintf("replay %s: a %s connection cannot be sent again", ex.ID.Short(), ex.Kind),
			"only plain HTTP requests can be replayed")
	}
	replayed, err := s.opt.Replay(ctx, ex)
	if err != nil {
		return "", fmt.Errorf("replay %s: %w", ex.ID.Short(), err)
	}
	return replayed, nil
}

// Restart rebuilds and restarts the target, all programs of it.
func (s *Service) Restart(ctx context.Context) error { return s.RestartMount(ctx, "") }

// RestartMount is Restart for the program of one mount; "" means all.
func (s *Service) RestartMount(ctx context.Context, mount string) error {
	if s.opt.Restart == nil {
		return newProblem(http.StatusConflict, "there is no process to restart", "with --upstream pastedev does not own the target; restart it where it was started")
	}
	if err := s.opt.Restart(ctx, mount); err != nil {
		return s.targetError(ctx, err)
	}
	return nil
}

// Clear forgets the recorded exchanges.
func (s *Service) Clear(ctx context.Context) error {
	if err := s.opt.Store.Clear(ctx); err != nil {
		return fmt.Errorf("clear the history: %w", err)
	}
	return nil
}
