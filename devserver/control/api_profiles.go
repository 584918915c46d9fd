package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

func (a *api) profileRoutes() {
	a.get("exchanges/{id}/calltree", a.callTree)
	a.get("exchanges/{id}/calltree/text", a.callTreeText)
	a.get("exchanges/{id}/calltree/folded", a.callTreeFolded)
	a.get("exchanges/{id}/calltree/speedscope", a.callTreeSpeedscope)
	a.get("exchanges/{id}/calltree/pprof", a.callTreePprof)
	a.get("exchanges/{id}/goroutines", a.goroutines)
	a.get("profiles", a.profiles)
	a.get("profiles/{id}", a.profileByID)
	a.get("profiles/{id}/data", a.profileData)
	a.get("profiles/{id}/top", a.profileTop)
	a.get("compare", a.compare)
	a.handle("GET "+pprofPrefix+"{id}/{page...}", a.pprofPage)
	a.post("profile", a.profile)
	a.post("calltree", a.setCallTree)
	a.post("cancel", a.cancel)
}

func (a *api) goroutines(w http.ResponseWriter, r *http.Request) (any, error) {
	text, err := a.svc.Goroutines(r.Context(), inspect.ID(r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	return nil, writeText(w, "text/plain; charset=utf-8", text)
}

func (a *api) profiles(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	limit := int(p.num("limit", defaultProfileLimit, 1, maxProfileLimit))
	exchange := p.get("exchange")
	if p.err != nil {
		return nil, p.err
	}
	list, err := a.svc.Profiles(r.Context(), 0)
	list = slices.DeleteFunc(list, func(p inspect.Profile) bool { return !strings.HasPrefix(string(p.Exchange), exchange) })
	return items[inspect.Profile]{list[:min(len(list), limit)]}.orEmpty(), err
}

func (a *api) profileTop(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	n := int(p.num("n", defaultTop, 1, maxTop))
	if p.err != nil {
		return nil, p.err
	}
	id, err := parseProfileID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	rows, err := a.svc.ProfileTop(r.Context(), id, n)
	return items[inspect.ProfileRow]{rows}.orEmpty(), err
}

func (a *api) profileByID(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := parseProfileID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return a.svc.ProfileByID(r.Context(), id)
}

func (a *api) profileData(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := parseProfileID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p, err := a.svc.ProfileByID(r.Context(), id)
	if err != nil {
		return nil, err
	}
	data, err := a.svc.ProfileData(r.Context(), id)
	if err != nil {
		return nil, err
	}
	ext := "pb.gz"
	if p.Kind == inspect.ProfileTrace {
		ext = "trace"
	}
	writeFile(w, fmt.Sprintf("pastedev-%s-%d.%s", p.Kind, id, ext), data)
	return nil, nil
}

// writeFile sends what a browser saves and never shows.
func writeFile(w http.ResponseWriter, name string, data []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	_, _ = w.Write(data) // a client that is gone needs no answer
}

func (a *api) compare(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	before, after, route := inspect.ID(p.get("before")), inspect.ID(p.get("after")), p.get("route")
	switch {
	case route != "" && before == "" && after == "":
		return a.svc.CompareRoute(r.Context(), route)
	case route == "" && after != "":
		return a.svc.Compare(r.Context(), before, after)
	}
	return nil, newProblem(http.StatusBadRequest, "compare needs an exchange, two, or a route",
		`give before= and after=, after= alone for its route before the last build, or route= ("GET /cart/{}")`)
}

func (a *api) profile(w http.ResponseWriter, r *http.Request) (any, error) {
	var req inspect.ProfileRequest
	if err := readJSON(w, r, &req); err != nil {
		return nil, err
	}
	return a.svc.Profile(r.Context(), req)
}

func (a *api) setCallTree(w http.ResponseWriter, r *http.Request) (any, error) {
	var body struct {
		On *bool `json:"on"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if body.On == nil {
		return nil, newProblem(http.StatusBadRequest, "calltree needs to know whether it is to be on", `send {"on":true} or {"on":false}`)
	}
	return struct{}{}, a.svc.SetCallTree(r.Context(), *body.On)
}

func (a *api) cancel(w http.ResponseWriter, r *http.Request) (any, error) {
	var body struct {
		ID inspect.ID `json:"id"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if body.ID == "" {
		return nil, newProblem(http.StatusBadRequest, "cancel needs the id of an exchange", `send {"id":"..."}`)
	}
	return struct{}{}, a.svc.Cancel(r.Context(), body.ID)
}
