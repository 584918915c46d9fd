package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/inspect/profile"
	"github.com/spf13/cobra"
)

// profileForm says how to print a call tree or a profile: one of them at most is set,
// but for all.
type profileForm struct {
	top, tree, folded, speedscope, json bool
	pb                                  string // file for the data
	all                                 bool   // leave nothing out of top and tree
}

func (f *profileForm) bind(cmd *cobra.Command) {
	jsonFlag(cmd, &f.json)
	cmd.Flags().BoolVar(&f.top, "top", false, "print the functions that took the most time themselves")
	cmd.Flags().BoolVar(&f.folded, "folded", false, "print folded stacks, for flamegraph.pl and its kin")
	cmd.Flags().BoolVar(&f.speedscope, "speedscope", false, "print a file for speedscope")
	cmd.Flags().StringVar(&f.pb, "pb", "", "write a file for go tool pprof (or go tool trace), - for standard output")
	cmd.Flags().BoolVar(&f.all, "all", false, "leave nothing out, however small")
}

// check refuses two forms at once.
func (f *profileForm) check() error {
	var given []string
	for _, o := range []struct {
		name string
		set  bool
	}{{"--top", f.top}, {"--tree", f.tree}, {"--folded", f.folded}, {"--speedscope", f.speedscope}, {"--json", f.json}, {"--pb", f.pb != ""}} {
		if o.set {
			given = append(given, o.name)
		}
	}
	if len(given) > 1 {
		return usagef("%s exclude each other\nhint: give one of them", strings.Join(given, " and "))
	}
	return nil
}

// writeTree prints a call tree.
func (f *profileForm) writeTree(std stdio, ex *inspect.Exchange, t *inspect.CallTree) error {
	if err := calltree.Validate(t); err != nil {
		return err
	}
	switch {
	case f.json:
		return printJSON(std.out, t)
	case f.folded:
		return calltree.Folded(std.out, t)
	case f.speedscope:
		return calltree.Speedscope(std.out, t, ex.Method+" "+ex.Path)
	case f.pb != "":
		data, err := profile.Encode(calltree.Pprof(t))
		if err != nil {
			return err
		}
		return f.save(std, data, inspect.ProfileCPU)
	}
	p := newPaper(std.out)
	p.request(ex)
	if f.top {
		p.callTop(t, f.all)
	} else {
		p.callTree(t, f.all)
	}
	return p.flush(std.out)
}

// writeProfile prints a sampled profile or an execution trace.
func (f *profileForm) writeProfile(ctx context.Context, std stdio, client *control.Client, meta inspect.Profile) error {
	trace := meta.Kind == inspect.ProfileTrace
	switch {
	case f.pb != "":
		data, err := client.ProfileData(ctx, meta.ID)
		if err != nil {
			return err
		}
		return f.save(std, data, meta.Kind)
	case trace && (f.folded || f.speedscope):
		return usagef("an execution trace has no folded stacks\nhint: pastedev profiles %d --pb FILE, then go tool trace FILE", meta.ID)
	case f.folded || f.speedscope:
		data, err := client.ProfileData(ctx, meta.ID)
		if err != nil {
			return err
		}
		samples, err := profile.Parse(data)
		if err != nil {
			return err
		}
		if f.folded {
			return profile.Folded(std.out, samples)
		}
		return profile.Speedscope(std.out, samples, profileTitle(meta))
	}
	var rows []inspect.ProfileRow
	if !trace && meta.Samples > 0 {
		var err error
		if rows, err = client.ProfileTop(ctx, meta.ID, 0); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(std.out, profileRecord{meta, rows})
	}
	p := newPaper(std.out)
	p.profile(meta, rows, f.all)
	return p.flush(std.out)
}

// profileRecord is a profile with its functions.
type profileRecord struct {
	inspect.Profile
	Top []inspect.ProfileRow `json:"top,omitempty"`
}

// save writes a file for other tools, and says with which one to open it.
func (f *profileForm) save(std stdio, data []byte, kind inspect.ProfileKind) error {
	if f.pb == "-" {
		if isTerminal(std.out) {
			return usagef("--pb - would write a binary file to the terminal\nhint: --pb FILE")
		}
		_, err := std.out.Write(data)
		return err
	}
	if err := os.WriteFile(f.pb, data, 0o600); err != nil { // it says much about the app
		return fmt.Errorf("write the profile: %w\nhint: --pb names the file, - is standard output", err)
	}
	tool := "go tool pprof -http=: "
	if kind == inspect.ProfileTrace {
		tool = "go tool trace "
	}
	_, err := io.WriteString(std.err, fmt.Sprintf("wrote %s, %s; open it with: %s%s\n", f.pb, inspect.FormatSize(int64(len(data))), tool, f.pb))
	return err
}
