package profile

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/pastedev/pastedev/inspect"
)

// What an [Archive] keeps. Older profiles go first.
const (
	KeepProfiles = 50        // as many as anybody looks through
	KeepBytes    = 200 << 20 // of all data; execution traces have several MB each
)

// Archive keeps profiles as files, the newest [KeepProfiles] and [KeepBytes] of them. It
// survives restarts. It is safe for concurrent use, also by several processes.
//
// A profile is two files: its data, "000012.pb.gz" or "000012.trace", and what is known of
// it, "000012.json", which is claimed first and filled last. An entry of which one is missing or damaged is
// passed over; its files are left where they are, and its ID is not given again.
type Archive struct {
	dir string

	mu      sync.Mutex
	entries []inspect.Profile // by ID
	last    int64
}

// OpenArchive opens the archive in dir, which is made when there is none. notice is told of
// each entry that cannot be read, and of what later could not be removed; nil: nobody is.
func OpenArchive(dir string, notice func(error)) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open profiles: %w", err)
	}
	if notice == nil {
		notice = func(error) {}
	}
	a := &Archive{dir: dir}
	entries, last, problems := readEntries(dir)
	a.entries, a.last = entries, last
	for _, p := range problems {
		notice(p)
	}
	if err := a.trim(); err != nil {
		notice(err)
	}
	return a, nil
}

// Put keeps a profile and returns meta with its ID and Size set. An error means that it
// was not kept.
func (a *Archive) Put(meta inspect.Profile, data []byte) (inspect.Profile, error) {
	if len(data) == 0 {
		return meta, errors.New("keep profile: it has no data")
	}
	if int64(len(data)) > KeepBytes {
		return meta, fmt.Errorf("keep profile: %d MB are more than the %d MB of all profiles together", len(data)>>20, KeepBytes>>20)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	id, err := claim(a.dir, a.last+1)
	if err != nil {
		return meta, fmt.Errorf("keep profile: %w", err)
	}
	kept := copied(meta)
	a.last, kept.ID, kept.Size = id, id, int64(len(data))
	if err := writeEntry(a.dir, kept, data); err != nil {
		return meta, fmt.Errorf("keep profile: %w", err)
	}
	a.entries = append(a.entries, kept)
	_ = a.trim() // what cannot be removed now is tried again when the archive is next opened
	return copied(kept), nil
}

// trim removes what is too much. The caller holds the lock or is alone.
func (a *Archive) trim() error {
	var size int64
	for _, e := range a.entries {
		size += e.Size
	}
	var errs []error
	drop := 0
	for ; drop < len(a.entries)-1 && (len(a.entries)-drop > KeepProfiles || size > KeepBytes); drop++ {
		errs = append(errs, removeEntry(a.dir, a.entries[drop]))
		size -= a.entries[drop].Size
	}
	a.entries = slices.Delete(a.entries, 0, drop)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove old profiles: %w", err)
	}
	return nil
}

// List returns the newest profiles first, at most limit of them; all when it is 0 or less.
func (a *Archive) List(limit int) []inspect.Profile {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.entries)
	if limit > 0 {
		n = min(n, limit)
	}
	out := make([]inspect.Profile, 0, n)
	for _, e := range a.entries[len(a.entries)-n:] {
		out = append(out, copied(e))
	}
	slices.Reverse(out)
	return out
}

// Get returns what is known of a profile; [inspect.ErrNotFound] when it is not there.
func (a *Archive) Get(id int64) (inspect.Profile, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i, ok := slices.BinarySearchFunc(a.entries, id, func(e inspect.Profile, id int64) int { return cmp.Compare(e.ID, id) })
	if !ok {
		return inspect.Profile{}, fmt.Errorf("profile %d: %w", id, inspect.ErrNotFound)
	}
	return copied(a.entries[i]), nil
}

// Data returns the file of a profile: gzipped in the form of pprof, or an execution trace.
// It is [inspect.ErrNotFound] when it is not there or was removed in between.
func (a *Archive) Data(id int64) ([]byte, error) {
	meta, err := a.Get(id)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(dataPath(a.dir, meta.Kind, id))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("profile %d: its file is gone: %w", id, inspect.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("profile %d: %w", id, err)
	case int64(len(data)) != meta.Size:
		return nil, fmt.Errorf("profile %d: its file is damaged: %d bytes, not %d", id, len(data), meta.Size)
	}
	return data, nil
}

// copied shares no slice with p, so that nobody changes what is kept.
func copied(p inspect.Profile) inspect.Profile {
	p.Walls = slices.Clone(p.Walls)
	if p.Trace != nil {
		t := *p.Trace
		t.Blocked = slices.Clone(t.Blocked)
		p.Trace = &t
	}
	return p
}
