package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/inspect/profile"
)

// Bounds of what a profile may ask for.
const (
	maxProfileSeconds = 300     // longer, and somebody has forgotten it
	maxProfileSamples = 100_000 // at 100 a second and processor no limit in practice
)

var errProfilesOff = &Problem{Title: http.StatusText(http.StatusConflict), Status: http.StatusConflict, Detail: "profiles are off in this run",
	Hint: "they need a Go program that pastedev builds, or an upstream that serves /debug/pprof; `pastedev doctor` says more"}

// CallTree returns the calls that an exchange made, masked. id may be an unambiguous
// prefix. Without a tree the error is [inspect.ErrNotFound], and says so.
func (s *Service) CallTree(ctx context.Context, id inspect.ID) (*inspect.CallTree, error) {
	ex, err := s.withTree(ctx, id)
	if err != nil {
		return nil, err
	}
	return ex.CallTree, nil
}

// withTree returns an exchange that has a call tree, masked, without its bodies.
func (s *Service) withTree(ctx context.Context, id inspect.ID) (*inspect.Exchange, error) {
	ex, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if ex.CallTree == nil {
		hint := "the call tree was off, or the app is not a Go program that pastedev builds; `pastedev doctor` says more"
		if ex.InFlight {
			hint = "it comes when the handler is done; `pastedev goroutines " + ex.ID.Short() + "` shows where it is"
		}
		return nil, fmt.Errorf("call tree of %s: %w\nhint: %s", ex.ID.Short(), inspect.ErrNotFound, hint)
	}
	o := outline(ex)
	o.CallTree = ex.CallTree
	return s.opt.Redactor.Exchange(o), nil
}

// Profile records a profile, and returns when it is kept: at the latest after its
// Seconds. How far it has come is told by [inspect.ProfileProgressed] events. A request
// whose method is not safe (RFC 9110 section 9.2.1) is replayed only when Confirmed;
// else the error is [inspect.ErrConfirm], and says what would be done.
func (s *Service) Profile(ctx context.Context, req inspect.ProfileRequest) (inspect.Profile, error) {
	if s.opt.Record == nil {
		return inspect.Profile{}, errProfilesOff
	}
	if err := checkProfile(req); err != nil {
		return inspect.Profile{}, err
	}
	var ex *inspect.Exchange
	if req.Exchange != "" {
		var err error
		if ex, err = s.find(ctx, req.Exchange); err != nil {
			return inspect.Profile{}, err
		}
		if req.Exchange = ex.ID; req.Replay {
			if err := checkReplay(ex, req.Confirmed); err != nil {
				return inspect.Profile{}, err
			}
		}
	}
	p, err := s.opt.Record(ctx, req, ex)
	if err != nil {
		return inspect.Profile{}, s.targetError(ctx, err)
	}
	return s.opt.Redactor.Profile(p), nil
}

// profileKinds are those that can be asked for.
var profileKinds = []inspect.ProfileKind{inspect.ProfileCPU, inspect.ProfileWall, inspect.ProfileHeap, inspect.ProfileMutex, inspect.ProfileBlock,
	inspect.ProfileGoroutine, inspect.ProfileTrace}

func checkProfile(req inspect.ProfileRequest) error {
	switch {
	case !slices.Contains(profileKinds, req.Kind):
		return newProblem(http.StatusBadRequest, fmt.Sprintf("there is no profile of kind %q", req.Kind),
			"the kinds are "+strings.Trim(fmt.Sprint(profileKinds), "[]"))
	case !(req.Seconds >= 0 && req.Seconds <= maxProfileSeconds): // not a number is neither
		return newProblem(http.StatusBadRequest, fmt.Sprintf("a profile of %g seconds is not possible", req.Seconds),
			fmt.Sprintf("give 0 (which means 10) to %d", maxProfileSeconds))
	case req.Samples < 0 || req.Samples > maxProfileSamples:
		return newProblem(http.StatusBadRequest, fmt.Sprintf("a profile of %d samples is not possible", req.Samples),
			fmt.Sprintf("give 0 (which means 200) to %d", maxProfileSamples))
	case req.Replay && req.Exchange == "":
		return newProblem(http.StatusBadRequest, "replay names no exchange", "give the id of the one to send again")
	}
	return nil
}

