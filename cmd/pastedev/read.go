package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/query"
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

// dialHere is dial from the current folder.
func dialHere(state string) (*control.Client, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return dial(dir, state)
}

func newRequestsCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	var limit int
	cmd := &cobra.Command{
		Use:   "requests [QUERY]",
		Short: "List recorded requests, newest first",
		Long: `requests lists the exchanges that a running instance has recorded, newest first.
Several words are one query: words are joined by AND, OR and parentheses work, and
a leading - excludes.`,
		Example: `  pastedev requests
  pastedev requests status:5xx since:10m
  pastedev requests 'method:POST path:/cart* dur>200ms' --json
  pastedev requests --limit 1 --json | jq -r .id`,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := dialHere(state)
			if err != nil {
				return err
			}
			defer client.Close()
			req := inspect.ListRequest{Query: strings.Join(args, " "), Limit: limit}
			list, err := client.Exchanges(cmd.Context(), req)
			if err != nil {
				return explainQuery(req.Query, err)
			}
			if asJSON {
				for _, s := range list.Items {
					if err := printJSON(std.out, s); err != nil {
						return err
					}
				}
				return nil
			}
			printList(std.out, list)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	cmd.Flags().IntVarP(&limit, "limit", "n", 50, "print at most this many")
	return cmd
}

// explainQuery points at the wrong place of a query.
func explainQuery(text string, err error) error {
	var q *query.Error
	if !errors.As(err, &q) {
		return err
	}
	msg := fmt.Sprintf("query: %s\n  %s\n  %s%s", q.Message, text, strings.Repeat(" ", q.Pos), strings.Repeat("^", max(q.Len, 1)))
	if q.Suggestion != "" {
		msg += "\nhint: " + q.Suggestion
	}
	return usageError{msg}
}

func printList(w io.Writer, list inspect.List) {
	for _, s := range list.Items {
		status := fmt.Sprint(s.Status)
		if s.Status == 0 {
			status = "---"
		}
		note := ""
		if s.Error != "" {
			note = "  " + s.Error
		}
		line := fmt.Sprintf("%s  %s  %-3s  %-7s %-9s %-9s %s%s", s.ID.Short(), s.Start.Local().Format("15:04:05"),
			status, s.Method, formatDuration(s.Duration.Duration()), formatSize(s.ResponseSize), s.URL, note)
		fmt.Fprintln(w, body.Terminal(line, false))
	}
	if list.More {
		fmt.Fprintf(w, "(more: --limit %d shows further back)\n", 4*len(list.Items))
	}
	if len(list.Items) == 0 {
		fmt.Fprintf(w, "no match among %d recorded requests\n", list.Total)
	}
}

func newShowCommand(std stdio) *cobra.Command {
	var asJSON, reveal bool
	var state string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one request with its response",
		Long: `show prints all that is known of one exchange. The first digits of an ID are
enough. Secrets are masked unless --reveal is given.`,
		Example: `  pastedev show 4bf92f35
  pastedev show 4bf92f35 --json | jq .response.header`,
		Args: oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := dialHere(state)
			if err != nil {
				return err
			}
			defer client.Close()
			ex, err := client.Exchange(cmd.Context(), inspect.ID(args[0]), reveal)
			if err != nil {
				return explainID(args[0], err)
			}
			if asJSON {
				return printJSON(std.out, ex)
			}
			printExchange(std.out, ex)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	cmd.Flags().BoolVar(&reveal, "reveal", false, "show secrets instead of masking them")
	return cmd
}

func explainID(id string, err error) error {
	if errors.Is(err, inspect.ErrNotFound) {
		return fmt.Errorf("exchange %s: %w\nhint: pastedev requests lists the IDs", id, inspect.ErrNotFound)
	}
	return err
}

func printExchange(w io.Writer, ex *inspect.Exchange) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", ex.Method, ex.URL)
	fmt.Fprintf(&b, "%d in %s, build %d, %s, id %s\n", ex.Status, formatDuration(ex.Duration.Duration()),
		ex.Build, ex.Start.Local().Format(time.DateTime), ex.ID)
	if ex.Error != "" {
		fmt.Fprintf(&b, "error: %s\n", ex.Error)
	}
	t := ex.Timing
	fmt.Fprintf(&b, "held %s  connect %s  send %s  wait %s  receive %s\n", formatDuration(t.Held.Duration()),
		formatDuration(t.Connect.Duration()), formatDuration(t.Send.Duration()), formatDuration(t.Wait.Duration()),
		formatDuration(t.Receive.Duration()))
	printMessage(&b, "request", ex.Request)
	printMessage(&b, "response", ex.Response)
	fmt.Fprint(w, body.Terminal(b.String(), false))
}

// printWidth is the width that pretty-printed bodies are laid out for outside the
// terminal UI.
const printWidth = 100

func printMessage(b *bytes.Buffer, name string, m inspect.Message) {
	fmt.Fprintf(b, "\n-- %s --\n", name)
	for _, key := range slices.Sorted(maps.Keys(m.Header)) {
		for _, v := range m.Header[key] {
			fmt.Fprintf(b, "%s: %s\n", key, v)
		}
	}
	if m.Body.Size == 0 {
		return
	}
	decoded, err := body.Decode(m.Header, m.Body)
	if err != nil {
		fmt.Fprintf(b, "\n(%s; %v)\n", formatSize(m.Body.Size), err)
		return
	}
	view := body.Pretty(m.Header.Get("Content-Type"), decoded.Data, printWidth)
	fmt.Fprintf(b, "\n%s\n", strings.TrimRight(view.Text, "\n"))
	if m.Body.Truncated {
		fmt.Fprintf(b, "(the first %s of %s)\n", formatSize(int64(len(m.Body.Data))), formatSize(m.Body.Size))
	}
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
			client, err := dialHere(state)
			if err != nil {
				return err
			}
			defer client.Close()
			id, err := client.Replay(cmd.Context(), inspect.ID(args[0]))
			if err != nil {
				return explainID(args[0], err)
			}
			if !asJSON {
				fmt.Fprintln(std.out, id)
				return nil
			}
			ex, err := client.Exchange(cmd.Context(), id, false)
			if err != nil {
				return err
			}
			return printJSON(std.out, ex)
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	return cmd
}

func newRestartCommand(std stdio) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use:   "restart",
		Short: "Restart the target",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := dialHere(state)
			if err != nil {
				return err
			}
			defer client.Close()
			return client.Restart(cmd.Context())
		},
	}
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
			client, err := dialHere(state)
			if err != nil {
				return err
			}
			defer client.Close()
			in, _ := terminal(std)
			return showUI(cmd.Context(), client, std, uiOptions{tui: in != nil, mouse: !noMouse, attached: true, format: "human"})
		},
	}
	stateFlag(cmd, &state)
	cmd.Flags().BoolVar(&noMouse, "no-mouse", false, "leave the mouse to the terminal")
	return cmd
}
