package htmlcheck

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// Rule is a kind of finding.
type Rule struct {
	Code        string           // FAMILY/RULE, stable
	Severity    inspect.Severity // "" when it depends on what was found
	Description string           // of what is wrong, in plain words and one line
}

// Family returns what the rule's code begins with.
func (r Rule) Family() string {
	family, _, _ := strings.Cut(r.Code, "/")
	return family
}

// ruleList has a rule a line: its code, its severity or "varies", its description. A test
// holds it to the sources of the check.
//
//go:embed rules.txt
var ruleList string

// nuRule is the rule, in each family, of what only the Nu HTML checker has found.
const nuRule = "/nu"

var rules = sync.OnceValue(func() []Rule {
	var list []Rule
	for line := range strings.Lines(ruleList) {
		code, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		severity, description, _ := strings.Cut(rest, " ")
		if severity == "varies" {
			severity = ""
		}
		list = append(list, Rule{code, inspect.Severity(severity), description})
	}
	for _, family := range FamilyNames() {
		list = append(list, Rule{family + nuRule, "", "what the Nu HTML checker adds to this family, with --nu"})
	}
	slices.SortFunc(list, func(a, b Rule) int { return strings.Compare(a.Code, b.Code) })
	return list
})

// Rules returns all rules, in the order of their codes.
func Rules() []Rule { return slices.Clone(rules()) }

var ruleNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, family := range FamilyNames() {
		names[family] = true
	}
	for _, r := range rules() {
		names[r.Code] = true
	}
	return names
})

// knownName reports whether a name is of a family or a rule.
func knownName(name string) bool { return ruleNames()[name] }

// KnownRule reports whether a name, as Options.Ignore takes it, is of a family or a rule,
// so that something can be ignored by it. For one that is not, it returns the name that was
// probably meant, "" for none.
func KnownRule(name string) (known bool, meant string) {
	if knownName(name) {
		return true, ""
	}
	return false, meantRule(strings.ToLower(name), FamilyNames())
}

// meantRule returns the family or code that is most like a name. A rule that is written
// without its family or under another one is found, too.
func meantRule(name string, families []string) string {
	family, rule, both := strings.Cut(name, "/")
	if !both {
		if near := nearName(name, families); near != "" {
			return near
		}
		family, rule = "", name
	}
	family = nearName(family, families)
	var inFamily, everywhere []string
	for _, r := range rules() {
		of, n, _ := strings.Cut(r.Code, "/")
		everywhere = append(everywhere, n)
		if of == family {
			inFamily = append(inFamily, n)
		}
	}
	if near := nearName(rule, inFamily); near != "" {
		return family + "/" + near
	}
	if near := nearName(rule, everywhere); near != "" {
		return rules()[slices.Index(everywhere, near)].Code
	}
	return family
}

// nearName is name itself where it is one of the names.
func nearName(name string, names []string) string {
	if slices.Contains(names, name) {
		return name
	}
	return finding.Nearest(name, names)
}
