package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/tui"
	"github.com/spf13/cobra"
)

func newAttachCommand(std stdio) *cobra.Command {
	var state string
	var noMouse bool
	cmd := &cobra.Command{
		Use:   "attach",
		Short: "Open the terminal UI of an instance that runs already",
		Long: `attach opens the same terminal UI as run, on the instance of this folder. Leaving
it leaves the instance running. Outside a terminal it prints the line log.`,
		Example: `  pastedev attach
  pastedev attach --state ../shop/.pastedev`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				in, _ := terminal(std)
				err := showUI(ctx, client, std, uiOptions{tui: in != nil, mouse: !noMouse, attached: true, format: "human", editor: attachedEditor()})
				if errors.Is(err, tui.ErrFeedEnded) {
					fmt.Fprintln(std.err, "the instance has ended")
					return nil
				}
				return err
			})
		},
	}
	stateFlag(cmd, &state)
	cmd.Flags().BoolVar(&noMouse, "no-mouse", false, "leave the mouse to the terminal")
	return cmd
}
