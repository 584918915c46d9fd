package httpx

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
)

const (
	// SpoolMemory is what a Spool keeps in memory unless told otherwise: nearly every
	// form and JSON document, and few enough bytes for hundreds of uploads at once.
	SpoolMemory = 256 << 10
	// SpoolLimit is what a Spool keeps at all unless told otherwise: more than any upload
	// a developer makes on purpose, less than the disk of a developer's machine.
	SpoolLimit = 4 << 30
	// spoolStep is the most that one read takes from the source, so that the memory of a
	// spool grows by what came and not by the size of the reader's buffer.
	spoolStep = 64 << 10
)

// ErrReleased is told to a reader that asks for bytes which a Spool no longer keeps.
var ErrReleased = errors.New("httpx: this part of the body was read by another and not kept")

// Spool makes a body replayable. It reads its source only as far and as fast as its
// readers ask, and keeps what came: in memory up to a bound, in a temporary file beyond
// it. Whoever reads again gets the same bytes and the same error; a body cut short is an
// error for each. The last to read can have the rest unkept, see [Spool.Last].
//
// A Spool and its readers may be used by several goroutines; each reader by one.
type Spool struct {
	src    io.Reader
	memory int64
	limit  int64
	turn   chan struct{} // held by the one who reads src

	mu       sync.Mutex
	mem      []byte
	file     *os.File // what does not fit into mem
	name     string   // of file, while it must still be removed
	kept     int64    // bytes in mem and file
	read     int64    // bytes taken from src
	released bool     // nothing more is kept
	closed   bool
	err      error // of src or of keeping; the end of every reader
}

// NewSpool returns a spool of r, which it does not close. It keeps memory bytes in memory
// (0: [SpoolMemory]) and limit bytes in all (0: [SpoolLimit]); a body that goes beyond is
// answered by a [*http.MaxBytesError], see [TooLarge].
func NewSpool(r io.Reader, memory, limit int64) *Spool {
	if memory <= 0 {
		memory = SpoolMemory
	}
	if limit <= 0 {
		limit = SpoolLimit
	}
	return &Spool{src: r, memory: memory, limit: limit, turn: make(chan struct{}, 1)}
}

// Reader returns a reader of the whole body from its beginning. Its Close ends this
// reader only.
func (s *Spool) Reader() io.ReadCloser { return &spoolReader{s: s} }

// Last returns a reader as [Spool.Reader] does and calls [Spool.Release].
func (s *Spool) Last() io.ReadCloser {
	s.Release()
	return s.Reader()
}

// Release says that nobody will begin to read again: what is still to come is handed
// through without being kept, and the limit no longer counts. The readers that are
// there share it: what one of them takes the others have lost, with [ErrReleased].
func (s *Spool) Release() {
	s.mu.Lock()
	s.released = true
	s.mu.Unlock()
}

// Size reads the body to its end and returns its length.
func (s *Spool) Size() (int64, error) {
	r := &spoolReader{s: s}
	s.mu.Lock()
	r.off = s.read
	s.mu.Unlock()
	if _, err := io.Copy(io.Discard, r); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read, nil
}

// Kept returns how many bytes are kept now, and whether some of them are on disk.
func (s *Spool) Kept() (n int64, onDisk bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, s.file != nil
}

// Close frees the memory and removes the file. Readers fail from then on. It does not
// wait for one that waits for the source.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed, s.mem = true, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}

// at copies what is kept from off on into p. It returns false if the source has to be
// read for it.
func (s *Spool) at(p []byte, off int64) (n int, err error, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, http.ErrBodyReadAfterClose, true
	case off < int64(len(s.mem)):
		return copy(p, s.mem[off:]), nil, true
	case off < s.kept:
		n, err = s.file.ReadAt(p[:min(int64(len(p)), s.kept-off)], off-int64(len(s.mem)))
		if n > 0 {
			err = nil
		}
		return n, err, true
	case off < s.read:
		return 0, ErrReleased, true
	case s.err != nil:
		return 0, s.err, true
	}
	return 0, nil, false
}

// keeping reports whether what is read from now on must be kept.
func (s *Spool) keeping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.released
}

// take takes note of what a read of the source gave, and keeps it if keep. It returns
// how much of p may be told to the reader and the error that goes with it.
func (s *Spool) take(p []byte, err error, keep bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	n := len(p)
	s.read += int64(n)
	if s.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if !keep || n == 0 {
		return n, err
	}
	if s.read > s.limit {
		s.err = &http.MaxBytesError{Limit: s.limit}
	} else if err := s.store(p); err != nil {
		s.err = fmt.Errorf("keep a body of %d bytes for a second reading: %w", s.read, err)
	} else {
		return n, s.err
	}
	s.read = s.kept // for every reader the body ends here, with this error
	return 0, s.err
}

// store appends p to what is kept.
func (s *Spool) store(p []byte) error {
	if s.file == nil && s.kept+int64(len(p)) <= s.memory {
		s.mem = append(s.mem, p...)
		s.kept += int64(len(p))
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "pastedev-body-*")
		if err != nil {
			return err
		}
		s.file, s.name = f, f.Name()
		if os.Remove(s.name) == nil { // where a file may go while it is open, it goes at once
			s.name = ""
		}
	}
	n, err := s.file.WriteAt(p, s.kept-int64(len(s.mem)))
	s.kept += int64(n)
	return err
}

// spoolReader is one reading of a Spool.
type spoolReader struct {
	s      *Spool
	off    int64
	mu     sync.Mutex
	closed bool
}

func (r *spoolReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.isClosed() {
		return 0, http.ErrBodyReadAfterClose
	}
	if n, err, ok := r.s.at(p, r.off); ok {
		r.off += int64(n)
		return n, err
	}
	r.s.turn <- struct{}{}
	defer func() { <-r.s.turn }()
	if r.isClosed() { // while it waited
		return 0, http.ErrBodyReadAfterClose
	}
	if n, err, ok := r.s.at(p, r.off); ok { // another has read it meanwhile
		r.off += int64(n)
		return n, err
	}
	p = p[:min(len(p), spoolStep)]
	// Decided before the wait: what arrives for a reader that has been closed by then
	// belongs to the one who comes after it.
	keep := r.s.keeping()
	n, err := r.s.src.Read(p)
	n, err = r.s.take(p[:n], err, keep)
	r.off += int64(n)
	return n, err
}

func (r *spoolReader) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

func (r *spoolReader) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	return nil
}
