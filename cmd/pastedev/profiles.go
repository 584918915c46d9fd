package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

// maxProfiles is how many the API gives at once, more than an instance keeps.
const maxProfiles = 500

func newProfilesCommand(std stdio) *cobra.Command {
	var form profileForm
	var state string
	var limit int
	cmd := &cobra.Command{
		Use:   "profiles [NUMBER]",
		Short: "List recorded profiles, or show one of them",
		Long: `profiles lists the profiles that were recorded, newest first: by pastedev profile
--kind, in the terminal UI or in the browser. With a number it shows that one, or
gives it to another tool.`,
		Example: `  pastedev profiles
  pastedev profiles 3
  pastedev profiles 3 --pb cpu.pb.gz && go tool pprof -http=: cpu.pb.gz
  pastedev profiles --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if err := checkLimit(limit, "profiles"); err != nil {
				return err
			}
			switch {
			case len(args) > 1:
				return usagef("profiles takes one number\nhint: pastedev profiles lists them")
			case len(args) == 0 && (form.top || form.folded || form.speedscope || form.all || form.pb != ""):
				return usagef("profiles needs the number of the profile to print\nhint: pastedev profiles lists them")
			case len(args) == 1:
				if n, err := strconv.ParseInt(args[0], 10, 64); err != nil || n < 1 {
					return usagef("the profile is %q, not a number\nhint: pastedev profiles lists them; pastedev profile %s shows the calls of a request", args[0], args[0])
				}
			}
			return form.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
				if len(args) == 0 {
					return listProfiles(ctx, std, client, limit, form.json)
				}
				id, _ := strconv.ParseInt(args[0], 10, 64) // checked above
				meta, err := client.ProfileByID(ctx, id)
				if errors.Is(err, inspect.ErrNotFound) {
					return fmt.Errorf("profile %d: %w\nhint: pastedev profiles lists those that are kept", id, inspect.ErrNotFound)
				}
				if err != nil {
					return err
				}
				return form.writeProfile(ctx, std, client, meta)
			})
		},
	}
	form.bind(cmd)
	stateFlag(cmd, &state)
	limitFlag(cmd, &limit)
	return cmd
}

func listProfiles(ctx context.Context, std stdio, client *control.Client, limit int, asJSON bool) error {
	list, err := client.Profiles(ctx, oneMore(limit, maxProfiles))
	if err != nil {
		return err
	}
	list, more := cutTo(list, limit)
	if asJSON {
		return printJSONLines(std.out, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(std.err, "no profiles recorded\nhint: pastedev profile ID --kind cpu --replay")
		return nil
	}
	if err := printProfiles(std.out, list, time.Now()); err != nil {
		return err
	}
	if more {
		tellMore(std.err, limit)
	}
	return nil
}

// printProfiles prints a line a profile: number, kind, time, samples, replays, what of,
// size.
func printProfiles(w io.Writer, list []inspect.Profile, now time.Time) error {
	rows := make([][]string, len(list))
	for i, meta := range list {
		samples, replays := count(int(meta.Samples), meta.Kind.Counted()), ""
		if meta.Kind == inspect.ProfileTrace {
			samples = ""
		}
		if meta.Replays > 0 {
			replays = count(meta.Replays, "replay")
		}
		of := profileOf(meta)
		if of == "" {
			of = "the whole app"
		}
		rows[i] = []string{fmt.Sprint(meta.ID), string(meta.Kind), when(meta.Time, now), inspect.FormatDuration(meta.Duration.Duration()), samples, replays, inspect.FormatSize(meta.Size), of}
	}
	p := newPaper(w)
	p.table(rows, []style{bold, plainStyle, dim, plainStyle, plainStyle, plainStyle, dim, plainStyle})
	return p.flush(w)
}
