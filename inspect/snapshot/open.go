package snapshot

import (
	"debug/buildinfo"
	"os"
	"time"

	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/pkg/proc/core"
)

// Snapshot is a process at one moment. It is not safe for concurrent use.
type Snapshot struct {
	cfg        LoadConfig
	group      *proc.TargetGroup
	target     *proc.Target
	modules    modules
	linked     time.Time                   // when the program with debug information was; zero when unknown
	stacks     map[int64][]proc.Stackframe // from the panicking frame on
	goroutines map[int64]*proc.G
	release    func() error
}

// Open reads the core that [Take] wrote. The file exe is the program with debug
// information, linked from the same objects with the same addresses: Open says
// KindTwin when it is another build. The program itself may have run without it
// (-ldflags=-w).
func Open(corePath, exe string, cfg LoadConfig) (s *Snapshot, err error) {
	defer guard(&err)
	if err := checkFile(corePath); err != nil {
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
	s := &Snapshot{cfg: cfg.withDefaults(), group: group, target: group.Selected,
		stacks: map[int64][]proc.Stackframe{}, goroutines: map[int64]*proc.G{}}
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
