// Command compile makes the grammar that package grammar embeds of the *.grammar files, and
// the page docs/html/elements.md. With -n it only says what is wrong with them.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
)

func main() {
	dir := flag.String("dir", "inspect/htmlcheck/grammar", "the folder with the *.grammar files")
	page := flag.String("docs", "docs/html/elements.md", "the page to write, beside the grammar")
	dry := flag.Bool("n", false, "write nothing")
	flag.Parse()
	if err := run(*dir, *page, *dry); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, docsFile string, dry bool) error {
	files, err := readFiles(dir)
	if err != nil {
		return err
	}
	s, err := build(files)
	if err != nil {
		return err
	}
	data := schema.Encode(s)
	if dry {
		fmt.Printf("%d elements, %d states, %d bytes\n", len(s.Elements), len(s.States), len(data))
		return nil
	}
	if err := write(filepath.Join(dir, "grammar.bin"), data); err != nil {
		return err
	}
	return write(docsFile, docs(files))
}

// readFiles reads all grammar files of a folder, in the order of their names.
func readFiles(dir string) ([]*notation.File, error) {
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

// write replaces a file when its content differs.
func write(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}