// checkReplay refuses what cannot be sent again and again, or not without a yes.
func checkReplay(ex *inspect.Exchange, confirmed bool) error {
	if ex.Kind != inspect.KindHTTP {
		return newProblem(http.StatusConflict, fmt.Sprintf("replay %s: a %s connection cannot be sent again", ex.ID.Short(), ex.Kind),
			"only plain HTTP requests can be replayed")
	}
	switch ex.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return nil
	}
	if confirmed {
		return nil
	}
	p := newProblem(http.StatusConflict, fmt.Sprintf("replay %s: %s is not a safe method, and would be sent many times", ex.ID.Short(), ex.Method),
		"confirm it: --yes on the command line, \"confirmed\":true in the API")
	p.Type = problemConfirm
	return &confirmError{p}
}

// targetError is the problem for what the target, or who asks it, could not do.
func (s *Service) targetError(ctx context.Context, err error) error {
	var p *Problem
	if ctx.Err() != nil || errors.As(err, &p) || errors.Is(err, inspect.ErrNotFound) || errors.Is(err, inspect.ErrConfirm) {
		return err
	}
	detail, hint, _ := strings.Cut(s.opt.Redactor.Text(err.Error()), "\nhint: ")
	return newProblem(http.StatusConflict, detail, hint)
}

// Profiles returns the newest recorded profiles, newest first; limit 0 means all.
func (s *Service) Profiles(_ context.Context, limit int) ([]inspect.Profile, error) {
	if s.opt.Profiles == nil {
		return nil, errProfilesOff
	}
	list := slices.Clone(s.opt.Profiles.List(limit))
	for i := range list {
		list[i] = s.opt.Redactor.Profile(list[i])
	}
	return list, nil
}

// ProfileByID returns what is known of a profile.
func (s *Service) ProfileByID(_ context.Context, id int64) (inspect.Profile, error) {
	if s.opt.Profiles == nil {
		return inspect.Profile{}, errProfilesOff
	}
	p, err := s.opt.Profiles.Get(id)
	if err != nil {
		return inspect.Profile{}, profileError(id, err)
	}
	return s.opt.Redactor.Profile(p), nil
}

// ProfileData returns a profile as go tool pprof reads it, or an execution trace as go
// tool trace does. The labels that the app gave its samples are masked; what it logged
// in an execution trace is not.
func (s *Service) ProfileData(ctx context.Context, id int64) ([]byte, error) {
	p, err := s.ProfileByID(ctx, id)
	if err != nil {
		return nil, err
	}
	data, err := s.opt.Profiles.Data(id)
	if err != nil {
		return nil, profileError(id, err)
	}
	if p.Kind == inspect.ProfileTrace {
		return data, nil
	}
	return s.maskLabels(data)
}

// maskLabels returns a profile with its labels masked, data itself where none has a
// secret.
func (s *Service) maskLabels(data []byte) ([]byte, error) {
	p, err := profile.Parse(data)
	if err != nil {
		return nil, err
	}
	changed := false
	known := map[[2]string]string{} // thousands of samples share a few labels
	for _, sample := range p.Sample {
		for key, values := range sample.Label {
			for i, v := range values {
				masked, ok := known[[2]string{key, v}]
				if !ok {
					masked = strings.TrimPrefix(s.opt.Redactor.Text(key+"="+v), key+"=")
					known[[2]string{key, v}] = masked
				}
				changed = changed || masked != v
				values[i] = masked
			}
		}
	}
	if !changed {
		return data, nil
	}
	return profile.Encode(p)
}

