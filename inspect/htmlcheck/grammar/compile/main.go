// Command compile makes the grammar that package grammar embeds of the *.grammar files, and
// the page docs/html/elements.md. With -n it only says what is wrong with them.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/build"
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
	files, err := build.Read(dir)
	if err != nil {
		return err
	}
	s, err := build.Build(files)
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
	return write(docsFile, build.Docs(files))
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
