package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// Traces returns the outlines of the newest traces, newest first, masked: their frames
// are cut to the failing one, without source and variables. limit 0 means all.
func (s *Service) Traces(ctx context.Context, limit int) ([]inspect.Trace, error) {
	traces, err := s.opt.Store.Traces(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list errors: %w", err)
	}
	masked := make([]inspect.Trace, len(traces))
	for i := range traces {
		masked[i] = *s.opt.Redactor.Trace(&traces[i])
	}
	return masked, nil
}

// Trace returns one trace whole: by its ID in decimal, or the newest with this code;
// masked unless reveal is set.
func (s *Service) Trace(ctx context.Context, ref string, reveal bool) (*inspect.Trace, error) {
	t, err := s.findTrace(ctx, ref)
	if err != nil {
		return nil, err
	}
	if reveal {
		return t, nil
	}
	return s.opt.Redactor.Trace(t), nil
}

// findTrace returns the record itself.
func (s *Service) findTrace(ctx context.Context, ref string) (*inspect.Trace, error) {
	t, err := s.opt.Store.Trace(ctx, ref)
	if errors.Is(err, inspect.ErrNotFound) {
		return nil, fmt.Errorf("%w\nhint: `pastedev errors` lists those that are kept", err)
	}
	return t, err
}

// TraceText returns one trace as text for a terminal, masked; with all, each frame of
// it and the text that it was found in.
func (s *Service) TraceText(ctx context.Context, ref string, all bool) (string, error) {
	t, err := s.Trace(ctx, ref, false)
	if err != nil {
		return "", err
	}
	return traceback.Text(*t, traceback.TextOptions{AllFrames: all, Source: true, Raw: all}), nil
}

// TraceMarkdown returns one trace with what is known around it as Markdown, masked.
func (s *Service) TraceMarkdown(ctx context.Context, ref string) (string, error) {
	r, err := s.Report(ctx, ref)
	if err != nil {
		return "", err
	}
	return traceback.Markdown(r), nil
}

// Report returns one trace with what is known around it, masked: its request, what
// was printed and asked of databases and others meanwhile, and the build. What is no
// longer in the history is left out.
func (s *Service) Report(ctx context.Context, ref string) (*traceback.Report, error) {
	t, err := s.Trace(ctx, ref, false)
	if err != nil {
		return nil, err
	}
	r := &traceback.Report{Trace: *t}
	if t.Exchange != "" {
		if ex, err := s.Exchange(ctx, t.Exchange, false); err == nil {
			r.Request, r.Prints, r.Spans = requestOf(ex), ex.Logs, ex.Spans
		}
	}
	builds, err := s.Builds(ctx, 0)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(builds, func(b inspect.Build) bool { return b.Number == t.Build }); i >= 0 {
		r.Build = &builds[i]
	}
	return r, nil
}

// maxFormFields bounds the fields of a form in a report.
const maxFormFields = 100

// requestOf describes the request of a masked exchange.
func requestOf(ex *inspect.Exchange) *traceback.Request {
	out := &traceback.Request{Method: ex.Method, URL: ex.URL, Proto: ex.Proto, Remote: ex.Client, Header: notes(ex.Request.Header)}
	if mt, _, _ := mime.ParseMediaType(ex.Request.Header.Get("Content-Type")); mt != "application/x-www-form-urlencoded" {
		return out
	}
	if d, err := body.Decode(ex.Request.Header, ex.Request.Body); err == nil {
		form, _ := url.ParseQuery(string(d.Data)) // what can be read of it
		out.Form = notes(inspect.Header(form))
		out.Form = out.Form[:min(len(out.Form), maxFormFields)]
	}
	return out
}

func notes(h inspect.Header) (list []inspect.Note) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			list = append(list, inspect.Note{Key: name, Value: value})
		}
	}
	return list
}

// maxExpr is the length of an expression in bytes: people type them.
const maxExpr = 2000

// Eval computes an expression in a frame of a trace: fields, indexes, len, map
// lookups, conversions. frame is an index into [inspect.Trace.Frames]. Nothing runs in
// the target, whose state was kept when it failed. The value is masked like the
// variables of a trace.
func (s *Service) Eval(ctx context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
	if s.opt.Eval == nil {
		return inspect.Variable{}, newProblem(http.StatusConflict, "locals are off", "pastedev doctor says why there are no snapshots of the process here")
	}
	if expr == "" || len(expr) > maxExpr {
		return inspect.Variable{}, newProblem(http.StatusBadRequest, fmt.Sprintf("the expression has %d bytes, not 1 to %d", len(expr), maxExpr),
			"write something like u.Name, len(items) or m[\"key\"]")
	}
	t, err := s.findTrace(ctx, fmt.Sprint(trace))
	if err != nil {
		return inspect.Variable{}, err
	}
	if frame < 0 || frame >= len(t.Frames) {
		return inspect.Variable{}, newProblem(http.StatusBadRequest, fmt.Sprintf("error %s has no frame %d", t.Code, frame),
			fmt.Sprintf("its frames are 0 to %d, innermost first", len(t.Frames)-1))
	}
	v, err := s.opt.Eval(ctx, trace, frame, expr)
	if err != nil {
		return inspect.Variable{}, s.evalError(ctx, err)
	}
	return s.opt.Redactor.Result(expr, v), nil
}

// evalError is the problem for an expression that could not be computed.
func (s *Service) evalError(ctx context.Context, err error) error {
	var p *Problem
	if ctx.Err() != nil || errors.As(err, &p) || errors.Is(err, inspect.ErrNotFound) {
		return err
	}
	detail, hint, _ := strings.Cut(s.opt.Redactor.Text(err.Error()), "\nhint: ")
	return newProblem(http.StatusUnprocessableEntity, detail, hint)
}
