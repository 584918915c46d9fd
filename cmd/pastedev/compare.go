package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

func newCompareCommand(std stdio) *cobra.Command {
	var asJSON, all bool
	var state, route string
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Show what got slower between two requests, or since the last build",
		Long: `compare says how the request AFTER differs from BEFORE: by function, in its own time
and its calls, and by SQL statement. With one ID, or a route, it compares the requests
of that route since the last build with those of the build before.`,
		Example: `  pastedev compare 4bf92f35 8a1c07e2
  pastedev compare 8a1c07e2
  pastedev compare --route 'GET /cart/{}'`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case route != "" && len(args) > 0:
				return usagef("--route and IDs exclude each other\nhint: give one ID or two, or a route")
			case route == "" && (len(args) == 0 || len(args) > 2 || args[0] == "" || args[len(args)-1] == ""):
				return usagef("compare needs one ID, two, or a route\nhint: pastedev compare BEFORE AFTER; pastedev compare --route \"GET /cart\"")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
				c, err := compare(ctx, client, args, route)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(std.out, c)
				}
				return printComparison(std.out, c, all)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	cmd.Flags().StringVar(&route, "route", "", "compare a route before and since the last build: \"GET /cart/{}\"")
	cmd.Flags().BoolVar(&all, "all", false, "leave nothing out, however small")
	return cmd
}

func compare(ctx context.Context, client *control.Client, args []string, route string) (inspect.Comparison, error) {
	if route != "" {
		return client.CompareRoute(ctx, route)
	}
	ids := make([]inspect.ID, len(args))
	for i, arg := range args { // each by itself, so that the error names the right one
		ex, err := findExchange(ctx, client, arg, false)
		if err != nil {
			return inspect.Comparison{}, err
		}
		ids[i] = ex.ID
	}
	if len(ids) == 1 {
		return client.Compare(ctx, "", ids[0])
	}
	c, err := client.Compare(ctx, ids[0], ids[1])
	if errors.Is(err, inspect.ErrNotFound) {
		return c, fmt.Errorf("%w\nhint: the history has moved on; pastedev requests lists what is kept", err)
	}
	return c, err
}

// better is what got faster.
const better style = "32"

// changeStyle is that of a difference: more is worse.
func changeStyle(v float64) style {
	switch {
	case v > 0:
		return codeStyle
	case v < 0:
		return better
	}
	return plainStyle
}

func printComparison(w io.Writer, c inspect.Comparison, all bool) error {
	p := newPaper(w)
	verdict := oneLine(c.Verdict)
	if verdict == "" {
		verdict = "no difference worth telling"
	}
	p.line(p.paint(bold, verdict))
	p.line("")
	grown := c.After.Wall.Duration() - c.Before.Wall.Duration()
	p.table([][]string{append([]string{"before"}, comparedCells(c.Before)...), append([]string{"after"}, comparedCells(c.After)...)},
		[]style{dim, plainStyle, plainStyle, dim, dim, bold})
	p.line(p.paint(changeStyle(float64(grown)), signed(grown)))
	p.functionChanges(c.Functions, all)
	p.statementChanges(c.SQL, all)
	return p.flush(w)
}

// comparedCells are route, exchange, build, count and time of a side.
func comparedCells(c inspect.Compared) []string {
	build, mean := "", ""
	if c.Build > 0 {
		build = fmt.Sprintf("build %d", c.Build)
	}
	if c.Count > 1 {
		mean = fmt.Sprintf("mean of %d", c.Count)
	}
	return []string{c.Route, c.Exchange.Short(), build, mean, inspect.FormatDuration(c.Wall.Duration())}
}

// signed is a difference with its sign, "±0" for none.
func signed(d time.Duration) string {
	switch {
	case d > 0:
		return "+" + inspect.FormatNanos(d)
	case d < 0:
		return inspect.FormatNanos(d)
	}
	return "±0"
}

func (p *paper) functionChanges(list []inspect.FunctionChange, all bool) {
	if len(list) == 0 {
		return
	}
	shown := list
	if !all {
		shown = list[:min(shownTop, len(list))]
	}
	p.section("functions, by their own time")
	for _, f := range shown {
		at := ""
		if calls := between(f.Calls, callCount); calls != "" {
			at = "  " + calls + " calls"
		}
		p.linef("%s  %21s  %s%s%s", p.paint(changeStyle(float64(f.Delta)), fmt.Sprintf("%9s", signed(f.Delta))), span(f.Self), callName(f.Function), at, p.place(f.Function.At))
	}
	if n := len(list) - len(shown); n > 0 {
		p.line(p.paint(dim, count(n, "function")+" left out; --all shows them"))
	}
}

func (p *paper) statementChanges(list []inspect.StatementChange, all bool) {
	if len(list) == 0 {
		return
	}
	shown := list
	if !all {
		shown = list[:min(shownTop, len(list))]
	}
	p.section("sql")
	for _, s := range shown {
		more := s.Count[1] - s.Count[0]
		sign := "±0"
		if more > 0 {
			sign = "+" + callCount(more)
		} else if more < 0 {
			sign = "-" + callCount(-more)
		}
		p.linef("%s  %21s  %s", p.paint(changeStyle(more), fmt.Sprintf("%9s", sign)), span(s.Time), oneLine(s.Statement))
	}
	if n := len(list) - len(shown); n > 0 {
		p.line(p.paint(dim, count(n, "statement")+" left out; --all shows them"))
	}
}

// span is "2.00 ms → 40.0 ms".
func span(ns [2]float64) string {
	return inspect.FormatNanos(time.Duration(ns[0])) + " → " + inspect.FormatNanos(time.Duration(ns[1]))
}

// between is "1 → 13", "" for no difference.
func between(n [2]float64, text func(float64) string) string {
	if n[0] == n[1] {
		return ""
	}
	return text(n[0]) + " → " + text(n[1])
}

// callCount is a mean number: whole ones without a decimal.
func callCount(n float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(math.Round(n*10)/10, 'f', 1, 64), ".0")
}
