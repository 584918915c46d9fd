package reloader

import (
	"bytes"
	"crypto/sha256"
	"path/filepath"
	"time"
)

// Stands reports whether a build that follows an edit of these files reads the same
// files as the one that Discover was asked about, so that asking again would change
// nothing: no file is new or gone, and no import, build constraint or go:embed line
// is another one. Names are absolute. It reads the files. The zero set and those of
// other targets never stand; when in doubt a set does not.
func (s FileSet) Stands(changed []string) bool {
	if s.steady == nil {
		return false
	}
	for _, p := range changed {
		want, ok := s.steady[filepath.Clean(p)]
		if !ok {
			return false
		}
		if got, _, ok := steadyDigest(p); !ok || got != want {
			return false
		}
	}
	return true
}

// noteSteady takes the digests for Stands. Files that changed since the go command
// was asked are left out, as it may have seen them before.
func (d *discovery) noteSteady() {
	d.steady = make(map[string]digest, len(d.named))
	for p := range d.named {
		if !isBuildSource(filepath.Base(p)) && !d.embedded[p] {
			continue // go.mod and its kin steer everything
		}
		if sum, st, ok := steadyDigest(p); ok && !st.changedSince(d.made) {
			d.steady[p] = sum
		}
	}
}

// steadyDigest identifies what go list takes from a file: of Go source the part up
// to the end of the imports and the go:embed lines, of other files that they are
// there. It is not ok when the file cannot be read.
func steadyDigest(p string) (digest, fileStat, bool) {
	st := statFile(p)
	if !st.exists {
		return digest{}, st, false
	}
	if filepath.Ext(p) != ".go" {
		return digest{1}, st, true
	}
	data, ok := readBounded(p, st)
	if !ok {
		return digest{}, st, false
	}
	sum := sha256.New()
	sum.Write(goHeader(data))
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(bytes.TrimSpace(line), []byte("//go:embed")) {
			sum.Write(line)
		}
	}
	return digest(sum.Sum(nil)), st, true
}

// changedSince reports whether the file may have changed after when.
func (s fileStat) changedSince(when time.Time) bool {
	return max(s.ctime, s.mtime) >= when.Add(-fineTick).UnixNano()
}
