package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
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

// findExchange returns the exchange whose ID begins with id. Its error says what to do when
// there is none.
func findExchange(ctx context.Context, client *control.Client, id string, reveal bool) (*inspect.Exchange, error) {
	ex, err := client.Exchange(ctx, inspect.ID(id), reveal)
	if err != nil {
		return nil, explainID(id, err)
	}
	return ex, nil
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
