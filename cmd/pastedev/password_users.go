package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/digest"
)

// usersMode lets only the user read a file of users that is made.
const usersMode = 0o600

// writeUsers puts a user's lines into the file, in place of those that are there, and says
// which it was. All else in it stays as it is.
func (f *passwordFlags) writeUsers(name string, lines []passwordLine) (was string, err error) {
	path, mode := f.users, fs.FileMode(usersMode)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays one
	}
	old, err := os.ReadFile(path)
	if err == nil {
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		mode = info.Mode().Perm()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	text, was := f.replaced(string(old), name, lines)
	return was, replaceFile(path, text, mode)
}

// checkUsers reports why the file is none of this kind, if it is there.
func (f *passwordFlags) checkUsers() error {
	var err error
	switch {
	case f.users == "":
	case f.digest:
		_, err = digest.OpenHtdigest(f.users)
	default:
		_, err = basic.OpenHtpasswd(f.users)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// replaced is the text of a file of users with the lines in the place of the user's first
// one, or at the end. Further ones of the user go: they counted for nothing.
func (f *passwordFlags) replaced(text, name string, lines []passwordLine) (now, was string) {
	var b strings.Builder
	was = "is added"
	write := func() {
		for _, l := range lines {
			b.WriteString(l.Line + "\n")
		}
	}
	for line := range strings.Lines(text) {
		if !f.isOf(line, name) {
			b.WriteString(line)
			continue
		}
		if was == "is added" {
			was = "has a new password"
			write()
		}
	}
	if was == "is added" {
		if b.Len() > 0 && !strings.HasSuffix(text, "\n") {
			b.WriteString("\n")
		}
		write()
	}
	return b.String(), was
}

// isOf reports whether a line of a file of users is the user's, of the realm.
func (f *passwordFlags) isOf(line, name string) bool {
	who, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")), ":")
	if !f.digest {
		return who == name
	}
	i := strings.LastIndexByte(rest, ':') // a realm may have colons
	return who == name && i >= 0 && rest[:i] == f.realm
}

// replaceFile writes a file beside path and puts it there in one step: whoever reads
// meanwhile has the old one or the new.
func replaceFile(path, text string, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
