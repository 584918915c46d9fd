//go:build linux && (amd64 || arm64)

package snapshot

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
)

const (
	// maxMappings bounds the program headers; the kernel allows 65530 mappings by
	// default, an ELF header 65535 entries.
	maxMappings = 60000
	// Bits of an entry of /proc/PID/pagemap: Documentation/admin-guide/mm/pagemap.rst.
	pagePresent = 1 << 63
	pageSwapped = 1 << 62
	pageOfFile  = 1 << 61
	// pagemapChunk is how many entries are read at once: 64 MB of memory, the size
	// of an arena of Go's heap.
	pagemapChunk = 16384
)

// mapping is a line of /proc/PID/maps.
type mapping struct {
	start, end        uint64
	offset            uint64 // in the file
	read, write, exec bool
	shared            bool
	file              string // "" or a [name] when no file is behind it
	fromExe           bool
	runs              []run // what the core holds of it; empty leaves the mapping out
	fileOffset        int64 // of the mapping in the core
}

// run is a range of memory that has content.
type run struct{ start, end uint64 }

// image is what a core is made of.
type image struct {
	pid      int
	threads  []thread
	mappings []mapping
	bytes    int64 // of memory in all runs
	auxv     []byte
	comm     string
}

// image lists the memory that the core must hold. The process is stopped.
func (t *tracer) image() (*image, error) {
	img := &image{pid: t.pid, threads: t.threads}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", t.pid))
	if err != nil {
		return nil, err
	}
	img.auxv, err = os.ReadFile(fmt.Sprintf("/proc/%d/auxv", t.pid))
	if err != nil {
		return nil, err
	}
	comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", t.pid))
	img.comm = strings.TrimSpace(string(comm))
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", t.pid))
	if err != nil {
		return nil, err
	}
	pm, err := openPagemap(t.pid)
	if err != nil {
		return nil, err
	}
	defer pm.close()
	for line := range strings.Lines(string(text)) {
		m, ok := parseMapping(line)
		if !ok {
			continue
		}
		m.fromExe = m.file == exe
		if m.runs = pm.runs(m); len(m.runs) == 0 && !m.fromExe {
			continue
		}
		for _, r := range m.runs {
			img.bytes += int64(r.end - r.start)
		}
		if img.mappings = append(img.mappings, m); len(img.mappings) > maxMappings {
			return nil, fmt.Errorf("more than %d mappings", maxMappings)
		}
	}
	return img, nil
}

// parseMapping reads a line of /proc/PID/maps: proc_pid_maps(5).
func parseMapping(line string) (mapping, bool) {
	f := strings.Fields(line)
	if len(f) < 5 || len(f[1]) != 4 {
		return mapping{}, false
	}
	from, to, ok := strings.Cut(f[0], "-")
	start, err1 := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	offset, err3 := strconv.ParseUint(f[2], 16, 64)
	if !ok || err1 != nil || err2 != nil || err3 != nil || end <= start {
		return mapping{}, false
	}
	m := mapping{start: start, end: end, offset: offset,
		read: f[1][0] == 'r', write: f[1][1] == 'w', exec: f[1][2] == 'x', shared: f[1][3] == 's'}
	if len(f) > 5 {
		// A path may hold blanks; it is the rest of the line.
		m.file = strings.TrimRight(line[strings.Index(line, f[5]):], "\n")
	}
	return m, true
}

// backed reports whether a file is behind the mapping.
func (m mapping) backed() bool { return strings.HasPrefix(m.file, "/") }

// pagemap tells which pages a process has touched. Without the file (some sandboxes)
// all count as touched.
type pagemap struct {
	f    *os.File
	size uint64 // of a page
	buf  []byte
}

func openPagemap(pid int) (*pagemap, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", pid))
	if err != nil && !os.IsNotExist(err) && !os.IsPermission(err) {
		return nil, err
	}
	return &pagemap{f: f, size: uint64(os.Getpagesize()), buf: make([]byte, pagemapChunk*8)}, nil
}

func (p *pagemap) close() {
	if p.f != nil {
		p.f.Close()
	}
}

// runs returns the ranges of m that belong into a core. Of files only what is private
// and writable is taken: the rest is read from the program itself, or is a library or
// a mapped database, where no variable of Go's lives.
func (p *pagemap) runs(m mapping) []run {
	whole := []run{{m.start, m.end}}
	switch {
	case !m.read, m.file == "[vvar]", m.file == "[vvar_vclock]", m.file == "[vsyscall]":
		return nil
	case m.fromExe && !m.write && !m.exec && p.touched(m, pageOfFile):
		return whole // the loader has relocated it
	case m.backed() && (m.shared || !m.write):
		return nil
	case m.backed(), p.f == nil:
		return whole
	}
	var runs []run
	ok := p.entries(m, func(page, entry uint64) {
		if entry&(pagePresent|pageSwapped) == 0 {
			return
		}
		if k := len(runs) - 1; k >= 0 && runs[k].end == page {
			runs[k].end += p.size
		} else {
			runs = append(runs, run{page, page + p.size})
		}
	})
	if !ok {
		return whole
	}
	return runs
}

// touched reports whether m has a page in memory without the bit not. Without a page
// map it has.
func (p *pagemap) touched(m mapping, not uint64) bool {
	found := false
	ok := p.f != nil && p.entries(m, func(_, entry uint64) {
		found = found || (entry&(pagePresent|pageSwapped) != 0 && entry&not == 0)
	})
	return found || !ok
}

// entries calls f with the address and the entry of each page of m. It reports
// whether the page map could be read.
func (p *pagemap) entries(m mapping, f func(page, entry uint64)) bool {
	for at := m.start; at < m.end; {
		n := min((m.end-at)/p.size, pagemapChunk)
		if n == 0 {
			break
		}
		b := p.buf[:n*8]
		if _, err := p.f.ReadAt(b, int64(at/p.size*8)); err != nil {
			return false
		}
		for i := range n {
			f(at+i*p.size, binary.NativeEndian.Uint64(b[i*8:]))
		}
		at += n * p.size
	}
	return true
}
