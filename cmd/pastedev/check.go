package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck"
	"github.com/pastedev/pastedev/inspect/htmlcheck/nu"
)

// checkFlags are those of `pastedev check`.
type checkFlags struct {
	json, sarif, github bool
	rules               bool
	errorsOnly          bool
	fragment            bool
	ignore              []string
	jobs                int
	nu                  string
	checker             *nu.Checker // nil without --nu
}

func newCheckCommand(std stdio) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check FILE|URL|DIR|-...",
		Short: "Check HTML against the standard",
		Long: `check reads HTML files, folders of them, URLs or the standard input (-) and prints
what is wrong, as the Nu HTML checker would: syntax, elements in the wrong place,
attributes and their values, ids and references, ARIA, and more. It needs no Java
and asks nobody.

It ends with 1 when there are errors (warnings are not), or when something could
not be read, and with 2 when there was nothing to check. A comment
<!-- pastedev-ignore RULE --> silences a rule for the element after it.

--rules lists what can be found: those rules whose code matches a pattern (a11y/*)
or has the words in its code or description, all without one.`,
		Example: `  pastedev check public/
  pastedev check index.html --errors
  pastedev check http://127.0.0.1:8080/cart
  curl -s localhost:8080 | pastedev check -
  pastedev check dist/ --json | jq -r .code | sort | uniq -c
  pastedev check dist/ --sarif > html.sarif
  pastedev check dist/ --github                 annotations in GitHub Actions
  pastedev check --rules aria`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !f.rules {
				return usagef("check needs something to check\nhint: %s FILE, a folder, a URL, or - for the standard input", cmd.CommandPath())
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.rules {
				return printRules(std, f.json, args)
			}
			return runCheck(cmd.Context(), std, f, args)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print JSON, a finding a line, none grouped")
	flags.BoolVar(&f.sarif, "sarif", false, "print SARIF 2.1.0")
	flags.BoolVar(&f.github, "github", false, "print annotations for GitHub Actions")
	flags.BoolVar(&f.rules, "rules", false, "list the rules, those like a pattern: --rules duplicate")
	flags.BoolVar(&f.errorsOnly, "errors", false, "leave out warnings and infos")
	flags.BoolVar(&f.fragment, "fragment", false, "the documents are pieces of pages, as for htmx: no DOCTYPE, title or language is asked for")
	flags.StringSliceVar(&f.ignore, "ignore", nil, "findings not to tell, by family or code: redundant, a11y/positive-tabindex")
	flags.StringVar(&f.nu, "nu", "", "let the Nu HTML checker add to what is found: the path of vnu.jar, the URL of a running one, or auto")
	flags.IntVar(&f.jobs, "jobs", 0, "documents checked at a time; default: one for each processor")
	completeRules(cmd, "ignore")
	return cmd
}

func (f *checkFlags) check() error {
	n := 0
	for _, on := range []bool{f.json, f.sarif, f.github} {
		if on {
			n++
		}
	}
	if n > 1 {
		return usagef("--json, --sarif and --github are three forms of one output\nhint: give one of them")
	}
	if f.jobs < 0 {
		return usagef("--jobs is %d\nhint: give a number, or 0 for one for each processor", f.jobs)
	}
	if f.rules && (f.sarif || f.github) {
		return usagef("--rules are no findings\nhint: give --rules alone or with --json")
	}
	return checkIgnored("--ignore", f.ignore, ruleProblem)
}

// checkedPage is a document with what was found in it, or why it could not be read.
type checkedPage struct {
	name   string // as the user would name it
	doc    []byte
	status string // see document
	check  inspect.HTMLCheck
	err    error
}

// checkWriter prints pages in one of the forms, in order.
type checkWriter interface {
	page(p *checkedPage) error
	end() error
}

