package snapshot

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// memory reads the memory of the process that ran.
type memory func(buf []byte, addr uint64) (int, error)

// coreMemory reads from what the core itself holds, never from the program's file.
func coreMemory(path string) memory {
	return func(buf []byte, addr uint64) (int, error) {
		f, err := elf.Open(path)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		return segments(f, buf, addr)
	}
}

// segments reads from the loadable segments of f.
func segments(f *elf.File, buf []byte, addr uint64) (int, error) {
	size := uint64(len(buf))
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && addr >= p.Vaddr && p.Filesz >= size && addr-p.Vaddr <= p.Filesz-size {
			return p.ReadAt(buf, int64(addr-p.Vaddr))
		}
	}
	return 0, fmt.Errorf("no segment holds %#x", addr)
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
func compareBuilds(exe string, ran memory) error {
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
			return compareModuleData(f, ran, sym.Value, exe)
		}
	}
	return fail(KindTwin, nil, "locals are off: %s is not a Go program", exe)
}

func compareModuleData(f *elf.File, mem memory, addr uint64, exe string) error {
	ran, linked := make([]byte, moduleDataSize), make([]byte, moduleDataSize)
	if _, err := mem(ran, addr); err != nil {
		return fail(KindTwin, err, "locals are off: %s is not the program that ran", exe)
	}
	if _, err := segments(f, linked, addr); err != nil {
		return fail(KindTwin, err, "locals are off: read %s: %v", exe, err)
	}
	for _, w := range moduleDataWords {
		if !bytes.Equal(ran[w*8:w*8+8], linked[w*8:w*8+8]) {
			return fail(KindTwin, nil, "locals are off: %s is another build than the program that ran (word %d: %#x and %#x)",
				exe, w, binary.LittleEndian.Uint64(ran[w*8:]), binary.LittleEndian.Uint64(linked[w*8:]))
		}
	}
	return nil
}
