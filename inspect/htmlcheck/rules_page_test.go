package htmlcheck

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/html/rules.md anew")

// rulesPage is made of the list of rules.
const rulesPage = "../../docs/html/rules.md"

func TestRulesPage(t *testing.T) {
	want := renderRules()
	if *update {
		if err := os.WriteFile(rulesPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/html/rules.md is not that of inspect/htmlcheck/rules.txt: go test ./inspect/htmlcheck -run TestRulesPage -update")
	}
}

func renderRules() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The rules\n\nGenerated from inspect/htmlcheck/rules.txt by `go test ./inspect/htmlcheck -run TestRulesPage -update`: do not edit.\n"+
		"`pastedev check --rules` prints the same. Each family also has a rule `nu`, of what only the Nu HTML checker finds (`--nu`).\n"+
		"Where the severity varies, it depends on what was found. There are %d rules.\n", strings.Count(ruleList, "\n"))
	for _, family := range FamilyNames() {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | severity | what is wrong |\n|---|---|---|\n", family)
		for _, r := range Rules() {
			if r.Family() != family || r.Code == family+nuRule {
				continue
			}
			severity := string(r.Severity)
			if severity == "" {
				severity = "varies"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Code, severity, markdownCell(r.Description))
		}
	}
	return b.String()
}

// markdownCell keeps markup in a text from being read as such.
func markdownCell(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`).Replace(s)
}
