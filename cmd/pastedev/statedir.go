package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pastedev/pastedev/devserver/control"
)

// openStateDir makes the state dir of the project at root, or the one the user
// chose, and returns its absolute path. When the project cannot be written to, the
// dir is $XDG_STATE_HOME/pastedev/<hash of root>.
func openStateDir(root, chosen string) (string, error) {
	if chosen != "" {
		return makeStateDir(chosen)
	}
	dir, err := makeStateDir(filepath.Join(root, control.StateDirName))
	if err == nil {
		return dir, nil
	}
	fallback, ferr := control.FallbackStateDir(root)
	if ferr != nil {
		return "", err
	}
	if dir, ferr = makeStateDir(fallback); ferr != nil { // what is wrong with the first place is what can be helped
		return "", err
	}
	return dir, nil
}

// makeStateDir makes dir private to the user and invisible to git.
func makeStateDir(dir string) (string, error) {
	const hint = "hint: name a folder that you may write to: --state DIR, or PASTEDEV_STATE"
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("state dir: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make state dir: %w\n%s", err, hint)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("make state dir private: %w\n%s", err, hint)
	}
	ignore := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(ignore); err == nil {
		return dir, nil
	}
	if err := os.WriteFile(ignore, []byte("*\n"), 0o600); err != nil {
		return "", fmt.Errorf("write to state dir: %w\n%s", err, hint)
	}
	return dir, nil
}
