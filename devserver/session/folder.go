package session

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// EnvDir is the variable by which a program learns where its sessions can be seen: what
// runs it, as pastedev does, shows the sessions that it keeps there.
const EnvDir = "PASTEDEV_SESSIONS"

// Dir returns the folder that whoever runs this program asks it to keep its sessions in,
// for Options.Dir; "" if nobody asks. So
//
//	session.New(session.Options{Dir: session.Dir()})
//
// keeps them in memory, and below pastedev in its state dir, where they survive restarts.
func Dir() string { return os.Getenv(EnvDir) }

// ErrNoSession says that a folder has no such session (any more).
var ErrNoSession = errors.New("no such session")

// maxListed bounds the files that a folder is searched for: a folder of a developer's
// sessions has hundreds.
const maxListed = 20_000

// Folder is where a program keeps sessions ([Options.Dir]), seen by another: it reads and
// ends them, and neither makes the folder nor changes a session. Its zero value has none.
// It is safe for concurrent use, also beside the program.
type Folder struct {
	Path string
}

// A File is a session of a folder.
type File struct {
	ID      string // the SHA-256 of the token, from which the token cannot be told
	Path    string
	Expiry  time.Time // when it ends, unless it is used before and Options.Idle moves that
	Changed time.Time // when it was written last
	Size    int       // of the data, in bytes
	Data    []byte    // as the codec of its program wrote it; not of [Folder.List]'s
}

// Find returns the session of a token, the value of a cookie; [ErrNoSession] if it has none
// that lasts. The token is never made a path.
func (f *Folder) Find(token string) (File, error) {
	sum := sha256.Sum256([]byte(token))
	return f.Get(hex.EncodeToString(sum[:]))
}

// Get returns a session by its ID.
func (f *Folder) Get(id string) (File, error) {
	if !validID(id) || f.Path == "" {
		return File{}, ErrNoSession
	}
	file := File{ID: id, Path: filepath.Join(f.Path, id+extension)}
	info, err := os.Stat(file.Path)
	if err == nil {
		file.Changed = info.ModTime()
		file.Expiry, file.Data, err = readSession(file.Path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !time.Now().Before(file.Expiry):
		return File{}, ErrNoSession
	case err != nil:
		return File{}, fmt.Errorf("read the session %s: %w", file.Path, err)
	}
	file.Size = len(file.Data)
	return file, nil
}

// List returns the sessions that last, the last to expire first, at most limit of them. A
// folder that is not there has none.
func (f *Folder) List(limit int) ([]File, error) {
	ids, err := f.ids()
	if err != nil {
		return nil, err
	}
	var list []File
	for _, id := range ids {
		file, err := f.Get(id)
		if err != nil {
			continue // ended meanwhile, expired, or damaged
		}
		file.Data = nil
		list = append(list, file)
	}
	slices.SortFunc(list, func(a, b File) int {
		if c := b.Expiry.Compare(a.Expiry); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list[:min(limit, len(list))], nil
}

// Match returns the ID that begins with prefix. What several begin with is an error.
func (f *Folder) Match(prefix string) (string, error) {
	ids, err := f.ids()
	if err != nil {
		return "", err
	}
	found := ""
	for _, id := range ids {
		switch {
		case !strings.HasPrefix(id, prefix) || prefix == "":
		case found != "":
			return "", fmt.Errorf("several sessions begin with %.64s", prefix)
		default:
			found = id
		}
	}
	if found == "" {
		return "", ErrNoSession
	}
	return found, nil
}

// ids lists the sessions by the names of their files.
func (f *Folder) ids() (ids []string, err error) {
	if f.Path == "" {
		return nil, nil
	}
	d, err := os.Open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	defer d.Close()
	for len(ids) < maxListed {
		names, err := d.Readdirnames(maxSwept)
		for _, name := range names {
			if id, ok := strings.CutSuffix(name, extension); ok && validID(id) {
				ids = append(ids, id)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list the sessions: %w", err)
		}
	}
	return ids, nil
}

// Forget ends the session of an ID: the next request with its cookie has none. One that is
// not there is [ErrNoSession].
func (f *Folder) Forget(id string) error {
	if !validID(id) || f.Path == "" {
		return ErrNoSession
	}
	err := os.Remove(filepath.Join(f.Path, id+extension))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoSession
	}
	return err
}
