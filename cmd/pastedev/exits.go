package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exits says when a command ends with which code.
type exits struct {
	command string // as it is written, without pastedev
	done    string // exitOK
	failed  string // exitFailure; empty where nothing can fail but to write
	misused string // exitUsage, beside flags and arguments; empty for no more
}

// exitTable has every command; exits_test.go holds them to it.
func exitTable() []exits {
	const noInstance, noHistory = "no instance runs here", "no instance runs here, nor has one"
	return []exits{
		{"run", "the user left, or with --exit the program ended with 0", "it could not begin", "settings; nothing to run"},
		{"serve", "the user left; --check: the settings are right", "it could not begin", "settings, mounts; --check: what is wrong with them"},
		{"echo", "the user left", "it could not begin", "settings"},
		{"demo", "as run", "as run; the folder holds something else", "as run"},
		{"attach", "the user left, or the instance ended", noInstance, ""},
		{"requests", "also when nothing matches", noHistory, "a wrong query"},
		{"show", "", noHistory + "; nothing has the ID", ""},
		{"errors", "also when there are none", noHistory, ""},
		{"errors show", "", noHistory + "; nothing has the code", ""},
		{"errors eval", "", noInstance + "; nothing has the code; the expression has no value there", ""},
		{"sessions", "also when there are none", noInstance, ""},
		{"sessions forget", "the session has ended", noInstance + "; nothing has the ID", "an ID that cannot be one"},
		{"check", "no errors, be there warnings or not", "errors; something could not be read; Nu was asked and did not answer", "nothing to check was found"},
		{"profile", "", noHistory + "; nothing has the ID; it has no call tree", "no mount was chosen where several programs run"},
		{"profiles", "also when there are none", noHistory + "; nothing has the number", ""},
		{"compare", "whatever the difference", noHistory + "; nothing has the ID", ""},
		{"goroutines", "also when there are none", noInstance + "; nothing has the ID", ""},
		{"cancel", "the request has ended", noInstance + "; nothing has the ID, or it has ended before", ""},
		{"request", "it was answered, with whatever status", "no answer; with --fail also a status of 400 and more", "settings; a URL that is not the app's"},
		{"replay", "it was answered, with whatever status", noInstance + "; nothing has the ID; no answer", ""},
		{"restart", "the restart has begun", noInstance + "; it has no such mount", ""},
		{"doctor", "all is there that run needs", "something is missing", ""},
		{"init", "the file is written", "there is one already", ""},
		{"password", "", "no password was given, or two that differ; the file cannot be written", "a name that cannot be one"},
		{"completion", "", "", "no such shell"},
		{"version", "", "", ""},
		{"help", "", "", "no such command"},
	}
}

// newExitCodesTopic is what `pastedev help exit-codes` prints.
func newExitCodesTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString(reflow(`A command ends with 0 when it is done, with 1 when something failed, and with 2 when
it was not used as it can be: flags, arguments and their values. Nothing was done then.
What could not be written, to a full disk say, is a failure of every command.

run, serve and demo end with the code of their program where it has ended by itself
(with --exit) or by a signal that pastedev passed on to it, as if pastedev were not there.
A program that a signal killed has 128 and the number of the signal.`) + "\n\n")
	for _, e := range exitTable() {
		lead := "  " + e.command
		for code, text := range []string{e.done, e.failed, e.misused} {
			if text == "" {
				continue
			}
			writeHanging(&b, fmt.Sprintf("%-18s%d", lead, code), text)
			lead = ""
		}
	}
	return &cobra.Command{Use: "exit-codes", Short: "When a command ends with 0, 1 or 2", Long: strings.TrimRight(b.String(), "\n")}
}
