package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how many columns help takes: what every terminal has.
const helpWidth = 80

// settingGroup is some settings that help lists under one heading.
type settingGroup struct {
	title string
	names string
}

// The settings that help lists apart, in this order: every one is in one of them.
var (
	groupServe   = settingGroup{"What is served", "mount cascade auth error-page access-log access-log-format compress check json"}
	groupAddress = settingGroup{"Where it answers", "addr tls allow-host control-addr"}
	groupTarget  = settingGroup{"What runs", "target upstream build-flag env-file on-change on-build-error gate hold grace exit"}
	groupEdits   = settingGroup{"Which edits count", "watch ignore poll"}
	groupGo      = settingGroup{"Inside a Go app", "no-agent hooks optimized no-locals no-calltree calltree-include calltree-exclude profile slow"}
	groupRecord  = settingGroup{"What is recorded", "body-limit no-forwarded no-headers state history-age history-count history-size sessions"}
	groupPages   = settingGroup{"Pages", "no-inject html html-ignore nu editor"}
	groupScreen  = settingGroup{"The terminal", "ui format no-mouse"}
)

func settingGroups() []settingGroup {
	return []settingGroup{groupServe, groupAddress, groupTarget, groupEdits, groupGo, groupRecord, groupPages, groupScreen}
}

// manyFlags is from how many on flags stand in groups.
const manyFlags = 20

// withoutUse takes settings that a command has no use for out of its help, and has it
// refuse them on the command line. In pastedev.toml and the environment, which are for all
// commands, they do no harm.
func withoutUse(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		cmd.Flags().Lookup(name).Hidden = true
	}
	args := cmd.Args
	cmd.Args = func(cmd *cobra.Command, list []string) error {
		for _, name := range names {
			if cmd.Flags().Changed(name) {
				return usagef("--%s has no meaning for %s\nhint: %s --help", name, cmd.Name(), cmd.CommandPath())
			}
		}
		return args(cmd, list)
	}
}

// printHelp prints what a command is for, and its usage. Of what is no command there is no
// help: `pastedev nonsense --help` is as wrong as without the flag.
func printHelp(cmd *cobra.Command) error {
	if rest := cmd.Flags().Args(); cmd.HasSubCommands() && len(rest) > 0 {
		if err := cmd.ValidateArgs(rest); err != nil {
			return err
		}
	}
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	if isTopic(cmd) {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n\n%s", reflow(text), cmd.UsageString())
	return err
}

// isTopic reports whether cmd is nothing but a text to read: `pastedev help exit-codes`.
func isTopic(cmd *cobra.Command) bool { return !cmd.Runnable() && !cmd.HasSubCommands() }

// printUsage prints the forms, examples, commands and flags of a command.
func printUsage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	for _, form := range usageForms(cmd) {
		b.WriteString("  " + form + "\n")
	}
	if cmd.Example != "" {
		b.WriteString("\nExamples:\n" + strings.TrimRight(cmd.Example, "\n") + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				writeHanging(&b, fmt.Sprintf("  %-12s", sub.Name()), sub.Short)
			}
		}
	}
	if subs := cmd.Commands(); slices.ContainsFunc(subs, isTopic) {
		b.WriteString("\nTopics of " + cmd.CommandPath() + " help:\n")
		for _, sub := range subs {
			if isTopic(sub) {
				writeHanging(&b, fmt.Sprintf("  %-12s", sub.Name()), sub.Short)
			}
		}
	}
	writeFlags(&b, cmd.LocalFlags())
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n" + cmd.CommandPath() + " COMMAND --help says more about a command.\n")
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

// usageForms are the ways to write a command: those in its Use, which | divides.
func usageForms(cmd *cobra.Command) []string {
	above := ""
	if cmd.HasParent() {
		above = cmd.Parent().CommandPath() + " "
	}
	var forms []string
	for form := range strings.SplitSeq(cmd.Use, " | ") {
		if !strings.Contains(cmd.Use, "[flags]") && cmd.HasParent() {
			form += " [flags]"
		}
		forms = append(forms, above+form)
	}
	if cmd.HasAvailableSubCommands() {
		if !cmd.HasParent() {
			forms = nil // by itself it prints this
		}
		forms = append(forms, cmd.CommandPath()+" COMMAND")
	}
	return forms
}

// writeFlags lists flags, many of them in groups.
func writeFlags(b *strings.Builder, all *pflag.FlagSet) {
	rest := pflag.NewFlagSet("", pflag.ContinueOnError)
	shown := 0
	all.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			shown++
		}
	})
	var grouped []string
	if shown >= manyFlags {
		for _, g := range settingGroups() {
			set := pflag.NewFlagSet("", pflag.ContinueOnError)
			set.SortFlags = false
			for name := range strings.FieldsSeq(g.names) {
				if f := all.Lookup(name); f != nil && !f.Hidden {
					set.AddFlag(f)
					grouped = append(grouped, name)
				}
			}
			if set.HasFlags() {
				b.WriteString("\n" + g.title + ":\n" + set.FlagUsagesWrapped(helpWidth))
			}
		}
	}
	all.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && !slices.Contains(grouped, f.Name) {
			rest.AddFlag(f)
		}
	})
	if rest.HasFlags() {
		b.WriteString("\nFlags:\n" + rest.FlagUsagesWrapped(helpWidth))
	}
}

// reflow folds the paragraphs of a text to helpWidth; lines that begin with a blank stay
// as they are.
func reflow(text string) string {
	var b, paragraph strings.Builder
	end := func() {
		for _, line := range foldWords(paragraph.String(), helpWidth) {
			b.WriteString(line + "\n")
		}
		paragraph.Reset()
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if line == "" || line[0] == ' ' {
			end()
			b.WriteString(line + "\n")
			continue
		}
		paragraph.WriteString(line + " ")
	}
	end()
	return strings.TrimRight(b.String(), "\n")
}

// writeHanging writes text behind lead, with further lines beneath its beginning.
func writeHanging(b *strings.Builder, lead, text string) {
	for _, line := range foldWords(text, helpWidth-ansi.StringWidth(lead)-1) {
		b.WriteString(lead + " " + line + "\n")
		lead = strings.Repeat(" ", ansi.StringWidth(lead))
	}
}

// foldWords divides text at blanks into lines of at most width columns; a longer word has
// a line to itself.
func foldWords(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}
