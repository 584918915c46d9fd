package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
)

// Credentials returns what an exchange carries of who somebody is, in readable form, with the
// sessions that its cookies are keys to as they are now, secrets masked unless reveal is set. id may be an unambiguous prefix.
func (s *Service) Credentials(ctx context.Context, id inspect.ID, reveal bool) ([]authview.Item, error) {
	ex, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	list := s.withSessions(authview.Decode(ex), ex, reveal)
	if !reveal {
		list = authview.Mask(list)
	}
	return list, nil
}

func (a *api) credentials(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	reveal := p.flag("reveal")
	if p.err != nil {
		return nil, p.err
	}
	list, err := a.svc.Credentials(r.Context(), inspect.ID(r.PathValue("id")), reveal)
	return items[authview.Item]{list}, err
}

// Credentials returns what [Service.Credentials] does.
func (c *Client) Credentials(ctx context.Context, id inspect.ID, reveal bool) ([]authview.Item, error) {
	v := url.Values{}
	setIf(v, "reveal", "1", reveal)
	l, err := get[items[authview.Item]](ctx, c, "exchanges/"+url.PathEscape(string(id))+"/credentials", v)
	return l.Items, err
}
