package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	sessionfiles "github.com/pastedev/pastedev/devserver/session"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
	"github.com/pastedev/pastedev/reloader"
	"github.com/spf13/cobra"
)

// sessionsDir is the folder that the app keeps its sessions in, as far as is known: that of
// the settings, else one in the state dir, which the app is asked to use.
func (s *session) sessionsDir() string {
	if s.config.Sessions != "" {
		return reloader.Absolute(s.dir, s.config.Sessions)
	}
	if s.parent != nil {
		return s.parent.sessionsDir()
	}
	return s.statePath("sessions")
}

// sessions is that folder for the inspector.
func (s *session) sessions() *sessionfiles.Folder { return &sessionfiles.Folder{Path: s.sessionsDir()} }

// targetEnv is the environment of the target: ours, and where its sessions can be seen.
func (s *session) targetEnv() []string {
	return append(os.Environ(), sessionfiles.EnvDir+"="+s.sessionsDir())
}

func newSessionsCommand(std stdio) *cobra.Command {
	var asJSON, reveal bool
	var state string
	var limit int
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "List the sessions that the app keeps in files",
		Long: `sessions lists what the app keeps for its visitors, the last to expire first: the
sessions of package devserver/session, in the state dir or in the folder that the
setting sessions names. A program asks session.Dir() where to keep them; pastedev
tells it in PASTEDEV_SESSIONS. Values are shown, secrets masked unless --reveal is
given, and not edited: they are the program's. A session can be ended.`,
		Example: `  pastedev sessions
  pastedev sessions --json | jq .values
  pastedev sessions forget 3f2a91c0`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("sessions has no command %q\nhint: pastedev sessions forget ID ends one", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkLimit(limit, "sessions"); err != nil {
				return err
			}
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				list, err := client.Sessions(ctx, oneMore(limit, maxSessions), reveal)
				if err != nil {
					return err
				}
				list, more := cutTo(list, limit)
				if err := printSessions(std, list, asJSON); err != nil || asJSON {
					return err
				}
				switch {
				case more:
					tellMore(std.err, limit)
				case len(list) == maxSessions:
					fmt.Fprintf(std.err, "(no more than these %d are read: the last to expire)\n", maxSessions)
				}
				return nil
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	limitFlag(cmd, &limit)
	cmd.Flags().BoolVar(&reveal, "reveal", false, "show secrets instead of masking them")
	cmd.AddCommand(newSessionsForgetCommand(std))
	return cmd
}

// maxSessions is how many the API gives at once.
const maxSessions = 1000

func newSessionsForgetCommand(std stdio) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use:     "forget ID",
		Short:   "End a session: who has its cookie has none from now on",
		Example: `  pastedev sessions forget 3f2a91c0`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usagef("forget needs one ID\nhint: pastedev sessions lists them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				err := client.ForgetSession(ctx, args[0])
				if p, ok := errors.AsType[*control.Problem](err); ok && p.Status == http.StatusBadRequest {
					return usagef("%v", p) // of an ID that cannot be one
				}
				if err != nil {
					return err
				}
				fmt.Fprintf(std.err, "the session %s has ended\n", shortSession(args[0]))
				return nil
			})
		},
	}
	stateFlag(cmd, &state)
	return cmd
}

// shortSession is what of an ID is enough for a person.
func shortSession(id string) string { return id[:min(len(id), 12)] }

// printSessions prints a block for each, or an object a line.
func printSessions(std stdio, list []authview.Session, asJSON bool) error {
	if asJSON {
		return printJSONLines(std.out, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(std.err, "the app keeps no sessions in files\nhint: session.Options{Dir: session.Dir()} keeps them where pastedev sees them, or name their folder with --sessions")
		return nil
	}
	now := time.Now()
	for _, s := range list {
		head := fmt.Sprintf("%s  expires in %s  written %s ago  %s", shortSession(s.ID), roughly(s.Expires.Sub(now)), roughly(now.Sub(s.Changed)), inspect.FormatSize(int64(s.Size)))
		if s.Idle > 0 {
			head += fmt.Sprintf("  ends after %s without use", roughly(time.Duration(s.Idle)*time.Second))
		}
		if _, err := fmt.Fprintln(std.out, head); err != nil {
			return err
		}
		if err := printSessionValues(std.out, s); err != nil {
			return err
		}
	}
	return nil
}

// maxSessionValue is how much of a value a line shows; --json has all.
const maxSessionValue = 160

func printSessionValues(w io.Writer, s authview.Session) error {
	if s.Problem != "" {
		_, err := fmt.Fprintf(w, "  %s\n", oneLine(s.Problem))
		return err
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(s.Values, &values); err != nil {
		return nil // masked to something that is no object; the JSON form has it
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text := []rune(oneLine(string(values[name])))
		if len(text) > maxSessionValue {
			text = append(text[:maxSessionValue], '…')
		}
		line := "  " + oneLine(name) + " = " + string(text)
		if t := s.Types[name]; t != "" && t != "string" {
			line += " (" + oneLine(t) + ")"
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}
