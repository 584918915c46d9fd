package profile

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// ForeignSource profiles a program through what package net/http/pprof serves. It keeps no
// state, and is safe for concurrent use.
type ForeignSource struct {
	index  *url.URL // ends in a slash
	client *http.Client
}

// Foreign returns a source for any Go program that serves /debug/pprof/. base is where it
// does: its address, or the address of the index itself when that lies elsewhere.
//
// Its processor profiles and traces last whole seconds and cannot be ended before. It
// labels nothing by itself; a program with [Profiler] does. Profiles of the kinds mutex and
// block are empty unless the program has switched them on.
func Foreign(base *url.URL) *ForeignSource {
	u := *base
	u.RawQuery, u.Fragment, u.RawPath = "", "", ""
	path := strings.TrimSuffix(u.Path, "/")
	if !strings.HasSuffix(path, "/pprof") {
		path += "/debug/pprof"
	}
	u.Path = path + "/"
	return &ForeignSource{index: &u, client: &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true}, // no proxy: what is profiled is near
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a login page is no profile
		},
	}}
}

// Labels is false: it depends on the program.
func (f *ForeignSource) Labels() bool { return false }

// Check says whether the program serves profiles at all.
func (f *ForeignSource) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	page, err := f.get(ctx, "", nil)
	if err == nil && !strings.Contains(string(page), "goroutine") {
		err = errors.New("what it answers is not the index of net/http/pprof")
	}
	return f.explain(err)
}

// explain says what to do about a program without profiles.
func (f *ForeignSource) explain(err error) error {
	if err == nil || errors.Is(err, ErrBusy) || errors.Is(err, context.Canceled) {
		return err
	}
	var status *statusError
	var unreached *url.Error
	hint := `only Go programs have these: import _ "net/http/pprof" and serve http.DefaultServeMux, or have pastedev build the program: then nothing needs to be added`
	switch {
	case errors.As(err, &unreached):
		hint = "is the program running there?"
	case errors.As(err, &status) && status.status >= 500:
		hint = "" // it says itself what is wrong
	}
	err = fmt.Errorf("profiles of %s: %w", f.index.Redacted(), err)
	if hint != "" {
		err = fmt.Errorf("%w\nhint: %s", err, hint)
	}
	return err
}

func (f *ForeignSource) send(ctx context.Context, name string, query url.Values) (*http.Response, error) {
	u := *f.index
	u.Path += name
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	return f.client.Do(req)
}

func (f *ForeignSource) get(ctx context.Context, name string, query url.Values) ([]byte, error) {
	resp, err := f.send(ctx, name, query)
	if err != nil {
		return nil, err
	}
	return readAnswer(resp)
}

func (f *ForeignSource) profile(ctx context.Context, name string, query url.Values) (*pb.Profile, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	data, err := f.get(ctx, name, query)
	if err != nil {
		return nil, f.explain(err)
	}
	p, err := Parse(data)
	if err != nil {
		return nil, f.explain(err)
	}
	if p.TimeNanos == 0 {
		p.TimeNanos = time.Now().UnixNano()
	}
	return p, nil
}

// Start begins a profile of any kind. See [Source].
func (f *ForeignSource) Start(ctx context.Context, kind inspect.ProfileKind, limit time.Duration) (Recording, error) {
	switch kind {
	case inspect.ProfileCPU:
		return f.timed(ctx, "profile", limit, func(b []byte) (Data, error) {
			p, err := Parse(b)
			return Data{Profile: p}, err
		}), nil
	case inspect.ProfileTrace:
		return f.timed(ctx, "trace", limit, func(b []byte) (Data, error) { return Data{Trace: b}, nil }), nil
	case inspect.ProfileHeap:
		return startDelta(ctx, func(ctx context.Context) (*pb.Profile, error) {
			// Allocations are counted up to the last collection only.
			p, err := f.profile(ctx, "heap", url.Values{"gc": {"1"}})
			if err == nil {
				p.DefaultSampleType = "alloc_space"
			}
			return p, err
		})
	case inspect.ProfileMutex, inspect.ProfileBlock:
		return startDelta(ctx, func(ctx context.Context) (*pb.Profile, error) { return f.profile(ctx, string(kind), nil) })
	case inspect.ProfileGoroutine:
		return stopFunc(func(ctx context.Context) (Data, error) {
			p, err := f.profile(ctx, "goroutine", nil)
			return Data{Profile: p}, err
		}), nil
	case inspect.ProfileWall:
		return f.wall(ctx, limit)
	}
	return nil, fmt.Errorf("%w: %q", ErrUnsupported, kind)
}

// timed fetches a profile that the program ends by itself after whole seconds.
func (f *ForeignSource) timed(ctx context.Context, name string, limit time.Duration, read func([]byte) (Data, error)) Recording {
	seconds := max(1, int(math.Ceil(limit.Seconds())))
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+fetchTimeout)
	done := fetchAside(ctx, func(ctx context.Context) (*http.Response, error) {
		return f.send(ctx, name, url.Values{"seconds": {strconv.Itoa(seconds)}})
	})
	return stopFunc(func(stop context.Context) (Data, error) {
		defer context.AfterFunc(stop, cancel)()
		a := <-done
		cancel()
		if a.err != nil {
			return Data{}, f.explain(a.err)
		}
		d, err := read(a.data)
		return d, f.explain(err)
	})
}

// startDelta fetches a profile that counts from the program's start now and at the end.
func startDelta(ctx context.Context, fetch func(context.Context) (*pb.Profile, error)) (Recording, error) {
	before, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	return stopFunc(func(ctx context.Context) (Data, error) {
		after, err := fetch(ctx)
		if err != nil {
			return Data{}, err
		}
		d, err := Delta(before, after)
		return Data{Profile: d}, err
	}), nil
}
