package main

import (
	"context"
	"fmt"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/spf13/cobra"
)

func newRestartCommand(std stdio) *cobra.Command {
	var mount, state string
	cmd := &cobra.Command{
		Use:   "restart",
		Short: "Rebuild and restart the target",
		Long: `restart builds the target anew and restarts it, as a save does. It does not wait
for that: pastedev attach, or the terminal of run, shows how it goes. Of pastedev serve
it is all programs, or with --mount one.`,
		Example: `  pastedev restart
  pastedev restart --mount /app`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				st, err := client.Status(ctx)
				if err == nil {
					err = client.RestartMount(ctx, mount)
				}
				if err != nil {
					return err
				}
				what := st.Target
				if mount != "" {
					what = mount
				}
				fmt.Fprintf(std.err, "restarting the app: %s\n", oneLine(what))
				return nil
			})
		},
	}
	stateFlag(cmd, &state)
	cmd.Flags().StringVar(&mount, "mount", "", "restart the program of this mount of pastedev serve only: /app")
	return cmd
}
