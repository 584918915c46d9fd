package signed

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// keySize is that of the keys made here: the size of the hash.
const keySize = 32

// LoadKey returns the key in the file at path, which it makes if there is none: 32 random
// bytes as hexadecimal digits, readable by the owner alone, the directory too if it has
// to be made. Processes that make it at the same time agree on one. A file that others
// can read, or that holds no such key, is an error; it is not written over.
func LoadKey(path string) ([]byte, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeKey(path); err == nil {
			key, err = readKey(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("signed: key: %w", err)
	}
	return key, nil
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// Windows has no such modes; there the directory's access list counts.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s can be read by others (mode %04o)\nhint: chmod 600 %s", path, mode, path)
	}
	b := make([]byte, 2*keySize+len("\r\n")+1)
	n, _ := f.Read(b) // what is missing makes the key too short
	b = bytes.TrimSpace(b[:n])
	key := make([]byte, hex.DecodedLen(len(b)))
	if _, err := hex.Decode(key, b); err != nil || len(key) != keySize {
		return nil, fmt.Errorf("%s does not hold %d hexadecimal digits\nhint: remove it, and a new one is made; all who are signed in will be signed out", path, 2*keySize)
	}
	return key, nil
}

// makeKey puts a new key at path unless there is one; whole, so that nobody reads half.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	key := make([]byte, keySize)
	rand.Read(key)
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err == nil {
		err = f.Sync() // or a crash of the machine leaves a name with nothing behind it
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Link(f.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	// A file system without links; then the last of several makers wins.
	return os.Rename(f.Name(), path)
}
