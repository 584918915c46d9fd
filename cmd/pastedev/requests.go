package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/spf13/cobra"
)

// pageSize is how many exchanges are asked for at once: the API gives no more.
const pageSize = 1000

func newRequestsCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	var limit int
	cmd := &cobra.Command{
		Use:   "requests [QUERY]",
		Short: "List recorded requests, newest first",
		Long: `requests lists the exchanges that a running instance has recorded, newest first.

Words of a query side by side must all match; OR joins alternatives, parentheses
group, and NOT or a leading - excludes. A bare word is looked for in the URL.

Sub-requests stand below the request they are a part of, where that is listed too;
-is:sub leaves them out. Where no pastedev runs, the history of the last one is read.

Fields:
` + queryFields(),
		Example: `  pastedev requests
  pastedev requests status:5xx since:10m
  pastedev requests 'method:POST path:/cart* dur>200ms' --json
  pastedev requests -- -static
  pastedev requests --limit 1 --json | jq -r .id`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkLimit(limit, "requests"); err != nil {
				return err
			}
			return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
				return listRequests(ctx, std, client, strings.Join(args, " "), limit, asJSON)
			})
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if strings.Contains(err.Error(), "unknown shorthand") {
			return usagef("%s\nhint: a query that begins with - stands after --: pastedev requests -- -static", err)
		}
		return flagError(cmd, err)
	})
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	limitFlag(cmd, &limit)
	return cmd
}

// queryFields is the reference of the query language, a line a field.
func queryFields() string {
	var b strings.Builder
	for _, f := range query.Fields() {
		writeHanging(&b, fmt.Sprintf("  %-27s", f.Example), f.Help)
	}
	return strings.TrimRight(b.String(), "\n")
}

// listRequests prints up to limit matches, page by page; 0 means all.
func listRequests(ctx context.Context, std stdio, client *control.Client, text string, limit int, asJSON bool) error {
	req := inspect.ListRequest{Query: text}
	printed := 0
	for {
		req.Limit = pageSize
		if limit > 0 {
			req.Limit = min(limit-printed, pageSize)
		}
		list, err := client.Exchanges(ctx, req)
		if err != nil {
			return explainQuery(text, err)
		}
		if err := printPage(std.out, list.Items, asJSON); err != nil {
			return err
		}
		printed += len(list.Items)
		switch {
		case printed == 0 && !asJSON:
			fmt.Fprintln(std.err, noMatch(ctx, client, list.Total))
			return nil
		case !list.More || len(list.Items) == 0:
			return nil
		case printed == limit:
			if !asJSON {
				tellMore(std.err, limit)
			}
			return nil
		}
		req.Before = list.Items[len(list.Items)-1].Seq
	}
}

// noMatch says that a list is empty, and why where that is known.
func noMatch(ctx context.Context, client *control.Client, total int) string {
	if total > 0 {
		return fmt.Sprintf("no match among %d recorded requests", total)
	}
	text := "no requests recorded"
	if st, err := client.Status(ctx); err == nil && st.State == inspect.StateRunning && !st.Recording {
		text += " yet: the app runs without the hooks, which are being built in"
		if st.Detail != "" {
			text += "\n" + oneLine(st.Detail)
		}
	}
	return text
}

func printPage(w io.Writer, items []inspect.Summary, asJSON bool) error {
	if asJSON {
		return printJSONLines(w, items)
	}
	return printTable(w, items, terminalWidth(w))
}

// explainQuery points at the wrong place of a query.
func explainQuery(text string, err error) error {
	var q *query.Error
	if !errors.As(err, &q) {
		return err
	}
	before := ansi.StringWidth(body.Terminal(text[:min(q.Pos, len(text))], false))
	marked := ansi.StringWidth(body.Terminal(text[min(q.Pos, len(text)):min(q.Pos+q.Len, len(text))], false))
	hint := "pastedev requests --help lists the fields"
	if q.Suggestion != "" {
		hint = "did you mean " + q.Suggestion + "?"
	}
	return usagef("query: %s\n  %s\n  %s%s\nhint: %s", q.Message, body.Terminal(text, false),
		strings.Repeat(" ", before), strings.Repeat("^", max(marked, 1)), hint)
}

// Below narrow columns the table leaves out the size, below slim the time of day as well,
// so that the URL keeps its place.
const narrow, slim = 80, 60

// leastURL is what a terminal leaves of the URL before the counts behind it are cut.
const leastURL = 20

// printTable prints a line an exchange. On a terminal of that width lines are cut and
// URLs lose their origin; elsewhere, with width 0, everything is there for other tools.
func printTable(w io.Writer, items []inspect.Summary, width int) error {
	items, depths := nested(items)
	rows := make([][]string, len(items))
	var widest [7]int
	for i, s := range items {
		rows[i] = tableRow(s, width, depths[s.ID])
		for k, cell := range rows[i] {
			widest[k] = max(widest[k], utf8.RuneCountInString(cell))
		}
	}
	for i, c := range rows {
		line := fmt.Sprintf("%-*s  ", widest[0], c[0])
		if width == 0 || width >= slim {
			line += c[1] + "  "
		}
		line += fmt.Sprintf("%s  %-*s  %*s", c[2], widest[3], c[3], widest[4], c[4])
		if width == 0 || width >= narrow {
			line += fmt.Sprintf("  %*s", widest[5], c[5])
		}
		line = body.Terminal(line+"  ", false)
		url, sums := body.Terminal(c[6], false), ""
		if text := formatSums(items[i].Sums); text != "" {
			sums = "  " + text
		}
		if text := oneLine(items[i].Verdict); text != "" {
			sums += "  " + text
		}
		if room := width - ansi.StringWidth(line) - ansi.StringWidth(sums); width > 0 && room >= leastURL {
			url = ansi.Truncate(url, room, "…")
		}
		line += url + sums
		if width > 0 {
			line = ansi.Truncate(line, width, "…")
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// tableRow returns ID, time, status, method, duration, size and URL.
func tableRow(s inspect.Summary, width, depth int) []string {
	url := s.URL
	if _, rest, ok := strings.Cut(url, "://"); ok && width > 0 {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			url = rest[i:]
		}
	}
	if depth > 0 && width > 0 {
		url = strings.Repeat("  ", min(depth, deepest)-1) + "↳ " + url
	}
	if s.Parent != "" {
		url += "  " + kinship(s, width > 0)
	}
	if s.Error != "" {
		url += "  " + s.Error
	}
	duration := inspect.FormatDuration(s.Duration.Duration())
	if s.InFlight {
		duration += "…"
	}
	return []string{s.ID.Short(), s.Start.Local().Format("15:04:05"), formatStatus(s.Status), s.Method, duration, inspect.FormatSize(s.ResponseSize), url}
}
