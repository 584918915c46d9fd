// Package reread keeps what a small file says at hand: [File.Load] parses the file again
// when it has changed. It has no goroutine and watches nothing; it looks when asked.
package reread

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// fileLimit bounds a file: some ten thousand users, each with a long hash.
const fileLimit = 4 << 20

// A File is the parsed content of a file. It may be used by several goroutines.
type File[T any] struct {
	path  string
	parse func([]byte) (T, error)

	mu    sync.Mutex
	value T
	state state
	sum   [sha256.Size]byte // of the bytes that were parsed, well or not
	young bool              // the file may have changed since without a sign
}

// settled is the age from which a file's time tells one version from the next: file systems
// count in steps of up to two seconds.
const settled = 2 * time.Second

// state tells one version of a file from the next without reading it.
type state struct {
	mtime time.Time
	size  int64
	info  os.FileInfo // for os.SameFile: an editor may put a new file in place
}

func (s state) same(t state) bool {
	return s.mtime.Equal(t.mtime) && s.size == t.size && os.SameFile(s.info, t.info)
}

// Open reads the file at path. An error of parse is returned with the path before it.
func Open[T any](path string, parse func([]byte) (T, error)) (*File[T], error) {
	f := &File[T]{path: path, parse: parse}
	if err := f.read(); err != nil {
		return nil, err
	}
	return f, nil
}

// Load returns what the file says now. If it cannot be read or parsed, Load returns the
// last content that could, and an error: each time while the file is missing, and once
// for every version that does not parse.
func (f *File[T]) Load() (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		return f.value, fmt.Errorf("%w\nhint: the users read before stay valid until the file is back", err)
	}
	if f.state.same(stateOf(info)) && !f.young {
		return f.value, nil
	}
	return f.value, f.readLocked()
}

func (f *File[T]) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.readLocked()
}

func (f *File[T]) readLocked() error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(file, fileLimit+1))
	if err != nil {
		return err
	}
	age, sum := time.Since(info.ModTime()), sha256.Sum256(b)
	f.young = age > -settled && age < settled
	f.state = stateOf(info) // this version is not parsed again, good or bad
	if sum == f.sum {
		return nil
	}
	f.sum = sum
	if len(b) > fileLimit {
		return fmt.Errorf("%s: %w", f.path, errTooLarge)
	}
	v, err := f.parse(b)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.value = v
	return nil
}

func stateOf(info os.FileInfo) state {
	return state{mtime: info.ModTime(), size: info.Size(), info: info}
}

var errTooLarge = errors.New("larger than 4 MiB, which no file of users is")
