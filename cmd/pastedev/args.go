package main

import (
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
	cmd.Flags().BoolVar(to, "json", false, "print JSON, an object a line")
}

func stateFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "state", "", "state dir of the instance; default: found from the current folder upwards")
}

// limitFlag is how much a command that lists prints at most.
func limitFlag(cmd *cobra.Command, to *int) {
	cmd.Flags().IntVarP(to, "limit", "n", 50, "print at most this many; 0 for all")
}

// checkLimit refuses what limitFlag has no meaning for. what names the things in the list.
func checkLimit(limit int, what string) error {
	if limit < 0 {
		return usagef("--limit is %d\nhint: give the number of %s to print, 0 for all", limit, what)
	}
	return nil
}
