package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/spf13/cobra"
)

func newShowCommand(std stdio) *cobra.Command {
	var asJSON, reveal, all bool
	var state string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one request with its response",
		Long: `show prints all that is known of one exchange. The first digits of an ID are
enough. Secrets are masked unless --reveal is given. Bodies are decoded and laid out
for reading; --json has them as base64 beside everything else. What is long and seldom
looked for is folded unless --all is given: most lines of a long log, the environment
of programs, and the pages that pastedev itself answered with.`,
		Example: `  pastedev show 4bf92f35
  pastedev show 4bf92f35 --json | jq .response.header`,
		Args: oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withHistory(cmd, std, state, func(ctx context.Context, client *control.Client) error {
				ex, err := findExchange(ctx, client, args[0], reveal)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(std.out, ex)
				}
				traces, err := tracesOf(ctx, client, ex)
				if err != nil {
					return err
				}
				tree, err := treeOf(ctx, client, ex)
				if err != nil {
					return err
				}
				credentials, err := client.Credentials(ctx, ex.ID, reveal)
				if err != nil && !errors.Is(err, inspect.ErrNotFound) {
					return err
				}
				v := exchangeView{parent: parentOf(ctx, client, ex), traces: traces, tree: tree, credentials: credentials, all: all}
				return printExchange(std.out, ex, v)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	stateFlag(cmd, &state)
	cmd.Flags().BoolVar(&reveal, "reveal", false, "show secrets instead of masking them")
	cmd.Flags().BoolVar(&all, "all", false, "fold nothing")
	return cmd
}

// tracesOf returns the failures of ex that are still kept.
func tracesOf(ctx context.Context, client *control.Client, ex *inspect.Exchange) (list []inspect.Trace, err error) {
	for _, id := range ex.Traces {
		t, err := client.Trace(ctx, fmt.Sprint(id), false)
		if errors.Is(err, inspect.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, *t)
	}
	return list, nil
}

// treeOf returns the call tree of ex, nil when it has none or it cannot be read.
func treeOf(ctx context.Context, client *control.Client, ex *inspect.Exchange) (*inspect.CallTree, error) {
	if ex.Sums.Nodes == 0 {
		return nil, nil
	}
	t, err := client.CallTree(ctx, ex.ID)
	if errors.Is(err, inspect.ErrNotFound) || err == nil && calltree.Validate(t) != nil {
		return nil, nil
	}
	return t, err
}

// exchangeView is what is shown of an exchange beside itself.
type exchangeView struct {
	parent      *inspect.Summary // nil where it is no sub-request, or that is not known
	traces      []inspect.Trace
	tree        *inspect.CallTree // valid, or nil
	credentials []authview.Item
	all         bool // fold nothing
}

func printExchange(w io.Writer, ex *inspect.Exchange, v exchangeView) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n%s\n\n", ex.Method, ex.URL, outcome(ex))
	told := slices.ContainsFunc(v.traces, func(t inspect.Trace) bool { return t.Message == ex.Error }) // below, with its code
	for _, f := range facts(ex, v.parent) {
		if f.text != "" && (f.name != "error" || !told) {
			fmt.Fprintf(&b, "%-9s %s\n", f.name, f.text)
		}
	}
	head := body.Terminal(b.String(), false)
	p := newPaper(w)
	p.ruled, p.all = true, v.all
	p.errors(v.traces)
	p.logs(ex, time.Time{}, true)
	p.sql(ex)
	p.calls(ex)
	p.programs(ex)
	p.subRequests(ex)
	p.functions(ex, v.tree)
	p.html(ex)
	p.credentials(v.credentials)
	b.Reset()
	printMessage(&b, "request", ex.Request, p.width)
	answer := ex.Response
	folded := !v.all && ownPage(ex)
	if folded {
		answer.Body = inspect.Body{}
	}
	printMessage(&b, "response", answer, p.width)
	if folded {
		fmt.Fprintf(&b, "\n(%s: the page that pastedev made of it; --all prints it)\n", inspect.FormatSize(ex.Response.Body.Size))
	}
	_, err := io.WriteString(w, head+p.b.String()+body.Terminal(b.String(), false))
	return err
}

// ownPage reports whether the answer is an HTML page of pastedev's: what it says of the
// exchange is said above it, in a form for terminals.
func ownPage(ex *inspect.Exchange) bool {
	return ex.ResponseFrom == inspect.FromPastedev && ex.Response.Body.Size > 0 &&
		strings.HasPrefix(ex.Response.Header.Get("Content-Type"), "text/html")
}

