package reloader

import (
	"crypto/sha256"
	"encoding/binary"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxHashed bounds how much of one file is read to compare it: sources and
// templates stay far below. A larger file counts as changed when its size,
// modification time or identity does.
const maxHashed = 4 << 20

// fileStat is what the system says of a file without reading it. The zero value
// means that there is no such file. Symbolic links are followed.
type fileStat struct {
	exists  bool
	regular bool
	size    int64
	mtime   int64 // ns since 1970
	ctime   int64 // ns since 1970: last change of contents or owner, which no program can set; mtime where the system has none
	inode   uint64
}

func statFile(p string) fileStat {
	info, err := os.Stat(p)
	if err != nil || info.IsDir() {
		return fileStat{}
	}
	s := fileStat{exists: true, regular: info.Mode().IsRegular(), size: info.Size(), mtime: info.ModTime().UnixNano()}
	s.ctime, s.inode = changeTime(info)
	if s.ctime == 0 {
		s.ctime = s.mtime
	}
	return s
}

// Two writes within one tick of the clock of a file system can leave equal
// stats behind, so a stat taken that soon after a write proves nothing.
const (
	fineTick   = 20 * time.Millisecond // above the 10 ms tick of a kernel with HZ=100
	coarseTick = 2 * time.Second       // FAT; assumed where times are whole seconds
)

// proves reports whether an equal stat later means equal contents, when s was
// taken at the time when.
func (s fileStat) proves(when time.Time) bool {
	tick := fineTick
	if s.mtime%int64(time.Second) == 0 && s.ctime%int64(time.Second) == 0 {
		tick = coarseTick
	}
	return !s.exists || when.UnixNano()-max(s.ctime, s.mtime) > int64(tick)
}

// digest identifies the contents of a file. The zero digest is that of no file.
type digest [sha256.Size]byte

// digestFile reads p as mode says and returns the stat from before the reading.
// A file that cannot be read has the digest of its stat, so that it changes
// when it can.
func digestFile(p string, mode digestMode) (digest, fileStat) {
	st := statFile(p)
	if !st.exists {
		return digest{}, st
	}
	data, ok := readBounded(p, st)
	if !ok {
		var b [40]byte
		for i, v := range []int64{st.size, st.mtime, int64(st.inode), -1, -1} {
			binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
		}
		return sha256.Sum256(b[:]), st
	}
	if mode == digestHeader {
		data = goHeader(data)
	}
	return sha256.Sum256(data), st
}

func readBounded(p string, st fileStat) ([]byte, bool) {
	if !st.regular || st.size > maxHashed {
		return nil, false
	}
	f, err := os.Open(p)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxHashed+1))
	return data, err == nil && len(data) <= maxHashed
}

// goHeader returns a Go file up to the end of its imports, all of it when that
// end cannot be found.
func goHeader(data []byte) []byte {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", data, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return data
	}
	end := f.Name.End()
	for _, decl := range f.Decls {
		end = max(end, decl.End())
	}
	return data[:fset.Position(end).Offset]
}

// halfWritten reports whether p looks like a save that has only begun: empty, or
// Go source that stops in the middle. An ordinary syntax error is not: it lies
// before the end of the file, and the user wants to see it at once.
func halfWritten(p string) bool {
	st := statFile(p)
	if !st.exists || st.size == 0 {
		return true
	}
	if filepath.Ext(p) != ".go" {
		return false
	}
	data, ok := readBounded(p, st)
	if !ok {
		return false
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", data, parser.SkipObjectResolution)
	list, ok := err.(scanner.ErrorList)
	if !ok || len(list) == 0 {
		return false
	}
	list.Sort()
	lastLine := strings.Count(strings.TrimRight(string(data), " \t\r\n"), "\n") + 1
	return list[0].Pos.Line >= lastLine || strings.Contains(list[0].Msg, "not terminated")
}
