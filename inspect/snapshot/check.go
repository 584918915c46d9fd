package snapshot

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxNotes bounds the notes of a core: a thread takes some hundred bytes.
const maxNotes = 64 << 20

// checkFile finds what the core reader would stumble over: it trusts sizes.
func checkFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fail(KindFailed, err, "open snapshot: %v", err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return fail(KindFailed, err, "open snapshot: %v", err)
	}
	if err := checkCore(f, uint64(fi.Size())); err != nil {
		return fail(KindCorrupt, err, "open snapshot: %s is damaged: %v", filepath.Base(path), err)
	}
	return nil
}

// checkCore checks that r, of size bytes, is a core whose parts are all there.
func checkCore(r io.ReaderAt, size uint64) error {
	f, err := elf.NewFile(r)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Type != elf.ET_CORE {
		return errors.New("it is no core")
	}
	notes := 0
	for _, p := range f.Progs {
		if p.Filesz > size || p.Off > size-p.Filesz {
			return errors.New("it is cut off")
		}
		if p.Type == elf.PT_LOAD && p.Vaddr+p.Filesz < p.Vaddr {
			return errors.New("a segment goes beyond all memory")
		}
		if p.Type == elf.PT_NOTE {
			notes++
			if err := checkNotes(p); err != nil {
				return err
			}
		}
	}
	if notes != 1 {
		return fmt.Errorf("it has %d segments of notes", notes)
	}
	return nil
}

// checkNotes walks the notes: sizes of name and content, a type, then both, padded to
// 4 bytes.
func checkNotes(p *elf.Prog) error {
	if p.Filesz > maxNotes {
		return fmt.Errorf("its notes are larger than %d MB", maxNotes>>20)
	}
	b := make([]byte, p.Filesz)
	if _, err := p.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for len(b) > 0 {
		if len(b) < 12 {
			return errors.New("a note is cut off")
		}
		name, content := uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[4:]))
		total := 12 + (name+3)&^3 + (content+3)&^3
		if total > uint64(len(b)) {
			return errors.New("a note is cut off")
		}
		b = b[total:]
	}
	return nil
}
