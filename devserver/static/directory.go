package static

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Directory is the fs.FS of a directory on disk, on an os.Root: no name and no symbolic
// link leads out of it. A link with an absolute target counts as leading out.
//
// If the directory is replaced (build tools delete and make anew their output), the new
// one is served from the next request on; while it is gone, nothing is found. It is safe
// for concurrent use.
type Directory struct {
	path string

	mu     sync.Mutex
	root   *os.Root
	info   fs.FileInfo // of root
	closed bool
}

// Dir opens the directory at path. A relative path is resolved once, here. Close frees
// it; a Directory that is dropped frees itself.
func Dir(path string) (*Directory, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", path, err)
	}
	d := &Directory{path: abs}
	info, err := os.Stat(abs)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	if err == nil {
		_, err = d.current()
	}
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return nil, fmt.Errorf("serve %s: %w", path, err)
	}
	return d, nil
}

// DirLater is [Dir] for a directory that need not be there yet, as the output of a build
// before the first one: until it is, nothing is found.
func DirLater(path string) (*Directory, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", path, err)
	}
	if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		return &Directory{path: abs}, nil
	}
	return Dir(abs)
}

// errAway is said of a directory that is not there now.
var errAway = fmt.Errorf("the directory that is served is not there: %w", fs.ErrNotExist)

// Path returns the absolute path.
func (d *Directory) Path() string { return d.path }

// Close gives the directory back. Files that are open stay so; later calls fail with
// fs.ErrClosed.
func (d *Directory) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.root == nil {
		return nil
	}
	err := d.root.Close()
	d.root = nil
	return err
}

// Open opens a file for reading. It does not wait: a named pipe opens without a writer.
func (d *Directory) Open(name string) (fs.File, error) {
	local, err := localize("open", name)
	if err != nil {
		return nil, err
	}
	root, err := d.current()
	if err != nil {
		return nil, err
	}
	f, err := root.OpenFile(local, os.O_RDONLY|dontWait, 0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Stat describes a file, following links.
func (d *Directory) Stat(name string) (fs.FileInfo, error) {
	local, err := localize("stat", name)
	if err != nil {
		return nil, err
	}
	root, err := d.current()
	if err != nil {
		return nil, err
	}
	return root.Stat(local)
}

// localize makes a name of the system's. It refuses what the system reads otherwise:
// a backslash, a colon or a device's name on Windows, NUL everywhere.
func localize(op, name string) (string, error) {
	local, err := filepath.Localize(name)
	if err != nil {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return local, nil
}

// current returns the root of the directory that is at the path now.
func (d *Directory) current() (*os.Root, error) {
	info, err := os.Stat(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = &fs.PathError{Op: "open", Path: d.path, Err: errAway}
	}
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, &fs.PathError{Op: "open", Path: d.path, Err: fs.ErrClosed}
	}
	if d.root != nil && os.SameFile(d.info, info) {
		return d.root, nil
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, err
	}
	if info, err = root.Stat("."); err != nil {
		root.Close()
		return nil, err
	}
	d.root, d.info = root, info // the one before frees itself once the last request has left it
	return root, nil
}
