package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui"
	"github.com/spf13/cobra"
)

// dial connects to the instance whose state dir is state, or the one that belongs
// to dir or a folder above it.
func dial(dir, state string) (*control.Client, error) {
	find, where := control.Find, dir
	if state != "" {
		find, where = control.FindIn, state
	}
	inst, err := find(where)
	if err != nil {
		return nil, err
	}
	return control.NewClient(inst), nil
}

// withInstance calls do with a client of the instance whose state dir is state, or the one
// that belongs to the current folder.
func withInstance(cmd *cobra.Command, state string, do func(context.Context, *control.Client) error) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	client, err := dial(dir, state)
	if err != nil {
		return err
	}
	defer client.Close()
	return do(cmd.Context(), client)
}

// shortestID is how much of an ID names an exchange at least.
const shortestID = 4

// explainID says what to do about an ID that nothing has.
func explainID(id string, err error) error {
	if !errors.Is(err, inspect.ErrNotFound) {
		return err
	}
	hint := "pastedev requests lists the IDs"
	if len(id) < shortestID {
		hint = fmt.Sprintf("give at least %d digits; %s", shortestID, hint)
	}
	return fmt.Errorf("exchange %s: %w\nhint: %s", id, inspect.ErrNotFound, hint)
}

func newReplayCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Send a recorded request to the target again",
		Long: `replay sends the recorded request once more, to the target and nowhere else,
and prints the ID of the new exchange. It does not ask: a POST is sent again.`,
		Args: oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				id, err := client.Replay(ctx, inspect.ID(args[0]))
				if err != nil {
					return explainID(args[0], err)
				}
				if !asJSON {
					fmt.Fprintln(std.out, id)
					return nil
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

func newAttachCommand(std stdio) *cobra.Command {
	var state string
	var noMouse bool
	cmd := &cobra.Command{
		Use:   "attach",
		Short: "Open the terminal UI of an instance that runs already",
		Long: `attach opens the same terminal UI as run, on the instance of this folder. Leaving
it leaves the instance running. Outside a terminal it prints the line log.`,
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
