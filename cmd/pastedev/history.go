package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/profile"
	"github.com/pastedev/pastedev/inspect/store"
	"github.com/spf13/cobra"
)

// withHistory is withInstance for commands that only read the history: where none runs,
// what the last one left behind is read.
func withHistory(cmd *cobra.Command, std stdio, state string, do func(context.Context, *control.Client) error) error {
	err := withInstance(cmd, state, do)
	if !errors.Is(err, control.ErrNoInstance) {
		return err
	}
	dir, wderr := os.Getwd()
	if wderr != nil {
		return err
	}
	left, ok := control.FindLeft(dir, state, historyName)
	if !ok {
		return err
	}
	fmt.Fprintf(std.err, "pastedev: nothing runs here; this is the history of the last run\n")
	return readHistory(cmd.Context(), std, left, do)
}

// historyName is the file of a state dir that holds the history, profilesName the folder
// with the recorded profiles.
const historyName, profilesName = "history.db", "profiles"

// foreverKept is longer than any history.
const foreverKept = 100 * 365 * 24 * time.Hour

// readHistory offers the history in a state dir for as long as do runs. It removes nothing
// from it; nobody else can have it meanwhile.
func readHistory(ctx context.Context, std stdio, stateDir string, do func(context.Context, *control.Client) error) error {
	history, err := store.Open(store.Options{
		Path: filepath.Join(stateDir, historyName), Existing: true, MaxCount: math.MaxInt, MaxBytes: math.MaxInt64, MaxAge: foreverKept,
		Notify: func(text string) { fmt.Fprintf(std.err, "pastedev: %s\n", text) },
	})
	if err != nil {
		return fmt.Errorf("%w\nhint: pastedev run keeps a file that it cannot read beside, and begins a new one", err)
	}
	defer history.Close() // nothing was written
	own, err := os.MkdirTemp("", "pastedev-")
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	defer os.RemoveAll(own)
	o := control.Options{
		Store: history, Hints: hints,
		Status: func() inspect.Status {
			return inspect.Status{Version: version(), StateDir: stateDir, State: inspect.StateStopped, History: history.Stats()}
		},
	}
	if kept := filepath.Join(stateDir, profilesName); isDir(kept) {
		archive, err := profile.OpenArchive(kept, func(err error) { fmt.Fprintf(std.err, "pastedev: %v\n", err) })
		if err != nil {
			return err
		}
		o.Profiles = archive
	}
	server, err := control.Listen(ctx, control.NewService(o), control.ServerOptions{StateDir: own})
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := dial("", own)
	if err != nil {
		return err
	}
	defer client.Close()
	return do(ctx, client)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
