package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Matcher decides which exchanges a list holds. It looks at s, and only when that
// does not settle the matter calls load, which fetches headers and bodies from disk;
// load returns nil when they are gone. Neither value may be changed, and neither s nor
// load is of use after Match has returned: the next exchange takes their place.
type Matcher interface {
	Match(s *inspect.Summary, load func() *inspect.Exchange) bool
}

const (
	// scanTime bounds how long one list reads details from disk. Whoever waits for
	// it is a person at a filter box.
	scanTime = 2 * time.Second
	// scanCheck is how many summaries are matched between two looks at the clock.
	scanCheck = 256
)

// defaultLimit is what ListRequest.Limit 0 means.
const defaultLimit = 100

// Exchanges returns the window of the history that req asks for, of what m matches;
// nil matches all and req.Query is not looked at. An exchange in flight has its
// duration so far.
//
// When m reads headers or bodies the scan ends with the window full, after two
// seconds, or with ctx's deadline: Match is then -1, and More says that there may be
// more. A cancelled ctx is an error.
func (s *Store) Exchanges(ctx context.Context, req inspect.ListRequest, m Matcher) (inspect.List, error) {
	limit := req.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	s.mu.RLock()
	recs := s.index.recs
	from, to := 0, len(recs)
	if req.After > 0 {
		from = s.index.search(req.After + 1)
	}
	if req.Before > 0 {
		to = max(from, s.index.search(req.Before))
	}
	list := inspect.List{Total: len(recs), Match: len(recs), Items: []inspect.Summary{}}
	if m == nil && req.Roots && s.index.subs > 0 {
		s.index.roots(&list, req, recs[from:to], limit)
		s.mu.RUnlock()
		if req.Oldest {
			slices.Reverse(list.Items)
		}
		return list, nil
	}
	if m == nil {
		n := min(limit, to-from)
		list.More = to-from > n
		if req.Oldest {
			to = from + n
		}
		list.Items = appendNewestFirst(list.Items, recs[to-n:to])
		s.mu.RUnlock()
		return list, nil
	}
	sc := scan{store: s, ctx: ctx, m: m, sums: make([]packed, len(recs)), from: from, to: to,
		limit: limit, oldest: req.Oldest, deadline: time.Now().Add(scanTime)}
	for i, r := range recs {
		sc.sums[i] = r.sum
	}
	s.mu.RUnlock()
	err := sc.run(&list)
	return list, err
}

func appendNewestFirst(items []inspect.Summary, recs []*record) []inspect.Summary {
	for _, r := range slices.Backward(recs) {
		items = append(items, r.sum.summary())
	}
	return items
}

// scan is one filtered walk over the summaries, outside of all locks.
type scan struct {
	store    *Store
	ctx      context.Context
	m        Matcher
	sums     []packed // all, ascending Seq
	from, to int      // the part that may be returned
	limit    int
	oldest   bool
	deadline time.Time
	loaded   bool // details were read
	late     bool // and some since the clock was looked at
}

// run walks from the end that the window begins at, so that a scan that reads details
// may stop as soon as the window is full.
func (sc *scan) run(list *inspect.List) error {
	list.Match = 0
	var sum inspect.Summary // of the one that is looked at
	var seq int64
	load := func() *inspect.Exchange { return sc.load(seq) }
	n := len(sc.sums)
	for k := range n {
		i := n - 1 - k
		if sc.oldest {
			i = k
		}
		if k%scanCheck == 0 || sc.late {
			sc.late = false
			if stop, err := sc.overdue(); err != nil {
				return err
			} else if stop {
				list.Match, list.More = -1, true
				break
			}
		}
		inside := i >= sc.from && i < sc.to
		if sc.loaded && (list.More || !inside) {
			list.Match = -1 // the rest would only be counted: too dear
			if list.More || sc.oldest && i >= sc.to || !sc.oldest && i < sc.from {
				break
			}
			continue
		}
		sc.sums[i].unpack(&sum)
		seq = sum.Seq
		if !sc.m.Match(&sum, load) {
			continue
		}
		if list.Match >= 0 {
			list.Match++
		}
		if !inside {
			continue
		}
		if len(list.Items) < sc.limit {
			list.Items = append(list.Items, sum)
		} else {
			list.More = true
		}
	}
	if sc.oldest {
		slices.Reverse(list.Items)
	}
	return nil
}

