package store

import "github.com/pastedev/pastedev/inspect"

// Summary returns what memory holds of the exchange with this whole id, also while it is
// in flight. It asks no disk.
func (s *Store) Summary(id inspect.ID) (inspect.Summary, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r := s.index.byID[id]; r != nil {
		return r.sum.summary(), true
	}
	return inspect.Summary{}, false
}
