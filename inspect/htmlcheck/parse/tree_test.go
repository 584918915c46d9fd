package parse

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// treeTest is one test of html5lib's tree construction format.
type treeTest struct {
	data, context, want string
	errors              int
	scriptOn, scriptOff bool
}

func loadTreeTests(t testing.TB, file string) []treeTest {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []treeTest
	for _, chunk := range strings.Split("\n"+string(raw), "\n#data\n")[1:] {
		var tt treeTest
		section, lines := "data", map[string][]string{}
		for _, line := range strings.Split(chunk, "\n") {
			switch line {
			case "#errors", "#new-errors", "#document-fragment", "#document":
				section = line[1:]
			case "#script-on":
				tt.scriptOn = true
			case "#script-off":
				tt.scriptOff = true
			default:
				lines[section] = append(lines[section], line)
			}
		}
		tt.data = strings.Join(lines["data"], "\n")
		for _, s := range []string{"errors", "new-errors"} {
			for _, line := range lines[s] {
				if line != "" {
					tt.errors++
				}
			}
		}
		tt.context = strings.Join(lines["document-fragment"], "")
		tt.want = strings.TrimRight(strings.Join(lines["document"], "\n"), "\n")
		out = append(out, tt)
	}
	return out
}

// dump writes the tree in html5lib's notation, without recursion.
func dump(d *Document) string {
	var b strings.Builder
	depth := map[*Node]int{d.Root: -1}
	for n := d.Root.Following(d.Root, false); n != nil; n = n.Following(d.Root, false) {
		level := depth[n.Parent] + 1
		if n.Parent.Is(TagTemplate) {
			level++
		}
		depth[n] = level
		indent := "| " + strings.Repeat("  ", level)
		b.WriteString(indent)
		switch n.Kind {
		case TextNode:
			fmt.Fprintf(&b, "\"%s\"\n", n.Data)
		case CommentNode:
			fmt.Fprintf(&b, "<!-- %s -->\n", n.Data)
		case ProcessingInstructionNode:
			fmt.Fprintf(&b, "<?%s %s?>\n", n.Name, n.Data)
		case DoctypeNode:
			fmt.Fprintf(&b, "<!DOCTYPE %s", n.Name)
			if n.Doctype.Public != "" || n.Doctype.System != "" {
				fmt.Fprintf(&b, ` "%s" "%s"`, n.Doctype.Public, n.Doctype.System)
			}
			b.WriteString(">\n")
		case ElementNode:
			fmt.Fprintf(&b, "<%s%s>\n", [...]string{"", "svg ", "math "}[n.Space], n.Name)
			var attrs []string
			for _, a := range n.Attrs {
				name := a.Name
				if prefix, local, ok := strings.Cut(name, ":"); ok && a.Space != 0 {
					name = prefix + " " + local
				}
				attrs = append(attrs, fmt.Sprintf("%s  %s=\"%s\"\n", indent, name, a.Value))
			}
			sort.Strings(attrs)
			b.WriteString(strings.Join(attrs, ""))
			if n.Is(TagTemplate) {
				b.WriteString(indent + "  content\n")
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// checkTree fails when the links of a tree do not fit together or a span is not in the
// document.
func checkTree(t testing.TB, d *Document, size int) {
	t.Helper()
	for n := d.Root; n != nil; n = n.Following(d.Root, false) {
		if n.Span.Start < 0 || n.Span.End < n.Span.Start || n.EndTag.End < n.EndTag.Start || n.EndTag.End > size || n.Span.End > size {
			t.Fatalf("%s: span %v, end %v in %d bytes", n.Name, n.Span, n.EndTag, size)
		}
		for c, prev := n.FirstChild, (*Node)(nil); ; prev, c = c, c.Next {
			if c == nil {
				if n.LastChild != prev {
					t.Fatalf("last child of %s", n.Name)
				}
				break
			}
			if c.Parent != n || c.Prev != prev {
				t.Fatalf("links of %s in %s", c.Name, n.Name)
			}
		}
	}
	for i, e := range d.Errors {
		if e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > size || e.Line < 1 || e.Column < 1 || e.Code == "" {
			t.Fatalf("error %d: %+v in %d bytes", i, e, size)
		}
	}
}

func runTreeTest(tt treeTest, scripting, pi bool) *Document {
	return Parse([]byte(tt.data), Options{
		ContentType: "text/html; charset=utf-8", Fragment: tt.context != "", Context: tt.context,
		Scripting: scripting, ProcessingInstructions: pi,
	})
}

// unlistedErrors are tests that list no error for documents without a DOCTYPE, which is one.
var unlistedErrors = map[string]bool{
	"<font><select><option>a</option></font></select>":                      true,
	"<select><button><selectedcontent></button><option>X":                   true,
	"<select><button><selectedcontent></button><option>X<option>Y":          true,
	"<select><button><selectedcontent></button><option>X<option selected>Y": true,
	"<select><button><selectedcontent></button><option>x<i>i<b>ib</i>b":     true,
}

// TestHTML5LibTrees compares trees with the tree construction tests. The one exception is
// selectedcontent (section 4.10.17): what a browser copies into it stands elsewhere in the
// source, and a checker must not see it twice.
func TestHTML5LibTrees(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(html5lib(t, "tree-construction"), "*.dat"))
	total, equal, agree := 0, 0, 0
	for _, file := range files {
		for _, tt := range loadTreeTests(t, file) {
			for _, scripting := range []bool{false, true} {
				if tt.scriptOn && !scripting || tt.scriptOff && scripting {
					continue
				}
				total++
				d := runTreeTest(tt, scripting, false)
				checkTree(t, d, len(tt.data))
				if (len(d.Errors) > 0) == (tt.errors > 0) {
					agree++
				} else if !unlistedErrors[tt.data] {
					t.Errorf("%s: %q (%s): %d errors, want %d: %v", filepath.Base(file), tt.data, tt.context, len(d.Errors), tt.errors, codes(d.Errors))
				}
				if diff := cmp.Diff(tt.want, dump(d)); diff != "" {
					if !strings.Contains(tt.data, "<selectedcontent>") {
						t.Errorf("%s: %q (%s, scripting %v)\n%s", filepath.Base(file), tt.data, tt.context, scripting, diff)
					}
					continue
				}
				equal++
			}
		}
	}
	t.Logf("%d of %d trees equal; %d agree whether there is an error", equal, total, agree)
	if total < 3000 || total-equal > 8 {
		t.Errorf("%d tests were found, of which %d are equal", total, equal)
	}
}

func codes(errs []Error) []Code {
	var out []Code
	for _, e := range errs {
		out = append(out, e.Code)
	}
	return out
}

// TestProcessingInstructions has the trees of the standard of June 2026, and those before.
func TestProcessingInstructions(t *testing.T) {
	const doc = "<!DOCTYPE html><?a?><html><?b c d?><head><?e><body><table><?f  g?h></table><?xml x?></body><?i?></html><?j>"
	want := `| <!DOCTYPE html>
| <?a ?>
| <html>
|   <?b c d?>
|   <head>
|     <?e ?>
|   <body>
|     <table>
|       <?f g?h?>
|     <!-- ?xml x? -->
|   <?i ?>
| <?j ?>`
	if d := cmp.Diff(want, dump(Parse([]byte(doc), Options{ProcessingInstructions: true}))); d != "" {
		t.Error(d)
	}
	before := dump(Parse([]byte(doc), Options{}))
	if strings.Contains(before, "<?") || strings.Count(before, "<!-- ?") != 7 {
		t.Error(before)
	}
}
