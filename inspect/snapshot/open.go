package snapshot

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/binary"
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
	group, err := core.OpenCore(corePath, exe, nil)
	if err != nil {
		return nil, fail(KindCorrupt, err, "open snapshot: %v", err)
	}
	s = newSnapshot(group, exe, cfg)
	if err := s.compareBuilds(exe); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
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

// checkTwin makes sure that exe has debug information. Without, the reader would
// look for it on the network.
func checkTwin(exe string) error {
	f, err := elf.Open(exe)
	if err != nil {
		return fail(KindTwin, err, "locals are off: read %s: %v", exe, err)
	}
	defer f.Close()
	if f.Section(".debug_info") == nil && f.Section(".zdebug_info") == nil {
		return fail(KindTwin, nil, "locals are off: %s has no debug information", exe)
	}
	return nil
}

// moduleData words that tell builds apart: the lengths of the tables that describe
// the code, and where text, data and bss begin and end. The beginning of
// runtime.moduledata (runtime/symtab.go) is the same in all supported versions of Go.
var moduleDataWords = []int{2, 5, 8, 11, 14, 17, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}

const moduleDataSize = 32 * 8

// compareBuilds compares the description of the program that the core holds with
// that in the file. Programs that the loader moves (PIE) differ there and are not
// compared.
func (s *Snapshot) compareBuilds(exe string) error {
	f, err := elf.Open(exe)
	if err != nil {
		return fail(KindTwin, err, "locals are off: read %s: %v", exe, err)
	}
	defer f.Close()
	if f.Type != elf.ET_EXEC {
		return nil
	}
	syms, err := f.Symbols()
	if err != nil {
		return nil // without symbols nothing can be compared
	}
	for _, sym := range syms {
		if sym.Name == "runtime.firstmoduledata" {
			return s.compareModuleData(f, sym.Value, exe)
		}
	}
	return fail(KindTwin, nil, "locals are off: %s is not a Go program", exe)
}

func (s *Snapshot) compareModuleData(f *elf.File, addr uint64, exe string) error {
	ran, linked := make([]byte, moduleDataSize), make([]byte, moduleDataSize)
	if _, err := s.target.Memory().ReadMemory(ran, addr); err != nil {
		return fail(KindTwin, err, "locals are off: %s is not the program that ran", exe)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && addr >= p.Vaddr && addr+moduleDataSize <= p.Vaddr+p.Filesz {
			if _, err := p.ReadAt(linked, int64(addr-p.Vaddr)); err != nil {
				return fail(KindTwin, err, "locals are off: read %s: %v", exe, err)
			}
		}
	}
	for _, w := range moduleDataWords {
		if !bytes.Equal(ran[w*8:w*8+8], linked[w*8:w*8+8]) {
			return fail(KindTwin, nil, "locals are off: %s is another build than the program that ran (word %d: %#x and %#x)",
				exe, w, binary.LittleEndian.Uint64(ran[w*8:]), binary.LittleEndian.Uint64(linked[w*8:]))
		}
	}
	return nil
}
