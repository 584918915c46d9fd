package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/tui"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newAttachCommand(std stdio) *cobra.Command {
	var state string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "attach",
		Short: "Open the terminal UI of an instance that runs already",
		Long: `attach opens the same terminal UI as run, on the instance of this folder. Leaving
it leaves the instance running. Outside a terminal, or with --ui=log, it prints the
line log on standard output, a line for each request and build from now on.`,
		Example: `  pastedev attach
  pastedev attach --state ../shop/.pastedev
  pastedev attach --json | jq -r 'select(.status >= 500).id'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && cmd.Flags().Changed("format") {
				return usagef("--json and --format exclude each other\nhint: --json is --format=json --ui=log")
			}
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			c, err := loadConfig(dir, cmd.Flags(), os.Getenv)
			if err != nil {
				return err
			}
			if linesWanted(cmd, &c); asJSON {
				c.UI, c.Format = "log", tui.FormatJSON
			}
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				err := showUI(ctx, client, std, uiOptions{tui: wantsTUI(c, std), mouse: !c.NoMouse, attached: true, log: std.out, format: c.Format, editor: c.Editor})
				if errors.Is(err, tui.ErrFeedEnded) {
					fmt.Fprintln(std.err, "the instance has ended")
					return nil
				}
				return err
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	cmd.Flags().Lookup("json").Usage = "print the line log as JSON, an object a line: --format=json --ui=log"
	stateFlag(cmd, &state)
	screenFlags(cmd)
	return cmd
}

// screenFlags makes flags of those settings that say how an instance is looked at. The
// values are read by loadConfig.
func screenFlags(cmd *cobra.Command) {
	given := defaultConfig()
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	given.bind(all)
	for name := range strings.FieldsSeq(groupScreen.names + " editor") {
		cmd.Flags().AddFlag(all.Lookup(name))
	}
}

// linesWanted has a --format that was given outdo the terminal UI that --ui=auto would open
// in a terminal: it has none.
func linesWanted(cmd *cobra.Command, c *config) {
	if c.UI == "auto" && cmd.Flags().Changed("format") {
		c.UI = "log"
	}
}
