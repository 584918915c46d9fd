//go:build linux && (amd64 || arm64)

package snapshot

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// copyChunk is how much memory is copied at once; the context is asked between chunks.
const copyChunk = 1 << 20

// Note types: linux/elf.h. NT_PRSTATUS is ntPRStatus.
const (
	ntPRPSInfo = 3
	ntAuxv     = 6
	ntFile     = 0x46494c45
)

// Sizes of the ELF64 header and of a program header.
const (
	headerSize     = 64
	progHeaderSize = 56
)

// write writes the core. A mapping takes its whole size in the file, but only its
// runs are written: what the process never touched stays a hole, which reads as the
// zeros it would have read.
func (img *image) write(ctx context.Context, f *os.File) error {
	notes := img.notes()
	var loads []*mapping
	for i := range img.mappings {
		if m := &img.mappings[i]; len(m.runs) > 0 {
			loads = append(loads, m)
		}
	}
	at := int64(headerSize + progHeaderSize*(len(loads)+1) + len(notes))
	page := int64(os.Getpagesize())
	for _, m := range loads {
		at = (at + page - 1) / page * page
		m.fileOffset = at
		at += int64(m.end - m.start)
	}
	if err := f.Truncate(at); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(headers(loads, len(notes)), notes...), 0); err != nil {
		return err
	}
	return img.copyMemory(ctx, f, loads)
}

func (img *image) copyMemory(ctx context.Context, f *os.File, loads []*mapping) error {
	buf := make([]byte, copyChunk)
	for _, m := range loads {
		for _, r := range m.runs {
			for at := r.start; at < r.end; {
				if err := ctx.Err(); err != nil {
					return err
				}
				n, err := readMemory(img.pid, buf[:min(uint64(len(buf)), r.end-at)], at)
				if errors.Is(err, unix.ESRCH) {
					return err
				}
				if err != nil || n == 0 {
					break // such as a mapping beyond the end of its file: a hole
				}
				if _, err := f.WriteAt(buf[:n], m.fileOffset+int64(at-m.start)); err != nil {
					return err
				}
				at += uint64(n)
			}
		}
	}
	return nil
}

func readMemory(pid int, buf []byte, addr uint64) (int, error) {
	local := []unix.Iovec{{Base: &buf[0]}}
	local[0].SetLen(len(buf))
	remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: len(buf)}}
	return unix.ProcessVMReadv(pid, local, remote, 0)
}

// headers returns the ELF header and the program headers. The notes follow them.
func headers(loads []*mapping, notes int) []byte {
	var b bytes.Buffer
	h := elf.Header64{Type: uint16(elf.ET_CORE), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT),
		Phoff: headerSize, Ehsize: headerSize, Phentsize: progHeaderSize, Phnum: uint16(len(loads) + 1)}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	h.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	h.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	put(&b, h)
	put(&b, elf.Prog64{Type: uint32(elf.PT_NOTE), Filesz: uint64(notes), Align: 4,
		Off: uint64(headerSize + progHeaderSize*(len(loads)+1))})
	for _, m := range loads {
		flags := elf.PF_R
		if m.write {
			flags |= elf.PF_W
		}
		if m.exec {
			flags |= elf.PF_X
		}
		size := m.end - m.start
		put(&b, elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(flags), Off: uint64(m.fileOffset),
			Vaddr: m.start, Filesz: size, Memsz: size, Align: uint64(os.Getpagesize())})
	}
	return b.Bytes()
}

// prPSInfo is struct elf_prpsinfo: linux/elfcore.h.
type prPSInfo struct {
	State, Sname, Zomb, Nice int8
	_                        [4]byte
	Flag                     uint64
	UID, GID                 uint32
	PID, PPID, PGrp, SID     int32
	Name                     [16]byte
	Args                     [80]byte
}

// prStatus is struct elf_prstatus: linux/elfcore.h.
type prStatus struct {
	SigInfo              [3]int32
	CurSig               int16
	_                    [2]byte
	SigPend, SigHold     uint64
	PID, PPID, PGrp, SID int32
	Times                [4][2]int64
	Regs                 [regsSize]byte
	FPValid              int32
	_                    [4]byte
}

// notes describes the process, its threads (the first is the process's main thread)
// and where the program's file is mapped.
func (img *image) notes() []byte {
	var b bytes.Buffer
	info := prPSInfo{PID: int32(img.pid)}
	copy(info.Name[:], img.comm)
	note(&b, ntPRPSInfo, info)
	for _, th := range img.threads {
		note(&b, ntPRStatus, prStatus{PID: int32(th.tid), Regs: th.regs})
	}
	note(&b, ntAuxv, img.auxv)
	note(&b, ntFile, img.files())
	return b.Bytes()
}

// files is the content of NT_FILE: count, page size, (start, end, offset in pages)
// of each mapping, then their names.
func (img *image) files() []byte {
	page := uint64(os.Getpagesize())
	var rows []uint64
	var names bytes.Buffer
	for _, m := range img.mappings {
		if m.fromExe {
			rows = append(rows, m.start, m.end, m.offset/page)
			fmt.Fprintf(&names, "%s\x00", m.file)
		}
	}
	var b bytes.Buffer
	put(&b, []uint64{uint64(len(rows) / 3), page})
	put(&b, rows)
	b.Write(names.Bytes())
	return b.Bytes()
}

// note appends an ELF note named CORE; name and content are padded to 4 bytes.
func note(b *bytes.Buffer, typ uint32, content any) {
	var c bytes.Buffer
	put(&c, content)
	put(b, []uint32{5, uint32(c.Len()), typ})
	b.WriteString("CORE\x00\x00\x00\x00")
	b.Write(c.Bytes())
	b.Write(make([]byte, -c.Len()&3))
}

// put writes a value of fixed size; a bytes.Buffer takes it without error.
func put(w io.Writer, v any) { _ = binary.Write(w, binary.LittleEndian, v) }
