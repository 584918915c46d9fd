package session

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

const (
	// maxSession bounds a session in its file: it is read and written whole by requests.
	maxSession = 1 << 20
	// sweepEvery is how often a write looks for files of expired sessions.
	sweepEvery = 5 * time.Minute
	// maxSwept bounds the files that one sweep looks at; the next one goes on from there.
	maxSwept = 500
	// staleAfter is when a file that is none of a session's (a write that was cut off, or
	// spoilt content) is removed.
	staleAfter = 48 * time.Hour

	extension  = ".session"
	unfinished = ".unfinished-"
	magic      = "pdsess1\n"
	headSize   = len(magic) + 8 + 4 // expiry in Unix milliseconds, CRC-32C of expiry and data
)

// FileStore is an scs.Store of one file a session, named by the SHA-256 of its token: what
// a client sends is never a path, and the files do not tell the tokens. Files are 0600 in
// a directory that is 0700, and replaced whole, so that a crash leaves the old or the new;
// after a loss of power a file may be damaged, which its sum tells, and the session has ended.
// It is safe for concurrent use, also by several processes, the last of which to write has
// the session as it wants.
type FileStore struct {
	dir    string
	notice func(error)

	mu    sync.Mutex
	swept time.Time
	at    *os.File // where the sweep is in dir, nil at its beginning
}

// NewFileStore opens a store in dir, which is made if it is not there. notice is told of
// files that cannot be read: they count as no session. Nil: nobody is told.
func NewFileStore(dir string, notice func(error)) (*FileStore, error) {
	if notice == nil {
		notice = func(error) {}
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("open the sessions: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("open the sessions: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("open the sessions: %s is open to others (mode %04o)\nhint: chmod 700 it, or name a directory that is not there yet", dir, mode)
	}
	return &FileStore{dir: dir, notice: notice}, nil
}

func (s *FileStore) path(token string) string {
	sum := sha256.Sum256([]byte(token))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:])+extension)
}

// Find returns the data of a session that lasts.
func (s *FileStore) Find(token string) ([]byte, bool, error) {
	path := s.path(token)
	expiry, b, err := readSession(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case errors.Is(err, errSpoilt):
		s.notice(fmt.Errorf("%s: %w; it counts as no session", path, err))
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	if !time.Now().Before(expiry) {
		return nil, false, remove(path)
	}
	return b, true, nil
}

// Commit writes a session, in place of the one with the same token.
func (s *FileStore) Commit(token string, b []byte, expiry time.Time) error {
	if len(b) > maxSession {
		return fmt.Errorf("the session takes %d bytes; %d are allowed", len(b), maxSession)
	}
	s.sweep()
	f, err := os.CreateTemp(s.dir, unfinished)
	if err != nil {
		return err
	}
	_, err = f.Write(encodeSession(b, expiry))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), s.path(token))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Delete removes a session.
func (s *FileStore) Delete(token string) error { return remove(s.path(token)) }

// Close ends the sweep. The store stays usable.
func (s *FileStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		return nil
	}
	err := s.at.Close()
	s.at = nil
	return err
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// errSpoilt is a file whose content no store has written.
var errSpoilt = errors.New("not a session, or damaged")

func encodeSession(b []byte, expiry time.Time) []byte {
	out := make([]byte, headSize, headSize+len(b))
	n := copy(out, magic)
	binary.BigEndian.PutUint64(out[n:], uint64(expiry.UnixMilli()))
	sum := crc32.Update(crc32.Checksum(out[n:n+8], castagnoli), castagnoli, b)
	binary.BigEndian.PutUint32(out[n+8:], sum)
	return append(out, b...)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func readSession(path string) (expiry time.Time, b []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return time.Time{}, nil, err
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, int64(headSize+maxSession+1)))
	if err != nil {
		return time.Time{}, nil, err
	}
	return decodeSession(all)
}

func decodeSession(all []byte) (expiry time.Time, b []byte, err error) {
	n := len(magic)
	if len(all) < headSize || len(all) > headSize+maxSession || string(all[:n]) != magic {
		return time.Time{}, nil, errSpoilt
	}
	b = all[headSize:]
	sum := crc32.Update(crc32.Checksum(all[n:n+8], castagnoli), castagnoli, b)
	if binary.BigEndian.Uint32(all[n+8:]) != sum {
		return time.Time{}, nil, errSpoilt
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(all[n:]))), b, nil
}

// sweep removes expired sessions, now and then, a bounded number at a time.
func (s *FileStore) sweep() {
	if !s.mu.TryLock() {
		return // another write does it
	}
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.swept) < sweepEvery && s.at == nil {
		return
	}
	if s.at == nil {
		s.swept = now
		var err error
		if s.at, err = os.Open(s.dir); err != nil {
			s.at = nil
			return
		}
	}
	names, err := s.at.Readdirnames(maxSwept)
	for _, name := range names {
		s.sweepFile(name, now)
	}
	if err != nil || len(names) < maxSwept {
		s.at.Close()
		s.at = nil
	}
}

// sweepFile removes a file of ours that has had its time.
func (s *FileStore) sweepFile(name string, now time.Time) {
	ours := strings.HasSuffix(name, extension) && validID(strings.TrimSuffix(name, extension))
	if !ours && !strings.HasPrefix(name, unfinished) {
		return
	}
	path := filepath.Join(s.dir, name)
	if ours {
		if expiry, _, err := readSession(path); err == nil {
			if !now.Before(expiry) {
				remove(path)
			}
			return
		}
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > staleAfter {
		remove(path)
	}
}

// validID reports whether id is what path makes of a token.
func validID(id string) bool {
	return len(id) == 2*sha256.Size && strings.Trim(id, "0123456789abcdef") == ""
}

// each calls f with the sessions that last until it returns false.
func (s *FileStore) each(f func(id string, expiry time.Time, b []byte) bool) error {
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(maxSwept)
		for _, name := range names {
			id, ok := strings.CutSuffix(name, extension)
			if !ok || !validID(id) {
				continue
			}
			expiry, b, err := readSession(filepath.Join(s.dir, name))
			if err == nil && time.Now().Before(expiry) && !f(id, expiry, b) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// forget removes the session of an ID. What is no ID names nothing.
func (s *FileStore) forget(id string) error {
	if !validID(id) {
		return fmt.Errorf("no session %.80q", id)
	}
	return remove(filepath.Join(s.dir, id+extension))
}
