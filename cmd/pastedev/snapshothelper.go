package main

import (
	"github.com/pastedev/pastedev/inspect/snapshot"
	"github.com/spf13/cobra"
)

// snapshotCommand is the hidden command that freezes and reads processes, in a
// process of its own: debug data takes memory that goes away with it.
const snapshotCommand = "snapshot-helper"

func newSnapshotCommand() *cobra.Command {
	return &cobra.Command{
		Use: snapshotCommand, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return snapshot.Main(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
