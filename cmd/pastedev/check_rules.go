package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/charmbracelet/x/ansi"
	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/pastedev/pastedev/inspect/htmlcheck"
)

// splitIgnore reads an entry of html_ignore: a family or code, in front of it the glob of
// the paths that it is about, "" for all.
func splitIgnore(entry string) (path, rule string) {
	if i := strings.LastIndex(entry, ":"); i >= 0 {
		return entry[:i], entry[i+1:]
	}
	return "", entry
}

// ignoreProblem says why nothing is ignored by an entry of html_ignore, and what to do; ""
// when something is.
func ignoreProblem(entry string) (problem, hint string) {
	path, rule := splitIgnore(entry)
	if !doublestar.ValidatePattern(path) {
		return fmt.Sprintf("has %q: %s is no glob of paths", entry, path), "write a glob such as /admin/**:" + rule
	}
	return ruleProblem(rule)
}

// ruleProblem is ignoreProblem for a family or code without a path.
func ruleProblem(rule string) (problem, hint string) {
	known, meant := htmlcheck.KnownRule(rule)
	if known {
		return "", ""
	}
	hint = "pastedev check --rules lists families and rules"
	if meant != "" {
		hint = "did you mean " + meant + "? " + hint
	}
	return fmt.Sprintf("has %q: there is no such rule or family", rule), hint
}

// checkIgnored refuses entries of a setting by which nothing is ignored.
func checkIgnored(setting string, entries []string, problem func(string) (string, string)) error {
	for _, entry := range entries {
		if text, hint := problem(entry); text != "" {
			return usagef("%s %s\nhint: %s", setting, text, hint)
		}
	}
	return nil
}

// ignoreEntry is an entry of html_ignore that is read for its mistakes alone: the decoder
// knows where it stands.
type ignoreEntry struct{}

// UnmarshalText keeps nothing of the entry.
func (*ignoreEntry) UnmarshalText(b []byte) error {
	if problem, _ := ignoreProblem(string(b)); problem != "" {
		return errors.New("html_ignore " + problem)
	}
	return nil
}

// ignoredRules refuses entries of html_ignore in a settings file by which nothing is
// ignored, with their line. The entries are those that were read of the file.
func ignoredRules(b []byte, entries []string) error {
	var file struct {
		HTMLIgnore []ignoreEntry `toml:"html_ignore"`
	}
	err := toml.Unmarshal(b, &file)
	if err == nil {
		return nil
	}
	text := tomlDetail(err)
	for _, entry := range entries {
		if problem, hint := ignoreProblem(entry); problem != "" { // the one that the decoder stopped at
			return errors.New(text + "\nhint: " + hint)
		}
	}
	return errors.New(text)
}

// completeRules completes a flag that takes families and rules with commas between them,
// each with a path in front or not.
func completeRules(cmd *cobra.Command, flag string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, given string) ([]string, cobra.ShellCompDirective) {
		at := strings.LastIndexAny(given, ",:") + 1
		before, begun := given[:at], given[at:]
		directive := cobra.ShellCompDirectiveNoFileComp
		var list []string
		if family, _, within := strings.Cut(begun, "/"); !within {
			for _, name := range htmlcheck.FamilyNames() {
				if strings.HasPrefix(name, family) {
					list = append(list, before+name)
				}
			}
		}
		for _, r := range htmlcheck.Rules() {
			if strings.HasPrefix(r.Code, begun) && begun != "" {
				list = append(list, before+r.Code+"\t"+r.Description)
			}
		}
		return list, directive
	})
	if err != nil {
		panic(err) // there is no such flag
	}
}

// ruleRecord is a line of --rules --json.
type ruleRecord struct {
	Code        string `json:"code"`
	Family      string `json:"family"`
	Severity    string `json:"severity"` // error, warning, info or varies
	Description string `json:"description"`
}

// printRules lists the rules that one of the patterns matches; without patterns, all.
func printRules(std stdio, json bool, patterns []string) error {
	n := 0
	for _, r := range htmlcheck.Rules() {
		if !matchesRule(r, patterns) {
			continue
		}
		n++
		record := ruleRecord{r.Code, r.Family(), string(r.Severity), r.Description}
		if record.Severity == "" {
			record.Severity = "varies"
		}
		var err error
		if json {
			err = printJSON(std.out, record)
		} else {
			_, err = fmt.Fprint(std.out, record.text())
		}
		if err != nil {
			return fmt.Errorf("write the rules: %w", err)
		}
	}
	if n == 0 {
		_, meant := htmlcheck.KnownRule(patterns[0])
		hint := "without a pattern all are listed"
		if meant != "" {
			hint = "did you mean " + meant + "? " + hint
		}
		return fmt.Errorf("no rule is like %q\nhint: %s", strings.Join(patterns, ", "), hint)
	}
	return nil
}

// matchesRule reports whether a pattern is a glob of the rule's code, or words of its code
// or description.
func matchesRule(r htmlcheck.Rule, patterns []string) bool {
	for _, p := range patterns {
		if strings.ContainsAny(p, "*?[{") {
			if doublestar.MatchUnvalidated(p, r.Code) {
				return true
			}
		} else if strings.Contains(strings.ToLower(r.Code+" "+r.Description), strings.ToLower(p)) {
			return true
		}
	}
	return len(patterns) == 0
}

// The columns of --rules, of 79 in all: code, severity, description. Where the code is
// longer, the others are on the next line.
const (
	codeColumn        = 36
	severityColumn    = 9
	descriptionColumn = 79 - codeColumn - severityColumn
)

func (r ruleRecord) text() string {
	begin := r.Code
	if len(begin) >= codeColumn {
		begin += "\n" + strings.Repeat(" ", codeColumn)
	}
	begin = fmt.Sprintf("%-*s%-*s", codeColumn, begin, severityColumn, r.Severity)
	lines := strings.Split(ansi.Wordwrap(r.Description, descriptionColumn, ""), "\n")
	return begin + strings.Join(lines, "\n"+strings.Repeat(" ", codeColumn+severityColumn)) + "\n"
}
