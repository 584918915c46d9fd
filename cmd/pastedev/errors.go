package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/traceback"
	"github.com/spf13/cobra"
)

// maxErrors is how many traces an instance keeps and gives at once.
const maxErrors = 500

func newErrorsCommand(std stdio) *cobra.Command {
	var asJSON, each bool
	var state string
	var limit int
	cmd := &cobra.Command{
		Use:   "errors",
		Short: "List what failed, newest first",
		Long: `errors lists the failures that were recorded, in this run or the last: panics, crashes,
tracebacks found in the output, answers of 500 and more. The same fault has the same
code, and is listed once with how often it was seen.`,
		Example: `  pastedev errors
  pastedev errors show E-k7m2x
  pastedev errors show E-k7m2x --markdown | pbcopy
  pastedev errors eval E-k7m2x 0 'u.Name'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("errors has no command %q\nhint: pastedev errors show %s shows one failure", args[0], args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkLimit(limit, "errors"); err != nil {
				return err
			}
			return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
				return listErrors(ctx, std, client, limit, each, asJSON)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	limitFlag(cmd, &limit)
	cmd.Flags().BoolVar(&each, "each", false, "a line for each time, not for each fault")
	cmd.AddCommand(newErrorsShowCommand(std), newErrorsEvalCommand(std))
	return cmd
}

func newErrorsShowCommand(std stdio) *cobra.Command {
	var asJSON, markdown, all, reveal bool
	var state string
	cmd := &cobra.Command{
		Use:   "show CODE",
		Short: "Show one failure: where, why, values, request",
		Long: `show prints the newest failure with this code, or the one with this number: the
failing line, the values it could see, the stack with other people's code folded, and
the request with its logs and SQL. Secrets are masked unless --reveal is given.`,
		Example: `  pastedev errors show E-k7m2x
  pastedev errors show 17 --all
  pastedev errors show E-k7m2x --markdown`,
		Args: errorArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && markdown {
				return usagef("--json and --markdown exclude each other\nhint: give one of them")
			}
			if reveal && markdown {
				return usagef("--markdown is for others to read and has no --reveal\nhint: leave one of them out")
			}
			return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
				if markdown {
					text, err := client.TraceMarkdown(ctx, args[0])
					if err != nil {
						return explainError(args[0], err)
					}
					_, err = io.WriteString(std.out, text)
					return err
				}
				t, err := client.Trace(ctx, args[0], reveal)
				if err != nil {
					return explainError(args[0], err)
				}
				if asJSON {
					return printJSON(std.out, t)
				}
				ex, err := exchangeOf(ctx, client, t, reveal)
				if err != nil {
					return err
				}
				return printTrace(std.out, t, ex, all)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print Markdown, for an issue or an agent")
	cmd.Flags().BoolVar(&all, "all", false, "show every frame and every value")
	cmd.Flags().BoolVar(&reveal, "reveal", false, "show secrets instead of masking them")
	return cmd
}

func newErrorsEvalCommand(std stdio) *cobra.Command {
	var asJSON bool
	var state string
	cmd := &cobra.Command{
		Use:   "eval CODE FRAME EXPRESSION",
		Short: "Compute an expression in a frame of a failure",
		Long: `eval reads a value from the snapshot that was taken when the program failed: fields,
indices, len, map lookups, conversions. FRAME is the number before a frame in
pastedev errors show --all. Nothing runs in the program, whatever became of it since.`,
		Example: `  pastedev errors eval E-k7m2x 0 u.Name
  pastedev errors eval E-k7m2x 2 'len(cart.Items)'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 3 {
				return usagef("eval needs a code, the number of a frame and an expression\nhint: pastedev errors eval E-k7m2x 0 u.Name; pastedev errors show numbers the frames")
			}
			if _, err := strconv.Atoi(strings.TrimPrefix(args[1], "#")); err != nil {
				return usagef("the frame is %q, not a number\nhint: pastedev errors show %s numbers the frames", args[1], args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, state, func(ctx context.Context, client *control.Client) error {
				t, err := client.Trace(ctx, args[0], false)
				if err != nil {
					return explainError(args[0], err)
				}
				frame, _ := strconv.Atoi(strings.TrimPrefix(args[1], "#")) // checked above
				v, err := client.Eval(ctx, t.ID, frame, strings.Join(args[2:], " "))
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(std.out, v)
				}
				p := newPaper(std.out)
				p.tree(v, "", wholeTree)
				return p.flush(std.out)
			})
		},
	}
	cmd.Flags().SetInterspersed(false) // an expression may begin with -
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	return cmd
}

