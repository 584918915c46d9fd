package snapshot

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"path/filepath"
	"time"

	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/pkg/proc/core"
)

// Snapshot is a process at one moment. It is not safe for concurrent use.
type Snapshot struct {
	cfg     LoadConfig
	group   *proc.TargetGroup
	target  *proc.Target
	modules modules
	linked  time.Time                   // when the program with debug information was; zero when unknown
	stacks  map[int64][]proc.Stackframe // from the panicking frame on
	release func() error
}

// Open reads the core that [Take] wrote. The file exe is the program with debug
// information, linked from the same objects with the same addresses: Open says
// KindTwin when it is another build. The program itself may have run without it
// (-ldflags=-w).
func Open(corePath, exe string, cfg LoadConfig) (s *Snapshot, err error) {
	defer guard(&err)
	if _, err := os.Stat(corePath); err != nil {
		return nil, fail(KindFailed, err, "open snapshot: %v", err)
	}
	if err := checkCore(corePath); err != nil {
		return nil, err
	}
	if err := checkTwin(exe); err != nil {
		return nil, err
	}
	if err := compareBuilds(exe, coreMemory(corePath)); err != nil {
		return nil, err
	}
	group, err := core.OpenCore(corePath, exe, nil)
	if err != nil {
		return nil, fail(KindCorrupt, err, "open snapshot: %v", err)
	}
	return newSnapshot(group, exe, cfg), nil
}

func newSnapshot(group *proc.TargetGroup, exe string, cfg LoadConfig) *Snapshot {
	s := &Snapshot{cfg: cfg.withDefaults(), group: group, target: group.Selected, stacks: map[int64][]proc.Stackframe{}}
	if fi, err := os.Stat(exe); err == nil {
		s.linked = fi.ModTime()
	}
	if info, err := buildinfo.ReadFile(exe); err == nil {
		s.modules = modulesOf(info)
	}
	return s
}

// Close frees the files. A process that is read live goes on.
func (s *Snapshot) Close() error {
	if s.release != nil {
		if err := s.release(); err != nil {
			return fail(KindFailed, err, "close snapshot: %v", err)
		}
		return nil
	}
	if err := s.target.BinInfo().Close(); err != nil {
		return fail(KindFailed, err, "close snapshot: %v", err)
	}
	return nil
}

// checkCore finds what the core reader would stumble over.
func checkCore(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return fail(KindCorrupt, err, "open snapshot: %s is no core: %v", filepath.Base(path), err)
	}
	defer f.Close()
	fi, err := os.Stat(path)
	if err != nil {
		return fail(KindFailed, err, "open snapshot: %v", err)
	}
	notes := false
	for _, p := range f.Progs {
		notes = notes || p.Type == elf.PT_NOTE
		if p.Off+p.Filesz < p.Off || p.Off+p.Filesz > uint64(fi.Size()) {
			return fail(KindCorrupt, nil, "open snapshot: %s is cut off", filepath.Base(path))
		}
	}
	if !notes || f.Type != elf.ET_CORE {
		return fail(KindCorrupt, nil, "open snapshot: %s is no core", filepath.Base(path))
	}
	return nil
}