// overdue reports whether the scan must end with what it has.
func (sc *scan) overdue() (bool, error) {
	if err := sc.ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
		return true, nil
	} else if err != nil {
		return false, err
	}
	return sc.loaded && time.Now().After(sc.deadline), nil
}

func (sc *scan) load(seq int64) *inspect.Exchange {
	sc.loaded, sc.late = true, true
	ex, err := sc.store.bySeq(sc.ctx, seq, false) // no query looks into call trees
	if err != nil {
		return nil
	}
	return ex
}

// Exchange returns all that is known of one exchange. A prefix of at least four
// digits is enough; one that fits several exchanges is an [*AmbiguousError]. When there
// is none the error is [inspect.ErrNotFound]. The result may be shared with subscribers:
// treat it as read-only.
func (s *Store) Exchange(ctx context.Context, id inspect.ID) (*inspect.Exchange, error) {
	seq, err := s.resolve(id)
	if err != nil {
		return nil, err
	}
	return s.bySeq(ctx, seq, true)
}

// resolve returns the Seq of the exchange that id or its beginning names.
func (s *Store) resolve(id inspect.ID) (int64, error) {
	id = inspect.ID(strings.ToLower(string(id)))
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r := s.index.byID[id]; r != nil {
		return r.sum.seq, nil
	}
	if len(id) < minPrefix {
		return 0, fmt.Errorf("exchange %q: %w\nhint: give at least %d digits of its id", id, inspect.ErrNotFound, minPrefix)
	}
	var found []packed
	for _, r := range slices.Backward(s.index.recs) {
		if strings.HasPrefix(string(r.sum.id()), string(id)) {
			found = append(found, r.sum)
		}
	}
	switch len(found) {
	case 0:
		return 0, fmt.Errorf("exchange %q: %w", id, inspect.ErrNotFound)
	case 1:
		return found[0].seq, nil
	}
	return 0, newAmbiguousError(id, found)
}

// bySeq returns the exchange with this Seq from wherever it is now; without trees its
// call tree may be missing.
func (s *Store) bySeq(ctx context.Context, seq int64, trees bool) (*inspect.Exchange, error) {
	s.mu.RLock()
	i := s.index.search(seq)
	if i == len(s.index.recs) || s.index.recs[i].sum.seq != seq {
		s.mu.RUnlock()
		return nil, inspect.ErrNotFound
	}
	r := *s.index.recs[i] // its fields are guarded; what they point to is not changed
	up := s.updates[s.index.recs[i]]
	file := s.file
	s.mu.RUnlock()
	ex, err := fetch(ctx, &r, file, trees)
	if err == nil && up != nil {
		ex = up.into(ex)
	}
	return ex, err
}

// fetch returns the exchange of r, whose details may be in file.
func fetch(ctx context.Context, r *record, file *file, trees bool) (*inspect.Exchange, error) {
	sum := r.sum.summary()
	switch {
	case r.ex != nil:
		return r.ex, nil
	case r.blob != nil:
		return decodeDetails(r.blob, &sum, trees)
	case !r.stored || file == nil: // in flight, or its details were dropped
		ex := &inspect.Exchange{Summary: sum}
		ex.Request.Body = inspect.Body{Size: sum.RequestSize, Truncated: sum.RequestSize > 0}
		ex.Response.Body = inspect.Body{Size: sum.ResponseSize, Truncated: sum.ResponseSize > 0}
		return ex, nil
	}
	data, err := file.details(ctx, sum.Seq)
	if err != nil {
		return nil, fmt.Errorf("read exchange %s: %w", sum.ID.Short(), err)
	}
	ex, err := decodeDetails(data, &sum, trees)
	if err != nil {
		return nil, fmt.Errorf("read exchange %s: %w", sum.ID.Short(), err)
	}
	return ex, nil
}

// Outputs returns up to limit lines that were printed in this run, oldest first: those
// next after the Seq after, or for after 0 the newest. limit 0 means all. Only the
// last 10,000 lines are kept, and only in memory; their Seq begins anew with each run.
func (s *Store) Outputs(ctx context.Context, after int64, limit int) ([]inspect.Output, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.outputs.after(after, limit), nil
}

// Builds returns up to limit builds, newest first; limit 0 means all that are kept,
// which is 500. A build in progress is among them.
func (s *Store) Builds(ctx context.Context, limit int) ([]inspect.Build, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := len(s.builds)
	n = min(n, cmp.Or(max(limit, 0), n))
	builds := append([]inspect.Build{}, s.builds[len(s.builds)-n:]...)
	slices.Reverse(builds)
	return builds, nil
}