// outcome says how the exchange went: "200 OK in 1.2ms, 3 kB".
func outcome(ex *inspect.Exchange) string {
	took := inspect.FormatDuration(ex.Duration.Duration())
	switch {
	case ex.InFlight && ex.Status == 0:
		return "no answer yet, after " + took
	case ex.InFlight:
		return fmt.Sprintf("%d %s, still going on after %s", ex.Status, http.StatusText(ex.Status), took)
	case ex.Status == 0 && ex.Kind == inspect.KindHTTP:
		return "no answer, after " + took
	case ex.Status == 0:
		return fmt.Sprintf("%s, %s to the app, %s from it", took, inspect.FormatSize(ex.RequestSize), inspect.FormatSize(ex.ResponseSize))
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", ex.Status, http.StatusText(ex.Status))) +
		fmt.Sprintf(" in %s, %s", took, inspect.FormatSize(ex.ResponseSize))
}

type fact struct{ name, text string }

// facts are the lines between the outcome and the messages; those that do not apply
// are empty.
func facts(ex *inspect.Exchange, parent *inspect.Summary) []fact {
	when := func(ok bool, text string) string {
		if ok {
			return text
		}
		return ""
	}
	return []fact{
		{"error", ex.Error},
		{"id", string(ex.ID)},
		{"part of", partOf(ex, parent)},
		{"at", ex.Start.Local().Format("2006-01-02 15:04:05.000")},
		{"client", strings.TrimSpace(ex.Client + "  " + ex.Proto)},
		{"kind", when(ex.Kind != inspect.KindHTTP, string(ex.Kind))},
		{"mount", ex.Mount},
		{"build", when(ex.Build > 0, fmt.Sprint(ex.Build))},
		{"timing", formatTiming(ex.Timing)},
		{"hint", hintText(ex)},
		{"slower", when(ex.Verdict != "", ex.Verdict+", since the build before")},
		{"replay of", string(ex.ReplayOf)},
		{"page", string(ex.Page)},
		{"answer by", when(ex.ResponseFrom == inspect.FromPastedev, "pastedev itself; the app gave none")},
		{"injected", when(ex.Injected && ex.ResponseFrom != inspect.FromPastedev, "pastedev's script tag; the body below is the app's own")},
		{"added", strings.Join(ex.Added, ", ")},
	}
}

// formatTiming lists the phases that took place.
func formatTiming(t inspect.Timing) string {
	var parts []string
	add := func(name string, d inspect.Millis) {
		if d > 0 {
			parts = append(parts, name+" "+inspect.FormatDuration(time.Duration(d)))
		}
	}
	add("held", t.Held)
	if t.ReusedConn {
		parts = append(parts, "connection kept")
	} else {
		add("connect", t.Connect)
	}
	add("send", t.Send)
	add("wait", t.Wait)
	add("receive", t.Receive)
	return strings.Join(parts, " · ")
}

// printWidth is the width that pretty-printed bodies are laid out for outside a
// terminal.
const printWidth = 100

func printMessage(b *bytes.Buffer, name string, m inspect.Message, width int) {
	fmt.Fprintf(b, "\n-- %s --\n", name)
	printHeader(b, m.Header)
	if m.Body.Size > 0 {
		printBody(b, m, width)
	}
	if len(m.Trailer) > 0 {
		fmt.Fprintf(b, "\n-- %s trailer --\n", name)
		printHeader(b, m.Trailer)
	}
}

func printHeader(b *bytes.Buffer, h inspect.Header) {
	for _, key := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[key] {
			fmt.Fprintf(b, "%s: %s\n", key, v)
		}
	}
}

func printBody(b *bytes.Buffer, m inspect.Message, width int) {
	if len(m.Body.Data) == 0 {
		fmt.Fprintf(b, "\n(%s, not kept)\n", inspect.FormatSize(m.Body.Size))
		return
	}
	decoded, err := body.Decode(m.Header, m.Body)
	if err != nil {
		fmt.Fprintf(b, "\n(%s; %v)\n", inspect.FormatSize(m.Body.Size), err)
		return
	}
	view := body.Pretty(m.Header.Get("Content-Type"), decoded.Data, width)
	fmt.Fprintf(b, "\n%s\n", strings.TrimRight(view.Text, "\n"))
	var notes []string
	for _, n := range []string{decoded.Note, view.Note} {
		if n != "" {
			notes = append(notes, n)
		}
	}
	if m.Body.Truncated {
		notes = append(notes, fmt.Sprintf("the first %s of %s", inspect.FormatSize(int64(len(m.Body.Data))), inspect.FormatSize(m.Body.Size)))
	}
	if len(notes) > 0 {
		fmt.Fprintf(b, "(%s)\n", strings.Join(notes, "; "))
	}
}
