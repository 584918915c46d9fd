// Command accuracy measures the HTML check against the Nu HTML checker (vnu): it gives both
// the same documents and tells how often they agree.
//
//	go run ./inspect/htmlcheck/accuracy -vnu vnu.jar DIR|FILE|@LIST...
//
// vnu is a program of its own and comes with none of ours; it needs Java. -truth keeps what
// it said, so that it runs once for a set of documents. The command changes nothing but the
// files named by -truth, -render and -o.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// options are the command line.
type options struct {
	vnu, truth      string
	misses, alarms  string
	limit, jobs     int
	lines, warnings bool
	title, output   string
	html5lib        string
	render          string
	templates       bool
	args            []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	if err := parseFlags(&o, os.Args[1:]); err != nil {
		os.Exit(2)
	}
	if err := run(ctx, &o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		stop()
		os.Exit(1)
	}
}

func parseFlags(o *options, args []string) error {
	fs := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), "usage: accuracy [flags] DIR|FILE|@LIST...\n\nMeasures the HTML check against the Nu HTML checker.\n\n")
		fs.PrintDefaults()
	}
	fs.StringVar(&o.vnu, "vnu", "", "run this vnu.jar over the documents that -truth does not know")
	fs.StringVar(&o.truth, "truth", "", "what vnu said: PATH<tab>JSON lines; written when -vnu runs")
	fs.StringVar(&o.misses, "misses", "", "list what vnu says in this `family` and we do not (all: any family; doc: documents)")
	fs.StringVar(&o.alarms, "alarms", "", "list what we say in this `family` and vnu does not (all, doc as above)")
	fs.BoolVar(&o.lines, "lines", false, "with -misses and -alarms: compare messages by line, not documents")
	fs.IntVar(&o.limit, "limit", 40, "documents to list")
	fs.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "documents to check at once")
	fs.BoolVar(&o.warnings, "warnings", false, "compare warnings and infos too, in the table by family")
	fs.StringVar(&o.title, "title", "", "name of the set in the table; the argument's name without it")
	fs.StringVar(&o.output, "o", "", "markdown `file` in which the table named by -title is put")
	fs.StringVar(&o.html5lib, "html5lib", "", "`folder` of the html5lib tests: measure the codes of its tokenizer tests")
	fs.StringVar(&o.render, "render", "", "write the html5lib tree construction documents into this `folder` and end")
	fs.BoolVar(&o.templates, "templates", false, "list vnu's messages, values cut out, with the family each is put in")
	if err := fs.Parse(args); err != nil {
		return err
	}
	o.args = fs.Args()
	return nil
}

func run(ctx context.Context, o *options, out io.Writer) error {
	if o.html5lib != "" {
		if o.render != "" {
			return renderTrees(o.html5lib, o.render)
		}
		return measureTokenizer(o, out)
	}
	if len(o.args) == 0 {
		return errors.New("no documents given; see accuracy -h")
	}
	if o.vnu == "" && o.truth == "" {
		return errors.New("nothing to compare with; hint: give -vnu vnu.jar, -truth FILE or both")
	}
	paths, err := documents(o.args)
	if err != nil {
		return err
	}
	truth, err := loadTruth(ctx, o, paths)
	if err != nil {
		return err
	}
	if o.templates {
		return listTemplates(out, truth, paths)
	}
	set, err := checkAll(ctx, paths, truth, o.jobs)
	if err != nil {
		return err
	}
	if o.misses != "" || o.alarms != "" {
		return listCases(out, set, o)
	}
	if o.title == "" {
		o.title = filepath.Base(o.args[0])
	}
	return emitTable(out, o, measure(set, o.warnings).markdown(o.title))
}

// families is the order of the tables.
func families() []finding.Family {
	return []finding.Family{
		finding.ParseToken, finding.ParseTree, finding.Encoding, finding.ContentModel, finding.AttrUnknown,
		finding.AttrMissing, finding.AttrValue, finding.URL, finding.IDRef, finding.ARIA, finding.Obsolete,
		finding.Microdata, finding.Table, finding.Outline, finding.CSS, finding.ScriptJSON, finding.CSP,
		finding.Lang, finding.CoConstraint, finding.Redundant, finding.Text, finding.A11y, finding.Other,
	}
}
