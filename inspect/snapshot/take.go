package snapshot

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// DefaultMaxBytes is the most memory that a core may hold. A program beyond it
	// would be stopped for longer than a page load is worth.
	DefaultMaxBytes = 512 << 20
	// MaxPause bounds how long the target is stopped, whatever goes wrong.
	MaxPause = 2 * time.Second
	// Suffix ends the name of every core; [Prune] touches no other file.
	Suffix = ".core"
)

// TakeOptions say what to freeze, and where.
type TakeOptions struct {
	PID      int    `json:"pid"`
	Path     string `json:"path"`                // of the core; a missing folder is made, 0700. Must end in Suffix.
	MaxBytes int64  `json:"max_bytes,omitempty"` // of memory; 0 means DefaultMaxBytes
}

// Info describes a core that was written.
type Info struct {
	Path    string         `json:"path"`
	Bytes   int64          `json:"bytes"`    // of memory in the core; the file is sparse and looks larger
	Threads int            `json:"threads"`  // stopped
	Pause   inspect.Millis `json:"pause_ms"` // from the first thread stopped to the last let go
}

// Prune removes the oldest cores in dir until at most keep are left and they take
// at most maxBytes on disk. The newest stays, however large it is. A folder that
// does not exist holds no cores.
func Prune(dir string, keep int, maxBytes int64) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		return fail(KindFailed, err, "prune snapshots: %v", err)
	}
	var cores []os.FileInfo
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), Suffix) || !e.Type().IsRegular() {
			continue
		}
		if fi, err := e.Info(); err == nil {
			cores = append(cores, fi)
		}
	}
	slices.SortFunc(cores, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var sum int64
	for i, fi := range cores {
		sum += diskBytes(fi)
		if i == 0 || (i < keep && sum <= maxBytes) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, fi.Name())); err != nil && !os.IsNotExist(err) {
			return fail(KindFailed, err, "prune snapshots: %v", err)
		}
	}
	return nil
}