func runCheck(ctx context.Context, std stdio, f checkFlags, args []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if f.nu != "" {
		var err error
		if f.checker, err = nu.New(nu.Options{Where: f.nu, Dir: "."}); err != nil {
			return err
		}
		defer f.checker.Close()
	}
	out := f.writer(std)
	progress := newCheckProgress(std)
	begin := time.Now()
	var sum checkTotals
	var failed error
	noNu := false
	for p := range checkAll(ctx, std, f, args) {
		progress.count()
		sum.add(p)
		if p.err != nil {
			progress.clear()
			fmt.Fprintf(std.err, "pastedev: %v\n", p.err)
			continue
		}
		if len(p.check.Diagnostics) > 0 {
			progress.clear()
		}
		if p.status != "" {
			progress.clear()
			fmt.Fprintf(std.err, "pastedev: %s answered %s: this is the check of its error page\n", oneLine(p.name), oneLine(p.status))
		}
		if p.check.Nu != "" && !noNu {
			noNu = true
			progress.clear()
			fmt.Fprintf(std.err, "pastedev: the Nu checker did not answer: %s\n", p.check.Nu)
		}
		if err := out.page(p); err != nil {
			failed = err
			break
		}
	}
	progress.clear()
	cancel()
	if err := errors.Join(failed, out.end()); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	if sum.pages == 0 && sum.unread == 0 {
		return usagef("nothing to check: no .html, .htm or .xhtml file in %s\nhint: name the folder where the pages are, a file, a URL, or - for the standard input",
			oneLine(strings.Join(args, ", ")))
	}
	if !f.json && !f.sarif && !f.github {
		fmt.Fprintf(std.err, "%s\n", sum.String(time.Since(begin)))
	}
	if sum.errors > 0 || sum.unread > 0 || noNu {
		return exitError(exitFailure)
	}
	return nil
}

func (f *checkFlags) writer(std stdio) checkWriter {
	switch {
	case f.json:
		return &checkJSON{std.out}
	case f.sarif:
		return newCheckSARIF(std.out)
	case f.github:
		return &checkGitHub{std.out}
	}
	return &checkText{out: std.out}
}

// options are those of the check; the forms for programs get each finding by itself.
func (f *checkFlags) options(contentType string) htmlcheck.Options {
	o := htmlcheck.Options{ContentType: contentType, Ignore: f.ignore, ErrorsOnly: f.errorsOnly}
	if f.fragment {
		o.Shape = htmlcheck.Fragment
	}
	return o
}

// checkTotals are the sums over all documents.
type checkTotals struct{ pages, bad, unread, errors, warnings, infos int }

func (t *checkTotals) add(p *checkedPage) {
	if p.err != nil {
		t.unread++
		return
	}
	t.pages++
	t.errors += p.check.Errors
	t.warnings += p.check.Warnings
	t.infos += p.check.Infos
	if p.check.Errors > 0 {
		t.bad++
	}
}

// String is the last line for a person.
func (t *checkTotals) String(took time.Duration) string {
	var b strings.Builder
	switch {
	case t.pages == 0:
		return fmt.Sprintf("nothing was checked: %s could not be read", count(t.unread, "document"))
	case t.errors == 0:
		fmt.Fprintf(&b, "no errors in %s", count(t.pages, "document"))
	default:
		fmt.Fprintf(&b, "%s in ", count(t.errors, "error"))
		if t.bad < t.pages {
			fmt.Fprintf(&b, "%d of ", t.bad)
		}
		b.WriteString(count(t.pages, "document"))
	}
	if t.warnings > 0 {
		fmt.Fprintf(&b, ", %s", count(t.warnings, "warning"))
	}
	if t.infos > 0 {
		fmt.Fprintf(&b, ", %s", count(t.infos, "info"))
	}
	if t.unread > 0 {
		fmt.Fprintf(&b, ", %d not read", t.unread)
	}
	fmt.Fprintf(&b, " (%s)", inspect.FormatDuration(took))
	return b.String()
}

// checkProgress says on a terminal how many documents have been checked.
type checkProgress struct {
	std   stdio
	on    bool
	n     int
	shown time.Time
	drawn bool
}

// progressEvery is how often the count is drawn.
const progressEvery = 200 * time.Millisecond

func newCheckProgress(std stdio) *checkProgress {
	return &checkProgress{std: std, on: terminalWidth(std.err) > 0 && os.Getenv("TERM") != "dumb", shown: time.Now()}
}

func (p *checkProgress) count() {
	p.n++
	if p.on && time.Since(p.shown) > progressEvery {
		fmt.Fprintf(p.std.err, "\r\x1b[K%d documents checked", p.n)
		p.shown, p.drawn = time.Now(), true
	}
}

func (p *checkProgress) clear() {
	if p.drawn {
		fmt.Fprint(p.std.err, "\r\x1b[K")
		p.drawn = false
	}
}
