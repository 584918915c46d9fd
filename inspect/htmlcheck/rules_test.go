package htmlcheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// maxDescription is how long the description of a rule may be: a line of a narrow terminal,
// indented.
const maxDescription = 71

func TestRules(t *testing.T) {
	list := Rules()
	if len(list) < 500 {
		t.Errorf("there are %d rules", len(list))
	}
	severities := []inspect.Severity{"", inspect.SeverityError, inspect.SeverityWarning, inspect.SeverityInfo}
	for i, r := range list {
		if i > 0 && list[i-1].Code >= r.Code {
			t.Errorf("%s stands before %s", list[i-1].Code, r.Code)
		}
		if !slices.Contains(FamilyNames(), r.Family()) || !slices.Contains(severities, r.Severity) {
			t.Errorf("%+v: there is no such family or severity", r)
		}
		if n := len(r.Description); n == 0 || n > maxDescription || strings.HasSuffix(r.Description, ".") || strings.TrimSpace(r.Description) != r.Description {
			t.Errorf("%s: description %q of %d bytes; a line of 1 to %d without a full stop is right", r.Code, r.Description, n, maxDescription)
		}
	}
	if lines := strings.Split(strings.TrimSpace(ruleList), "\n"); !slices.IsSorted(lines) {
		t.Error("rules.txt is not sorted")
	}
}

func TestKnownRule(t *testing.T) {
	for name, want := range map[string]string{
		"obsolete": "known", "a11y/no-main": "known", "other": "known", "css/nu": "known", "parse-token/eof-in-tag": "known",
		"obsolte": "obsolete", "id-ref/duplicated-id": "id-ref/duplicate-id", "duplicate-id": "id-ref/duplicate-id",
		"idref/duplicate-id": "id-ref/duplicate-id", "url/duplicate-id": "id-ref/duplicate-id", "ARIA": "aria",
		"obsolete/center": "obsolete", "a11y/": "a11y", "*": "", "": "", "x/y": "", "a11y/*": "a11y",
	} {
		got, known := "known", false
		if known, _ = KnownRule(name); !known {
			_, got = KnownRule(name)
		}
		if got != want {
			t.Errorf("KnownRule(%q) says %q, want %q", name, got, want)
		}
	}
}

// TestFindingsAreListed checks each document in the tests of the check: no finding is of a
// rule that is not listed, or of another severity.
func TestFindingsAreListed(t *testing.T) {
	listed := map[string]inspect.Severity{}
	for _, r := range Rules() {
		listed[r.Code] = r.Severity
	}
	for doc, file := range testDocuments(t) {
		ways := []Options{{}, {Shape: Fragment}, {ContentType: "application/xhtml+xml"}, {ContentType: "text/html; charset=windows-1252"}}
		if !strings.HasPrefix(doc, "<") || strings.HasPrefix(doc, `<meta charset="`) {
			ways = ways[:1]
		}
		for _, opts := range ways {
			for _, d := range Check([]byte(doc), opts) {
				severity, ok := listed[d.Code]
				if !ok {
					t.Errorf("%s: %q has %s, which is not in the list of rules", file, doc, d.Code)
				} else if severity != "" && severity != d.Severity {
					t.Errorf("%s: %q has %s as %s; the list says %s", file, doc, d.Code, d.Severity, severity)
				}
			}
		}
	}
}

// maxTestDocument leaves out what tests have to try the bounds of the check with.
const maxTestDocument = 4096

// everywhere has a text where texts have rules of their own.
const everywhere = `<meta charset="*"><style>*</style><meta http-equiv=content-security-policy content="*"><p lang="*" style="*" id="*" accesskey="*">
<a href="*" target="*" media="*" hreflang="*" rel="*" type="*" ping="*"></a><img srcset="*" sizes="*" src="*" usemap="*"><base target="*">
<input pattern="*" type=text><input type=date value="*"><input type=email value="*"><input type=color value="*"><input type=number value="*" min="*" size="*">
<input type=file accept="*"><area shape=poly coords="*"><time datetime="*"></time><iframe sandbox="*" allow="*" name="*"></iframe>
<script type="*"></script><script integrity="*" src="*" charset="*">*</script><meta http-equiv=refresh content="*"><form accept-charset="*" name="*"></form>
<script type=importmap>*</script><script type=speculationrules>*</script><script type=application/json>*</script><div is="*" itemprop="*" itemtype="*" prefix="*"></div>
<svg version="*"><path d="*"/></svg><button command="*"></button><link rel=icon sizes="*" href=x><link rel=stylesheet href=x media="*"><input autocomplete="*" name="*" placeholder="*"><td headers="*">`

// asDocument is the text itself where it is HTML, else a document with the text in it.
func asDocument(text string) string {
	if strings.Contains(text, "<") {
		return text
	}
	return strings.ReplaceAll(everywhere, "*", strings.ReplaceAll(text, `"`, "&quot;")) +
		"<style>" + text + "</style><script type=importmap>" + text + "</script><script type=speculationrules>" + text + "</script>"
}

// testDocuments returns the documents in the tests below this folder: of the strings of Go
// files, and the files of txtar archives, with the file that each is in.
func testDocuments(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".txtar"):
			b, err := os.ReadFile(path)
			for part := range strings.SplitSeq(string(b), "\n-- ") {
				if _, doc, ok := strings.Cut(part, "--\n"); ok {
					docs[doc] = path
				}
			}
			return err
		case strings.HasSuffix(path, "_test.go"):
			f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil && text != "" && len(text) < maxTestDocument {
						docs[asDocument(text)] = path
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
