package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// demoSource is the shop of `pastedev demo`, a program by itself in the folder demo.
//
//go:embed demo
var demoSource embed.FS

// demoModule is its go.mod: the one here is pastedev's.
const demoModule = "module demo\n\ngo 1.25\n"

func newDemoCommand(std stdio) *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "Write a small web app with faults in it, and run it",
		Long: `demo writes the source of a small garden shop to DIR (pastedev-demo unless named) and
runs it as pastedev run does. Each of its pages has one fault to find: N+1 queries, a
panic, a slow page, a leak, invalid HTML; and a stream and a WebSocket. Edit it: a
second demo finds your edits as you left them.`,
		Example: `  pastedev demo
  pastedev demo /tmp/shop --addr 127.0.0.1:9000`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("demo takes one folder, not %q\nhint: %s --help", args[1], cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "pastedev-demo"
			if len(args) == 1 {
				dir = args[0]
			}
			dir, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			c, err := loadConfig(dir, cmd.Flags(), os.Getenv) // before anything is written
			if err != nil {
				return err
			}
			if err := writeDemo(dir); err != nil {
				return err
			}
			fmt.Fprintf(std.err, "pastedev: the shop is in %s: edit it; it answers at http://%s\n", dir, addr)
			linesWanted(cmd, &c)
			return runCommand(cmd.Context(), std, c, dir, []string{".", addr}, false)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "address of the shop")
	screenFlags(cmd)
	return cmd
}

// writeDemo writes the shop to dir, unless it is there. A folder with anything else in it
// is refused.
func writeDemo(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("demo: %w", err)
	case len(entries) > 0:
		have, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil || !bytes.HasPrefix(have, []byte("module demo\n")) {
			return fmt.Errorf("demo: %s is not empty, and no earlier demo\nhint: name another folder: pastedev demo DIR", dir)
		}
		return nil
	}
	source, err := fs.Sub(demoSource, "demo")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("demo: %w\nhint: name a folder that can be made: pastedev demo DIR", err)
	}
	err = os.CopyFS(dir, source)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "go.mod"), []byte(demoModule), 0o644)
	}
	if err != nil { // half a demo would be taken for somebody's folder
		return fmt.Errorf("demo: %w", errors.Join(err, emptyDir(dir)))
	}
	return nil
}

// emptyDir removes what is in dir: all of it is of this demo.
func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}