// errorArg asks for the code or number of a failure.
func errorArg(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usagef("%s needs one code, such as E-k7m2x\nhint: pastedev errors lists them", cmd.Name())
	}
	return nil
}

// explainError says what to do about a code that nothing has.
func explainError(ref string, err error) error {
	if !errors.Is(err, inspect.ErrNotFound) {
		return err
	}
	return fmt.Errorf("error %s: %w\nhint: pastedev errors lists those that are kept", ref, inspect.ErrNotFound)
}

// exchangeOf returns the exchange of t; nil when there was none or it is no longer kept.
func exchangeOf(ctx context.Context, client *control.Client, t *inspect.Trace, reveal bool) (*inspect.Exchange, error) {
	if t.Exchange == "" {
		return nil, nil
	}
	ex, err := client.Exchange(ctx, t.Exchange, reveal)
	if errors.Is(err, inspect.ErrNotFound) {
		return nil, nil
	}
	return ex, err
}

func listErrors(ctx context.Context, std stdio, client *control.Client, limit int, each, asJSON bool) error {
	traces, err := client.Traces(ctx, maxErrors)
	if err != nil {
		return err
	}
	if !each {
		traces = newestOfEach(traces)
	}
	traces, more := cutTo(traces, limit)
	if asJSON {
		return printJSONLines(std.out, traces)
	}
	if len(traces) == 0 {
		fmt.Fprintln(std.err, "no errors recorded")
		return nil
	}
	if err := printErrors(std.out, traces, time.Now()); err != nil {
		return err
	}
	if more {
		tellMore(std.err, limit)
	}
	return nil
}

// newestOfEach keeps the first trace of each code.
func newestOfEach(traces []inspect.Trace) []inspect.Trace {
	seen := map[string]bool{}
	var list []inspect.Trace
	for _, t := range traces {
		if t.Code == "" || !seen[t.Code] {
			seen[t.Code] = true
			list = append(list, t)
		}
	}
	return list
}

// The columns of the list. Outside a terminal a headline is never cut, but lines up only
// as far as headlineColumn.
const (
	headlineColumn = 60
	leastHeadline  = 20 // what a terminal leaves of it before the right columns go
)

// printErrors prints a line a trace: code, count, time, headline, place, exchange. On a
// narrow terminal time and exchange go, then the place.
func printErrors(w io.Writer, traces []inspect.Trace, now time.Time) error {
	p := newPaper(w)
	rows := make([][6]string, len(traces))
	var widest [6]int
	for i := range traces {
		rows[i] = errorRow(&traces[i], now)
		for k, cell := range rows[i] {
			widest[k] = max(widest[k], ansi.StringWidth(cell))
		}
	}
	show := [6]bool{true, true, true, true, true, true}
	headline := min(widest[3], headlineColumn)
	if p.terminal {
		room := func() int {
			left := p.width
			for k, n := range widest {
				if k != 3 && show[k] && n > 0 {
					left -= n + 2
				}
			}
			return left
		}
		for _, k := range []int{2, 5, 4} {
			if room() < leastHeadline {
				show[k] = false
			}
		}
		headline = min(widest[3], max(room(), 1))
	}
	styles := [6]style{codeStyle, dim, dim, plainStyle, placeStyle, dim}
	for _, cells := range rows {
		var line []string
		for k, cell := range cells {
			if !show[k] || widest[k] == 0 {
				continue
			}
			wide := widest[k]
			if k == 3 {
				if wide = headline; p.terminal {
					cell = ansi.Truncate(cell, headline, "…")
				}
			}
			line = append(line, p.paint(styles[k], cell)+strings.Repeat(" ", max(0, wide-ansi.StringWidth(cell))))
		}
		p.line(strings.TrimRight(strings.Join(line, "  "), " "))
	}
	return p.flush(w)
}

// errorRow returns the cells of a line, safe for a terminal.
func errorRow(t *inspect.Trace, now time.Time) [6]string {
	row := [6]string{t.Code, "", when(t.Time, now), t.Headline, "", t.Exchange.Short()}
	if t.Count > 1 {
		row[1] = fmt.Sprintf("×%d", t.Count)
	}
	if i := traceback.Failing(t); i >= 0 {
		row[4] = placeOf(&t.Frames[i].Location)
	}
	for k := range row {
		row[k] = oneLine(row[k])
	}
	return row
}
