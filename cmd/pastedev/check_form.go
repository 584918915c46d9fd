package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
)

// checkText prints findings for a person: the place and what is wrong, then the line of
// source with a mark beneath.
type checkText struct{ out io.Writer }

func (w *checkText) page(c *checkedPage) error {
	p := newPaper(w.out)
	for i := range c.check.Diagnostics {
		p.finding(oneLine(c.name)+":", "", &c.check.Diagnostics[i])
	}
	if c.check.Partial {
		p.line(p.paint(dim, fmt.Sprintf("%s: only the first %s were checked", oneLine(c.name), inspect.FormatSize(c.check.Bytes))))
	}
	return p.flush(w.out)
}

func (w *checkText) end() error { return nil }

var severityStyles = map[inspect.Severity]style{
	inspect.SeverityError: alarm, inspect.SeverityWarning: warning, inspect.SeverityInfo: dim,
}

// finding prints one HTML finding. name, which ends in a colon where there is one, stands
// before line and column.
func (p *paper) finding(name, indent string, d *inspect.Diagnostic) {
	more := "  " + oneLine(d.Code)
	if d.Count > 1 {
		more += fmt.Sprintf(" ×%d", d.Count)
	}
	if d.Source != "" {
		more += "  by " + oneLine(d.Source)
	}
	lead := indent + p.paint(placeStyle, fmt.Sprintf("%s%d:%d", name, d.Line, d.Column)) + " " + p.paint(severityStyles[d.Severity], string(d.Severity))
	if d.New {
		lead += p.paint(bold, " new")
	}
	if p.terminal && name != "" && ansi.StringWidth(lead+more) > p.width {
		// A long name has a line of its own, from which it is cut where it must be.
		place := fmt.Sprintf("%d:%d", d.Line, d.Column)
		p.line(indent + p.paint(placeStyle, ansi.Truncate(name, max(1, p.width-len(indent)-len(place)-1), "…:")+place))
		lead = indent + "    " + strings.TrimPrefix(lead, indent+p.paint(placeStyle, name+place)+" ")
	}
	p.line(lead + p.paint(dim, more))
	indent += "    "
	p.wrap(indent, indent, plainStyle, oneLine(d.Message))
	p.marked(indent, d)
}

// marked prints the line of source of a finding, with a mark beneath what is meant.
func (p *paper) marked(indent string, d *inspect.Diagnostic) {
	if len(d.Context) == 0 || strings.TrimSpace(d.Context[0].Text) == "" {
		return
	}
	text := d.Context[0].Text
	from := max(0, min(d.MarkStart, len(text)))
	to := max(from, min(d.MarkEnd, len(text)))
	before, marked := strings.TrimLeft(cleanSource(text[:from]), " "), cleanSource(text[from:to])
	bar := indent + p.paint(dim, "│ ")
	if room := p.width - ansi.StringWidth(indent) - len("│ "); p.terminal && ansi.StringWidth(before+marked) > room {
		// What is marked is to be seen: the line begins later.
		keep := max(0, room-min(ansi.StringWidth(marked), room/2)-1)
		before = ansi.TruncateLeft(before, ansi.StringWidth(before)-min(keep, ansi.StringWidth(before)), "…")
	}
	p.line(bar + before + p.paint(bold, marked) + cleanSource(text[to:]))
	if strings.TrimSpace(marked) == "" && to > from {
		return
	}
	p.line(bar + strings.Repeat(" ", ansi.StringWidth(before)) + p.paint(severityStyles[d.Severity], strings.Repeat("^", max(1, ansi.StringWidth(marked)))))
}

// html prints what the HTML check found in the answer of ex, errors before the rest.
func (p *paper) html(ex *inspect.Exchange) {
	c := ex.HTML
	if c == nil || len(c.Diagnostics) == 0 {
		return
	}
	head := "html: " + count(c.Errors, "error")
	if c.New > 0 {
		head += fmt.Sprintf(" (%d new)", c.New)
	}
	head += ", " + count(c.Warnings, "warning")
	if c.Partial {
		head += ", in the first " + inspect.FormatSize(c.Bytes)
	}
	p.section(head)
	for _, errors := range []bool{true, false} {
		for i := range c.Diagnostics {
			if d := &c.Diagnostics[i]; (d.Severity == inspect.SeverityError) == errors {
				p.finding("", "  ", d)
			}
		}
	}
}

// cleanSource makes a piece of a line safe for a terminal; tabs are single spaces.
func cleanSource(s string) string {
	return body.Terminal(strings.NewReplacer("\t", " ", "\r", " ", "\n", " ").Replace(s), false)
}

// checkJSON prints a finding a line.
type checkJSON struct{ out io.Writer }

// checkRecord is a line of --json.
type checkRecord struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	inspect.Diagnostic
}

func (w *checkJSON) page(p *checkedPage) error {
	for _, d := range p.check.Diagnostics {
		r := checkRecord{File: p.name, Line: d.Line, Col: d.Column, Diagnostic: d}
		if err := printJSON(w.out, r); err != nil {
			return err
		}
	}
	return nil
}

func (w *checkJSON) end() error { return nil }

// checkGitHub prints workflow commands, which GitHub Actions shows at the lines they name.
type checkGitHub struct{ out io.Writer }

var githubLevels = map[inspect.Severity]string{
	inspect.SeverityError: "error", inspect.SeverityWarning: "warning", inspect.SeverityInfo: "notice",
}

// In a workflow command's message and in its properties these have a meaning.
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (w *checkGitHub) page(p *checkedPage) error {
	for i := range p.check.Diagnostics {
		d := &p.check.Diagnostics[i]
		_, err := fmt.Fprintf(w.out, "::%s file=%s,line=%d,endLine=%d,col=%d,endColumn=%d,title=%s::%s\n", githubLevels[d.Severity],
			githubProperty.Replace(p.name), d.Line, d.EndLine, d.Column, d.EndColumn, githubProperty.Replace(d.Code), githubText.Replace(d.Message))
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *checkGitHub) end() error { return nil }
