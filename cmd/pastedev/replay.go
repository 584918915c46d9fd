package main

import (
	"context"
	"fmt"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

func newReplayCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Send a recorded request to the target again",
		Long: `replay sends the recorded request once more, to the target and nowhere else,
and prints the ID of the new exchange. It does not ask: a POST is sent again.`,
		Example: `  pastedev replay 4bf92f35
  pastedev show $(pastedev replay 4bf92f35)`,
		Args: oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				id, err := client.Replay(ctx, inspect.ID(args[0]))
				if err != nil {
					return explainID(args[0], err)
				}
				if !asJSON {
					_, err := fmt.Fprintln(std.out, id)
					return err
				}
				ex, err := client.Exchange(ctx, id, false)
				if err != nil {
					return err
				}
				return printJSON(std.out, ex)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	return cmd
}
