package main

import (
	"context"
	"fmt"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

func newCancelCommand(std stdio) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use:   "cancel ID",
		Short: "End a request that is still going on",
		Long: `cancel ends a request that is in flight, as if its client had gone away: the app's
context of it is cancelled, and the client gets no answer, or a broken one.`,
		Example: `  pastedev cancel 4bf92f35`,
		Args:    oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				ex, err := findExchange(ctx, client, args[0], false)
				if err != nil {
					return err
				}
				if err := client.Cancel(ctx, ex.ID); err != nil {
					return err
				}
				fmt.Fprintf(std.err, "cancelled %s %s after %s\n", oneLine(ex.Method), oneLine(ex.Path), inspect.FormatDuration(ex.Duration.Duration()))
				return nil
			})
		},
	}
	stateFlag(cmd, &state)
	return cmd
}
