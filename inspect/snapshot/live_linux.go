//go:build linux && (amd64 || arm64)

package snapshot

import (
	"context"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-delve/delve/pkg/proc/native"
)

// OpenLive stops a running process and reads it as [Open] reads a core, until Close
// lets it go on. It is for programs too large for a core: they stay stopped while the
// debug information is read, some tenths of a second. The same goes for it as for
// [Take]: only in a helper process.
func OpenLive(ctx context.Context, pid int, exe string, cfg LoadConfig) (s *Snapshot, err error) {
	defer guard(&err)
	if err := ctx.Err(); err != nil {
		return nil, fail(KindFailed, err, "read process %d: %v", pid, err)
	}
	if err := checkTwin(exe); err != nil {
		return nil, err
	}
	dir, err := debugDir(pid, exe)
	if err != nil {
		return nil, fail(KindFailed, err, "read process %d: %v", pid, err)
	}
	defer os.RemoveAll(dir)
	group, err := native.Attach(pid, nil, []string{dir})
	if err != nil {
		return nil, explainAttach(pid, err)
	}
	s = newSnapshot(group, exe, cfg)
	s.release = func() error { return group.Detach(false) }
	if err := compareBuilds(exe, group.Selected.Memory().ReadMemory); err != nil {
		return nil, closing(s, err)
	}
	return s, nil
}

func closing(s *Snapshot, err error) error {
	_ = s.Close() // err says more
	return err
}

// debugDir makes a folder in which the reader finds exe as the debug information of
// the running program: .build-id/ab/cdef.debug, as debuggers agree.
func debugDir(pid int, exe string) (string, error) {
	id, err := buildID(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return "", err
	}
	exe, err = filepath.Abs(exe)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "pastedev-debug-")
	if err != nil {
		return "", err
	}
	sub := filepath.Join(dir, ".build-id", id[:2])
	if err = os.MkdirAll(sub, 0o700); err == nil {
		err = os.Symlink(exe, filepath.Join(sub, id[2:]+".debug"))
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return dir, nil
}

// buildID reads the GNU build id of a program, which Go's linker writes since 1.24.
func buildID(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sec := f.Section(".note.gnu.build-id")
	if sec == nil {
		return "", fmt.Errorf("%s has no build id", path)
	}
	b, err := sec.Data()
	if err != nil {
		return "", err
	}
	// Name size, content size, type, the name "GNU\0", the content.
	if len(b) < 16 {
		return "", fmt.Errorf("%s has a damaged build id", path)
	}
	n := binary.LittleEndian.Uint32(b[4:])
	if n < 2 || int(n) > len(b)-16 {
		return "", fmt.Errorf("%s has a damaged build id", path)
	}
	return hex.EncodeToString(b[16 : 16+n]), nil
}
