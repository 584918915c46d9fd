package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/spf13/cobra"
)

func newGoroutinesCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	cmd := &cobra.Command{
		Use:   "goroutines ID",
		Short: "Show where the goroutines of a request are at this moment",
		Long: `goroutines prints the stacks of all goroutines that work for one request: of one that
is still going on, or of what it started and left behind. Those of other requests are
left out.`,
		Example: `  pastedev requests --limit 1 --json | jq -r .id
  pastedev goroutines 4bf92f35
  pastedev cancel 4bf92f35`,
		Args: oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				ex, err := findExchange(ctx, client, args[0], false)
				if err != nil {
					return err
				}
				text, err := client.Goroutines(ctx, ex.ID)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(std.out, goroutinesRecord{ex.ID, ex.InFlight, text})
				}
				if strings.TrimSpace(text) == "" {
					fmt.Fprintf(std.err, "no goroutine works for %s: %s\n", ex.ID.Short(), oneLine(outcome(ex)))
					return nil
				}
				p := newPaper(std.out)
				p.stacks(text)
				return p.flush(std.out)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	return cmd
}

// goroutinesRecord is the line of --json.
type goroutinesRecord struct {
	Exchange inspect.ID `json:"exchange"`
	InFlight bool       `json:"in_flight"`
	Stacks   string     `json:"stacks"` // as the runtime writes them
}

// stacks prints what the runtime wrote of goroutines, their first lines and the places
// set off. Lines are not cut: the places are at their ends.
func (p *paper) stacks(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")
		s := plainStyle
		switch {
		case strings.HasPrefix(line, "goroutine "):
			s = bold
		case strings.HasPrefix(line, "    "):
			s = placeStyle
		}
		p.b.WriteString(p.paint(s, body.Terminal(line, false)) + "\n")
	}
}
