package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands calls do for each command that users see.
func commands(t *testing.T, do func(t *testing.T, cmd *cobra.Command)) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		t.Run(strings.ReplaceAll(cmd.CommandPath(), " ", "_"), func(t *testing.T) { do(t, cmd) })
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRootCommand(stdio{out: io.Discard, err: io.Discard}))
}

func TestHelpFits(t *testing.T) {
	commands(t, func(t *testing.T, cmd *cobra.Command) {
		var out, errs bytes.Buffer
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		if code := run(t.Context(), args, stdio{out: &out, err: &errs}); code != exitOK || errs.Len() > 0 {
			t.Fatalf("ends with %d: %s", code, &errs)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := ansi.StringWidth(line); n > helpWidth {
				t.Errorf("%d columns: %s", n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("a blank at the end: %q", line)
			}
		}
		if cmd.HasParent() && !isTopic(cmd) && !strings.Contains(out.String(), "\n  "+cmd.CommandPath()) {
			t.Errorf("does not say how it is written:\n%s", &out)
		}
	})
}

func TestHelpShape(t *testing.T) {
	commands(t, func(t *testing.T, cmd *cobra.Command) {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("Short is %q", cmd.Short)
		}
		if isTopic(cmd) {
			return
		}
		if cmd.Long != "" && cmd.HasParent() && !strings.HasPrefix(cmd.Long, cmd.Name()+" ") {
			t.Errorf("Long does not begin with the name: %.40s", cmd.Long)
		}
		if cmd.Long != "" && cmd.Example == "" {
			t.Error("no example")
		}
		for line := range strings.Lines(cmd.Example) {
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("example is not indented: %s", line)
			}
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") && !strings.HasSuffix(f.Usage, "...") { // a pattern
				t.Errorf("--%s is %q", f.Name, f.Usage)
			}
		})
	})
}

// TestSettingGroups: help lists each setting under one heading, and no heading names what
// is none.
func TestSettingGroups(t *testing.T) {
	var grouped []string
	for _, g := range settingGroups() {
		grouped = append(grouped, strings.Fields(g.names)...)
	}
	slices.Sort(grouped)
	var have []string
	newServeCommand(stdio{}).Flags().VisitAll(func(f *pflag.Flag) { have = append(have, f.Name) })
	slices.Sort(have)
	if !slices.Equal(grouped, have) {
		t.Errorf("groups have %q\nserve has  %q", grouped, have)
	}
}

func TestWithoutUse(t *testing.T) {
	for line, want := range map[string]string{
		"serve --upstream http://localhost:1 .": "--upstream has no meaning for serve\nhint: pastedev serve --help",
		"serve --target x .":                    "--target has no meaning for serve\nhint: pastedev serve --help",
		"echo --gate old":                       "--gate has no meaning for echo\nhint: pastedev echo --help",
	} {
		var errs bytes.Buffer
		code := run(t.Context(), strings.Fields(line), stdio{out: io.Discard, err: &errs})
		if code != exitUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("%s ends with %d: %s\nwant %s", line, code, &errs, want)
		}
	}
}
