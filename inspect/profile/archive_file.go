package profile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// maxMeta is how large a file of what is known of a profile may be, in bytes: 2,000 wall
// times and a trace's summary need a tenth of it.
const maxMeta = 1 << 20

// maxTaken is how many IDs in a row another process may have taken in the meantime.
const maxTaken = 1000

func dataPath(dir string, kind inspect.ProfileKind, id int64) string {
	ext := ".pb.gz"
	if kind == inspect.ProfileTrace {
		ext = ".trace"
	}
	return filepath.Join(dir, fmt.Sprintf("%06d%s", id, ext))
}

func metaPath(dir string, id int64) string {
	return filepath.Join(dir, fmt.Sprintf("%06d.json", id))
}

// idOf returns the ID that a file's name begins with.
func idOf(name string) (int64, bool) {
	digits, _, ok := strings.Cut(name, ".")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0
}

// readEntries reads the files of an archive. last is the highest ID that any file has.
func readEntries(dir string) (entries []inspect.Profile, last int64, problems []error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, 0, []error{fmt.Errorf("read profiles: %w", err)}
	}
	for _, f := range files {
		id, ok := idOf(f.Name())
		if !ok {
			continue
		}
		last = max(last, id)
		if f.Name() != filepath.Base(metaPath(dir, id)) {
			continue
		}
		meta, err := readMeta(dir, id)
		if err != nil {
			problems = append(problems, fmt.Errorf("profile %d is passed over: %w", id, err))
			continue
		}
		entries = append(entries, meta)
	}
	slices.SortFunc(entries, func(a, b inspect.Profile) int { return cmp.Compare(a.ID, b.ID) })
	return entries, last, problems
}

func readMeta(dir string, id int64) (inspect.Profile, error) {
	var meta inspect.Profile
	path := metaPath(dir, id)
	if info, err := os.Lstat(path); err != nil {
		return meta, err
	} else if !info.Mode().IsRegular() || info.Size() > maxMeta {
		return meta, fmt.Errorf("%s is no file of ours", filepath.Base(path))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return meta, err
	}
	if err := json.Unmarshal(b, &meta); err != nil {
		return meta, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if meta.ID != id {
		return meta, fmt.Errorf("%s speaks of profile %d", filepath.Base(path), meta.ID)
	}
	info, err := os.Lstat(dataPath(dir, meta.Kind, id))
	switch {
	case err != nil:
		return meta, err
	case !info.Mode().IsRegular() || info.Size() != meta.Size:
		return meta, fmt.Errorf("%s has %d bytes, not %d", info.Name(), info.Size(), meta.Size)
	}
	return meta, nil
}

// claim takes the first free ID from id on, by making the file of what is known of it: no
// other process can then take the same.
func claim(dir string, id int64) (int64, error) {
	for end := id + maxTaken; id < end; id++ {
		f, err := os.OpenFile(metaPath(dir, id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		return id, f.Close()
	}
	return 0, fmt.Errorf("no free number after %06d in %s", id-1, dir)
}

// writeEntry writes a profile under an ID that was claimed, whole or not at all.
func writeEntry(dir string, meta inspect.Profile, data []byte) error {
	err := os.WriteFile(dataPath(dir, meta.Kind, meta.ID), data, 0o600)
	if err == nil {
		err = writeMeta(dir, meta)
	}
	if err != nil {
		_ = removeEntry(dir, meta) // the first error says why
	}
	return err
}

// writeMeta writes what is known of a profile in the place of the claim.
func writeMeta(dir string, meta inspect.Profile) error {
	b, err := json.MarshalIndent(meta, "", "\t")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), metaPath(dir, meta.ID))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error says why
	}
	return err
}

// removeEntry removes the files of a profile, first the one that makes it an entry.
func removeEntry(dir string, meta inspect.Profile) error {
	var errs []error
	for _, path := range []string{metaPath(dir, meta.ID), dataPath(dir, meta.Kind, meta.ID)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
