package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// noArgs refuses arguments with the usage exit code.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, not %q\nhint: %s --help", cmd.Name(), args[0], cmd.CommandPath())
	}
	return nil
}

// oneArg asks for exactly one argument, called name.
func oneArg(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return usagef("%s needs one %s\nhint: %s %s; pastedev requests lists them", cmd.Name(), name, cmd.CommandPath(), name)
		}
		return nil
	}
}

func jsonFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "json", false, "print JSON, an object a line: pastedev help json")
}

func stateFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "state", "", "state dir of the instance; default: found from the current folder upwards")
}

// limitFlag is how much a command that lists prints at most.
func limitFlag(cmd *cobra.Command, to *int) {
	cmd.Flags().IntVarP(to, "limit", "n", 50, "print at most this many; 0 for all")
}

// oneMore is how many to ask for so that it is seen whether there are more than limit; 0 of
// all. None gives more than most.
func oneMore(limit, most int) int {
	if limit == 0 || limit >= most {
		return most
	}
	return limit + 1
}

// cutTo cuts a list to limit, 0 for all, and reports whether there was more.
func cutTo[T any](list []T, limit int) ([]T, bool) {
	if limit == 0 || len(list) <= limit {
		return list, false
	}
	return list[:limit], true
}

// tellMore says that a list was cut to limit.
func tellMore(w io.Writer, limit int) {
	fmt.Fprintf(w, "(there are more: --limit %d, or 0 for all)\n", 4*limit)
}

// checkLimit refuses what limitFlag has no meaning for. what names the things in the list.
func checkLimit(limit int, what string) error {
	if limit < 0 {
		return usagef("--limit is %d\nhint: give the number of %s to print, 0 for all", limit, what)
	}
	return nil
}
