package store

import (
	"context"

	"github.com/pastedev/pastedev/inspect"
)

// maxChildren bounds the sub-requests that one exchange is shown with: a page that includes
// more is looked at by the list, with parent:ID.
const maxChildren = 500

// Children returns the sub-requests of the exchange with this whole id in order of their
// beginning, the first 500 of them. It asks no disk. What is not there, or no longer, has none.
func (s *Store) Children(ctx context.Context, id inspect.ID) ([]inspect.Summary, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.index.byID[id]
	if r == nil || r.sum.subs == 0 {
		return nil, nil
	}
	n := min(int(r.sum.subs), maxChildren)
	children := make([]inspect.Summary, 0, n)
	for _, c := range s.index.recs[s.index.search(r.sum.seq+1):] { // they began after it
		if !c.sum.sub {
			continue
		}
		if sum := c.sum.summary(); sum.Parent == id {
			if children = append(children, sum); len(children) == n {
				break
			}
		}
	}
	return children, nil
}

// count adds by to the number of sub-requests of the exchange that sum is one of, where that
// is known.
func (x *index) count(sum packed, by int32) {
	if !sum.sub {
		return
	}
	x.subs += int(by)
	if p := x.byID[sum.summary().Parent]; p != nil {
		p.sum.subs = max(0, p.sum.subs+by)
	}
}

// roots fills list with the window that req asks for without sub-requests, but for those of
// the exchanges in req.Open. The lock is held.
func (x *index) roots(list *inspect.List, req inspect.ListRequest, recs []*record, limit int) {
	open := make(map[inspect.ID]bool, len(req.Open))
	for _, id := range req.Open {
		open[id] = true
	}
	list.Match = len(x.recs) - x.subs
	for i := range recs {
		r := recs[len(recs)-1-i]
		if req.Oldest {
			r = recs[i]
		}
		if r.sum.sub && (len(open) == 0 || !open[r.sum.summary().Parent]) {
			continue
		}
		if len(list.Items) == limit {
			list.More = true
			break
		}
		list.Items = append(list.Items, r.sum.summary())
	}
}