// ProfileTop returns the n functions that most of a profile was measured in, largest
// first; 0 means all.
func (s *Service) ProfileTop(ctx context.Context, id int64, n int) ([]inspect.ProfileRow, error) {
	meta, err := s.ProfileByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if meta.Kind == inspect.ProfileTrace {
		return nil, newProblem(http.StatusConflict, fmt.Sprintf("profile %d is an execution trace, which has no functions to list", id),
			fmt.Sprintf("pastedev profiles %d --pb FILE, then go tool trace FILE", id))
	}
	data, err := s.opt.Profiles.Data(id)
	if err != nil {
		return nil, profileError(id, err)
	}
	p, err := profile.Parse(data)
	if err != nil {
		return nil, err
	}
	rows, _ := profile.Top(p, n)
	return rows, nil
}

func profileError(id int64, err error) error {
	if !errors.Is(err, inspect.ErrNotFound) {
		return err
	}
	return fmt.Errorf("profile %d: %w\nhint: `pastedev profiles` lists those that are kept", id, inspect.ErrNotFound)
}

// parseProfileID reads an ID as people write it.
func parseProfileID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 1 {
		return 0, fmt.Errorf("profile %q: %w\nhint: `pastedev profiles` lists those that are kept", s, inspect.ErrNotFound)
	}
	return id, nil
}

// Compare says how the exchange after differs from the one before, masked. Without a
// before it is [Service.CompareRoute] of after's route.
func (s *Service) Compare(ctx context.Context, before, after inspect.ID) (inspect.Comparison, error) {
	a, err := s.find(ctx, after)
	if err != nil {
		return inspect.Comparison{}, err
	}
	if before == "" {
		return s.CompareRoute(ctx, calltree.Route(a.Method, a.Path))
	}
	b, err := s.find(ctx, before)
	if err != nil {
		return inspect.Comparison{}, err
	}
	return s.opt.Redactor.Comparison(calltree.Compare(calltree.Of(b), calltree.Of(a))), nil
}

// CompareRoute compares the exchanges of a route since the last build with those before,
// masked. A route is a method and a path in which {} stands for what varies: "GET /cart/{}".
func (s *Service) CompareRoute(ctx context.Context, route string) (inspect.Comparison, error) {
	if s.opt.CompareRoute == nil {
		return inspect.Comparison{}, newProblem(http.StatusConflict, "routes cannot be compared in this run", "compare two exchanges by their ids")
	}
	c, err := s.opt.CompareRoute(ctx, route)
	if err != nil {
		return inspect.Comparison{}, s.targetError(ctx, err)
	}
	return s.opt.Redactor.Comparison(c), nil
}

// Goroutines returns the stacks of the goroutines that an exchange has at this moment, as
// the runtime prints them, masked; "" when it has none.
func (s *Service) Goroutines(ctx context.Context, id inspect.ID) (string, error) {
	if s.opt.Goroutines == nil {
		return "", newProblem(http.StatusConflict, "there is no agent in the app to ask for goroutines", "it is in Go programs that pastedev builds; `pastedev doctor` says more")
	}
	ex, err := s.find(ctx, id)
	if err != nil {
		return "", err
	}
	text, err := s.opt.Goroutines(ctx, ex.ID)
	if err != nil {
		return "", s.targetError(ctx, err)
	}
	return s.opt.Redactor.Text(text), nil
}

// Cancel ends an exchange that is in flight: the target sees its client go away.
func (s *Service) Cancel(ctx context.Context, id inspect.ID) error {
	if s.opt.Cancel == nil {
		return newProblem(http.StatusConflict, "nothing can be cancelled in this run", "")
	}
	ex, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	if !s.opt.Cancel(ex.ID) {
		return newProblem(http.StatusConflict, fmt.Sprintf("cancel %s: it is not in flight", ex.ID.Short()), "it has ended; `pastedev show "+ex.ID.Short()+"` tells how")
	}
	return nil
}

// SetCallTree turns the call tree of coming requests on or off.
func (s *Service) SetCallTree(ctx context.Context, on bool) error {
	if s.opt.SetCalls == nil {
		return newProblem(http.StatusConflict, "the app has no call tree", "it is in Go programs that pastedev builds; `pastedev doctor` says more")
	}
	if err := s.opt.SetCalls(ctx, on); err != nil {
		return s.targetError(ctx, err)
	}
	return nil
}
