package main

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
)

// deepest is the level from which sub-requests are indented no further.
const deepest = 4

// nested returns items, newest first, with sub-requests below what they are a part of, in
// order, and how deep each stands; one whose exchange is not among items stands at its own
// place, at 1.
func nested(items []inspect.Summary) ([]inspect.Summary, map[inspect.ID]int) {
	known := make(map[inspect.ID]int64, len(items))
	for _, s := range items {
		known[s.ID] = s.Seq
	}
	kids := make(map[inspect.ID][]inspect.Summary)
	var roots []inspect.Summary
	for _, s := range items {
		if seq, ok := known[s.Parent]; ok && s.Parent != "" && seq < s.Seq {
			kids[s.Parent] = append(kids[s.Parent], s)
		} else {
			roots = append(roots, s)
		}
	}
	list, depths := make([]inspect.Summary, 0, len(items)), make(map[inspect.ID]int)
	var place func(s inspect.Summary, depth int)
	place = func(s inspect.Summary, depth int) {
		list, depths[s.ID] = append(list, s), depth
		for _, k := range slices.Backward(kids[s.ID]) {
			place(k, depth+1)
		}
	}
	for _, s := range roots {
		if s.Parent != "" {
			place(s, 1)
		} else {
			place(s, 0)
		}
	}
	return list, depths
}

// kinship says why there is a sub-request; for other tools also whose it is.
func kinship(s inspect.Summary, brief bool) string {
	why := s.Via.Words()
	if brief {
		return why
	}
	return strings.TrimPrefix(why+" in "+s.Parent.Short(), " ")
}

// parentOf returns what ex is a sub-request of; nil where that is not known (any more).
func parentOf(ctx context.Context, client *control.Client, ex *inspect.Exchange) *inspect.Summary {
	if ex.Parent == "" {
		return nil
	}
	list, err := client.Exchanges(ctx, inspect.ListRequest{Query: "id:" + string(ex.Parent), Limit: 1})
	if err != nil || len(list.Items) == 0 {
		return nil
	}
	return &list.Items[0]
}

// partOf names what ex is a sub-request of: "4bf92f35  GET /page, included".
func partOf(ex *inspect.Exchange, parent *inspect.Summary) string {
	if ex.Parent == "" {
		return ""
	}
	text := ex.Parent.Short()
	if parent != nil {
		text += "  " + parent.Method + " " + parent.Path
	}
	if ex.Via != "" {
		text += ", " + ex.Via.Words()
	}
	return text
}

// subRequests prints the sub-requests of an exchange.
func (p *paper) subRequests(ex *inspect.Exchange) {
	if len(ex.Children) == 0 {
		return
	}
	p.section(count(max(ex.Subs, len(ex.Children)), "sub-request"))
	for _, s := range ex.Children {
		line := fmt.Sprintf("  %s  %s  %7s  %-10s  %s %s", p.paint(dim, s.ID.Short()), formatStatus(s.Status), inspect.FormatDuration(s.Duration.Duration()),
			oneLine(s.Via.Words()), oneLine(s.Method), oneLine(s.Path))
		p.line(line + p.failed(s.Error))
	}
	if n := ex.Subs - len(ex.Children); n > 0 {
		p.line("  " + p.paint(dim, fmt.Sprintf("%d more: pastedev requests parent:%s", n, ex.ID.Short())))
	}
}

// programs prints the programs that were run for an exchange.
func (p *paper) programs(ex *inspect.Exchange) {
	var list []*inspect.Span
	for i := range ex.Spans {
		if s := &ex.Spans[i]; s.Process != nil {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return
	}
	p.section("programs")
	for _, s := range list {
		r := s.Process
		end := programEnd(s)
		if end != "running" && (r.PID == 0 || r.Exit != 0 || s.Error != "") {
			end = p.paint(alarm, end)
		}
		took := inspect.FormatDuration(s.Duration.Duration())
		if s.Duration == 0 { // it still runs, or never did
			took = ""
		}
		line := fmt.Sprintf("  %7s  %s  %s", took, p.paint(bold, oneLine(path.Base(r.Program))), end)
		if r.PID != 0 {
			line += "  " + p.paint(dim, fmt.Sprintf("%s in, %s out, pid %d", inspect.FormatSize(r.Input), inspect.FormatSize(r.Output), r.PID))
		}
		p.line(line)
		if s.Error != "" && s.Error != ex.Error { // that one is told already
			p.wrap(programIndent+p.paint(alarm, "failed: "), programIndent, plainStyle, oneLine(s.Error))
		}
		p.line(programIndent + p.paint(placeStyle, oneLine(r.Program)) + p.inFolder(r.Dir))
		p.environment(r.Env)
	}
}

// programIndent is how far the lines below that of a program stand to the right.
const programIndent = "           "

// environment prints the variables of a program, or how many there are.
func (p *paper) environment(env []inspect.Note) {
	if !p.all {
		if len(env) > 0 {
			p.line(programIndent + p.paint(dim, count(len(env), "variable")+" of its environment: --all"))
		}
		return
	}
	wide := 0
	for _, e := range env {
		if n := ansi.StringWidth(oneLine(e.Key)); n <= widestVariable {
			wide = max(wide, n)
		}
	}
	for _, e := range env {
		key := oneLine(e.Key)
		p.line(strings.TrimRight(programIndent+p.paint(dim, key+strings.Repeat(" ", max(0, wide-ansi.StringWidth(key))))+"  "+oneLine(e.Value), " "))
	}
}

// widestVariable is the longest name of a variable that the others line up with.
const widestVariable = 24

func (p *paper) inFolder(dir string) string {
	if dir == "" {
		return ""
	}
	return p.paint(dim, " in ") + oneLine(dir)
}

func programEnd(s *inspect.Span) string {
	switch r := s.Process; {
	case r.PID == 0:
		return "did not start"
	case r.Signal != "":
		return oneLine(r.Signal)
	case r.Exit == -1 && s.Duration == 0 && s.Error == "":
		return "running"
	}
	return fmt.Sprintf("exit %d", s.Process.Exit)
}
