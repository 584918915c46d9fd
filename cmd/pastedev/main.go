// Command pastedev wraps a web app while it is developed: it restarts the app on
// each edit, records every request, and shows requests, builds and errors in the
// terminal, in the browser page, on the command line and over an API.
//
// The one call to make is
//
//	pastedev run ./myapp
//
// It never changes the app's source, and never listens beyond loopback unless the
// app itself or a flag asks for it. Its Paste ancestor is `paster serve --reload`
// with the debug filters of egg:Paste in front of the application.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes, see the help topic exit-codes. `run` may also end with the app's own code.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// stdio holds the three standard streams.
type stdio struct {
	in  *os.File
	out io.Writer
	err io.Writer
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	root := newRootCommand(std)
	root.SetArgs(args)
	var unhelped error // cobra takes none from what prints help
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { unhelped = printHelp(cmd) })
	cmd, err := root.ExecuteContextC(ctx)
	if err = cmp.Or(err, unhelped); err == nil {
		return exitOK
	}
	var code exitError
	if errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintf(std.err, "pastedev: %s\n", strings.TrimSpace(err.Error()))
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") { // cobra has no type for it
		if !strings.Contains(err.Error(), "hint:") {
			fmt.Fprintf(std.err, "hint: %s --help\n", cmd.CommandPath())
		}
		return exitUsage
	}
	return exitFailure
}

// exitError ends the program with this code and without a message: the target's
// own exit code, say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a mistake in flags, arguments or settings.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}
