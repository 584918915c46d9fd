package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

// Read reads all grammar files of a folder, in the order of their names.
func Read(dir string) ([]*notation.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.grammar"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no *.grammar file in %s", dir)
	}
	slices.Sort(names)
	var files []*notation.File
	var errs []error
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := notation.Parse(filepath.Base(name), string(src))
		if f != nil {
			files = append(files, f)
		}
		errs = append(errs, err)
	}
	return files, errors.Join(errs...)
}
