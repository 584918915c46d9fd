package overlay

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// keepOverlays is how many overlays stay in a state directory: one for each Go
// version and setting that is switched between, each of some ten small files.
const keepOverlays = 16

// write puts the files and the overlay file into a folder named by their content,
// and returns the path of the overlay file and what it says. What is there already is
// used as it is.
func (t *tree) write(stateDir string) (file string, replace map[string]string, err error) {
	base := filepath.Join(stateDir, "overlay")
	dir := filepath.Join(base, t.hash())
	if err := makePrivate(dir); err != nil {
		return "", nil, err
	}
	if replace = maps.Clone(t.user); replace == nil {
		replace = make(map[string]string)
	}
	for name, text := range t.files {
		to := filepath.Join(dir, filepath.FromSlash(name))
		replace[t.path(name)] = to
		if err := writePrivate(to, text); err != nil {
			return "", nil, err
		}
	}
	text, err := overlayText(replace)
	if err != nil {
		return "", nil, err
	}
	file = filepath.Join(dir, "overlay.json")
	if err := writePrivate(file, text); err != nil {
		return "", nil, err
	}
	now := time.Now()
	if err := os.Chtimes(dir, now, now); err != nil { // prune goes by it
		return "", nil, fmt.Errorf("overlay: %w", err)
	}
	return file, replace, prune(base, dir)
}

// hash covers everything that the overlay says.
func (t *tree) hash() string {
	h := sha256.New()
	line := func(parts ...string) {
		for _, p := range parts {
			fmt.Fprintf(h, "%d:%s", len(p), p)
		}
	}
	line(t.root, t.env.GOVERSION)
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		line(name, string(t.files[name]))
	}
	for _, from := range slices.Sorted(maps.Keys(t.user)) {
		line(from, t.user[from])
	}
	const digits = 16 // of 64: enough between some dozens of folders
	return hex.EncodeToString(h.Sum(nil))[:digits]
}

// prune removes all overlays but the newest.
func prune(base, current string) error {
	entries, err := os.ReadDir(base)
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	type aged struct {
		path string
		time time.Time
	}
	var old []aged
	for _, e := range entries {
		path := filepath.Join(base, e.Name())
		if path == current || e.Name() == "goroot" || e.Name() == callsStore || e.Name() == linkStore || !e.IsDir() {
			continue
		}
		if info, err := e.Info(); err == nil { // else another process removed it
			old = append(old, aged{path, info.ModTime()})
		}
	}
	slices.SortFunc(old, func(a, b aged) int {
		return cmp.Or(b.time.Compare(a.time), cmp.Compare(a.path, b.path))
	})
	for _, o := range old[min(len(old), keepOverlays-1):] {
		if err := os.RemoveAll(o.path); err != nil {
			return fmt.Errorf("overlay: %w", err)
		}
	}
	return nil
}

// makePrivate makes a folder that only its owner can enter.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	return nil
}

// writePrivate writes a file that is whole at any time, and does nothing when it
// says the same already: the go command goes by the file's time too.
func writePrivate(name string, text []byte) error {
	if have, err := os.ReadFile(name); err == nil && bytes.Equal(have, text) {
		return nil
	}
	if err := makePrivate(filepath.Dir(name)); err != nil {
		return err
	}
	return replaceFile(name, func(temp string) error { return os.WriteFile(temp, text, 0o600) })
}

// replaceFile lets create make a new file and moves it to name.
func replaceFile(name string, create func(temp string) error) error {
	dir, err := os.MkdirTemp(filepath.Dir(name), ".new-")
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	temp := filepath.Join(dir, filepath.Base(name))
	err = create(temp)
	if err == nil {
		err = os.Rename(temp, name)
	}
	if e := os.RemoveAll(dir); e != nil && !errors.Is(e, fs.ErrNotExist) && err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	return nil
}
