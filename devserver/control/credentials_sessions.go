package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/session"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
)

const (
	defaultSessionLimit = 100
	maxSessionLimit     = 1000
	// shortestSession is how much of a session's ID names it at least.
	shortestSession = 8
	// maxLookups bounds the cookies of an exchange whose session is looked for, each of which
	// reads a file; browsers keep some 180 cookies of a site.
	maxLookups = 200
)

// Sessions lists what the app keeps in files, the last to expire first, values masked unless
// reveal is set. Without a folder there are none. Editing values is not offered: a session
// belongs to its program, which may hold it open; it can be ended.
func (s *Service) Sessions(_ context.Context, limit int, reveal bool) ([]authview.Session, error) {
	list := []authview.Session{}
	if s.opt.Sessions == nil {
		return list, nil
	}
	files, err := s.opt.Sessions.List(limit)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f, err = s.opt.Sessions.Get(f.ID); err == nil { // else it has ended meanwhile
			list = append(list, s.session(f, reveal))
		}
	}
	return list, nil
}

// Session returns one of [Service.Sessions]. id may be an unambiguous prefix.
func (s *Service) Session(_ context.Context, id string, reveal bool) (authview.Session, error) {
	id, err := s.sessionID(id)
	if err != nil {
		return authview.Session{}, err
	}
	f, err := s.opt.Sessions.Get(id)
	if errors.Is(err, session.ErrNoSession) {
		return authview.Session{}, noSession(id)
	}
	if err != nil {
		return authview.Session{}, err
	}
	return s.session(f, reveal), nil
}

// ForgetSession ends a session: requests with its cookie have none from now on. One that a
// request under way holds is not written again. id may be an unambiguous prefix.
func (s *Service) ForgetSession(_ context.Context, id string) error {
	id, err := s.sessionID(id)
	if err != nil {
		return err
	}
	if err := s.opt.Sessions.Forget(id); errors.Is(err, session.ErrNoSession) {
		return noSession(id)
	} else if err != nil {
		return fmt.Errorf("end the session %.12s: %w", id, err)
	}
	return nil
}

// sessionID completes the beginning of an ID.
func (s *Service) sessionID(id string) (string, error) {
	id = strings.ToLower(id)
	switch {
	case s.opt.Sessions == nil:
		return "", noSession(id)
	case len(id) < shortestSession || strings.Trim(id, "0123456789abcdef") != "":
		return "", newProblem(http.StatusBadRequest, fmt.Sprintf("session %.64q", id),
			fmt.Sprintf("give at least %d digits of its ID; `pastedev sessions` lists them", shortestSession))
	}
	full, err := s.opt.Sessions.Match(id)
	if errors.Is(err, session.ErrNoSession) {
		return "", noSession(id)
	}
	if err != nil {
		return "", newProblem(http.StatusBadRequest, err.Error(), "give more digits")
	}
	return full, nil
}

func noSession(id string) error {
	return fmt.Errorf("session %.12s: %w\nhint: it has ended, or the app keeps its sessions elsewhere; `pastedev sessions` lists them", id, inspect.ErrNotFound)
}

// session reads a file and masks what it says.
func (s *Service) session(f session.File, reveal bool) authview.Session {
	out := authview.Session{ID: f.ID, File: f.Path, Size: f.Size, Changed: f.Changed, Expires: f.Expiry}
	if err := out.Read(f.Data); err != nil {
		out.Problem = err.Error()
	}
	if out.Expires.Before(out.Ends.Add(-time.Second)) { // it was moved when the file was written
		out.Idle = int64(out.Expires.Sub(out.Changed).Round(time.Second) / time.Second)
	}
	if !reveal && len(out.Values) > 0 {
		out.Values = s.opt.Redactor.Body("application/json", out.Values)
	}
	return out
}

// withSessions puts behind the cookies of an exchange the sessions that they are keys to, as
// they are now.
func (s *Service) withSessions(list []authview.Item, ex *inspect.Exchange, reveal bool) []authview.Item {
	if s.opt.Sessions == nil {
		return list
	}
	left := maxLookups
	add := func(part authview.Part, name, value string) {
		if left--; left < 0 || value == "" {
			return
		}
		f, err := s.opt.Sessions.Find(value)
		if err != nil {
			return // no session's cookie, or its session has ended
		}
		item := s.session(f, reveal).Item(part, name, ex.Start)
		at := slices.IndexFunc(list, func(i authview.Item) bool { return i.Part == part && i.Name == item.Name })
		if at < 0 {
			at = len(list) - 1
		}
		list = slices.Insert(list, at+1, item)
	}
	for _, c := range httpx.Cookies(http.Header(ex.Request.Header)) {
		add(authview.RequestCookie, c.Name, c.Value)
	}
	for _, line := range ex.Response.Header["Set-Cookie"] {
		if c, err := http.ParseSetCookie(line); err == nil {
			add(authview.SetCookie, c.Name, c.Value)
		}
	}
	return list
}

func (a *api) sessionRoutes() {
	a.get("sessions", a.sessions)
	a.get("sessions/{id}", a.session)
	a.post("sessions/{id}/forget", a.forgetSession)
}

func (a *api) sessions(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	limit, reveal := int(p.num("limit", defaultSessionLimit, 1, maxSessionLimit)), p.flag("reveal")
	if p.err != nil {
		return nil, p.err
	}
	list, err := a.svc.Sessions(r.Context(), limit, reveal)
	return items[authview.Session]{list}.orEmpty(), err
}

func (a *api) session(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	reveal := p.flag("reveal")
	if p.err != nil {
		return nil, p.err
	}
	return a.svc.Session(r.Context(), r.PathValue("id"), reveal)
}

func (a *api) forgetSession(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.act(w, r, func() error { return a.svc.ForgetSession(r.Context(), r.PathValue("id")) })
}

// Sessions returns what [Service.Sessions] does.
func (c *Client) Sessions(ctx context.Context, limit int, reveal bool) ([]authview.Session, error) {
	v := url.Values{}
	setNum(v, "limit", int64(limit))
	setIf(v, "reveal", "1", reveal)
	l, err := get[items[authview.Session]](ctx, c, "sessions", v)
	return l.Items, err
}

// Session returns what [Service.Session] does.
func (c *Client) Session(ctx context.Context, id string, reveal bool) (authview.Session, error) {
	v := url.Values{}
	setIf(v, "reveal", "1", reveal)
	return get[authview.Session](ctx, c, "sessions/"+url.PathEscape(id), v)
}

// ForgetSession does what [Service.ForgetSession] does.
func (c *Client) ForgetSession(ctx context.Context, id string) error {
	return c.post(ctx, "sessions/"+url.PathEscape(id)+"/forget", struct{}{}, &struct{}{})
}
