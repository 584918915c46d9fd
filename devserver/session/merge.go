package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// errGone says that a session was ended, renewed or expired while a request used it.
var errGone = errors.New("it was ended or renewed by another request meanwhile; this one's changes are dropped")

// stripes is how many locks the tokens share: enough that strangers seldom meet.
const stripes = 64

// mergingStore lets requests in parallel keep all their changes. Load and Commit of one
// request meet in the visit of their context.
type mergingStore struct {
	store   scs.Store
	manager *Manager
	seed    maphash.Seed
	locks   [stripes]sync.Mutex
}

func (s *mergingStore) lock(token string) *sync.Mutex {
	l := &s.locks[maphash.String(s.seed, token)%stripes]
	l.Lock()
	return l
}

func (s *mergingStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *mergingStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

func (s *mergingStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// FindCtx finds a session. One that cannot be decoded counts as none: a type in it may
// have changed since.
func (s *mergingStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	b, found, err := find(ctx, s.store, token)
	if err != nil || !found {
		return nil, false, err
	}
	if _, _, err := s.manager.Codec.Decode(b); err != nil {
		s.manager.notice(fmt.Errorf("a session cannot be read and counts as none: %w", err))
		return nil, false, nil
	}
	if v, _ := ctx.Value(visitKey{}).(*visit); v != nil && v.token == "" {
		v.token, v.base = token, b
	}
	return b, true, nil
}

// CommitCtx writes what the request changed into what the store has now.
func (s *mergingStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	defer s.lock(token).Unlock()
	write := b
	v, _ := ctx.Value(visitKey{}).(*visit)
	if v != nil && v.token == token {
		now, found, err := find(ctx, s.store, token)
		if err != nil {
			return err
		}
		if !found {
			return errGone
		}
		if !bytes.Equal(now, v.base) {
			if write, err = s.merge(v.base, b, now); err != nil {
				return err
			}
		}
	}
	if err := commit(ctx, s.store, token, write, expiry); err != nil {
		return err
	}
	if v != nil {
		v.token, v.base = token, b // not what others changed: the request does not know of it
	}
	return nil
}

// DeleteCtx ends a session.
func (s *mergingStore) DeleteCtx(ctx context.Context, token string) error {
	defer s.lock(token).Unlock()
	if c, ok := s.store.(scs.CtxStore); ok {
		return c.DeleteCtx(ctx, token)
	}
	return s.store.Delete(token)
}

// All is what scs's Iterate walks; not every store can.
func (s *mergingStore) All() (map[string][]byte, error) {
	if i, ok := s.store.(scs.IterableStore); ok {
		return i.All()
	}
	return nil, fmt.Errorf("sessions in %T cannot be listed by token", s.store)
}

// merge puts the changes from base to mine into now.
func (s *mergingStore) merge(base, mine, now []byte) ([]byte, error) {
	codec := s.manager.Codec
	_, was, err := codec.Decode(base)
	if err != nil {
		return nil, err
	}
	deadline, is, err := codec.Decode(mine)
	if err != nil {
		return nil, err
	}
	_, merged, err := codec.Decode(now)
	if err != nil {
		return nil, err
	}
	if merged == nil {
		merged = map[string]any{}
	}
	for _, k := range changed(was, is) {
		if value, ok := is[k]; ok {
			merged[k] = value
		} else {
			delete(merged, k)
		}
	}
	return codec.Encode(deadline, merged)
}

func find(ctx context.Context, s scs.Store, token string) ([]byte, bool, error) {
	if c, ok := s.(scs.CtxStore); ok {
		return c.FindCtx(ctx, token)
	}
	return s.Find(token)
}

func commit(ctx context.Context, s scs.Store, token string, b []byte, expiry time.Time) error {
	if c, ok := s.(scs.CtxStore); ok {
		return c.CommitCtx(ctx, token, b, expiry)
	}
	return s.Commit(token, b, expiry)
}

// turns are the requests of each session that stand in line. A session is in the map only
// while one of its requests runs.
type turns struct {
	mu    sync.Mutex
	taken map[string]*turn
}

type turn struct {
	free    chan struct{} // holds one: who has it runs
	waiting int
}

// wait returns when no other request with token runs, or ctx ends.
func (t *turns) wait(ctx context.Context, token string) (done func(), err error) {
	t.mu.Lock()
	one := t.taken[token]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		t.taken[token] = one
	}
	one.waiting++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.waiting--; one.waiting == 0 {
			delete(t.taken, token)
		}
	}
	select {
	case <-one.free:
		return func() { one.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// Stored describes a session for whoever looks after them.
type Stored struct {
	ID     string // of the file; the token cannot be told from it
	Expiry time.Time
	Values map[string]any
}

// Sessions returns the sessions in Dir that last, the last to expire first, at most limit
// of them. Without Dir there are none to be told.
func (m *Manager) Sessions(limit int) ([]Stored, error) {
	if m.files == nil {
		return nil, nil
	}
	var list []Stored
	err := m.files.each(func(id string, expiry time.Time, b []byte) bool {
		_, values, err := m.Codec.Decode(b)
		if err == nil {
			list = append(list, Stored{ID: id, Expiry: expiry, Values: maps.Clone(values)})
		}
		return len(list) < limit
	})
	slices.SortFunc(list, func(a, b Stored) int { return b.Expiry.Compare(a.Expiry) })
	return list, err
}

// Forget ends the session in Dir that [Manager.Sessions] calls id. One that is not there
// is no error.
func (m *Manager) Forget(id string) error {
	if m.files == nil {
		return nil
	}
	return m.files.forget(id)
}
