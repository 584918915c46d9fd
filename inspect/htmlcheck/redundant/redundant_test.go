package redundant

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// found returns "line:column severity code marked" of each finding.
func found(doc string, xhtml bool) []string {
	d := parse.Parse([]byte(doc), parse.Options{})
	var list []string
	Check(&finding.Page{Doc: d, XHTML: xhtml}, func(f finding.Finding) {
		line, col := d.Position(f.Span.Start)
		list = append(list, fmt.Sprintf("%d:%d %s %s %s", line, col, f.Severity, f.Code(), doc[f.Span.Start:f.Span.End]))
	})
	return list
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name, doc string
		want      []string
	}{
		{"nothing", "<!DOCTYPE html><title>x</title><p>plain<br>text", nil},
		{"slash", "<p>\n<br /><img src=x/><img src='x'/>", []string{
			"2:5 info redundant/trailing-slash />", "2:31 info redundant/trailing-slash />"}},
		{"not void", "<div/><svg><path/></svg>", nil},
		{"link", "<link rel=stylesheet href=x TYPE='Text/CSS'>", []string{"1:29 info redundant/link-type TYPE"}},
		{"other link", "<link rel=icon href=x type=text/css>", nil},
		{"template", "<template><br/></template>", nil},
		{"decomposed", "<p>caf\u0065\u0301", []string{"1:4 warning text/not-normalized cafe\u0301"}},
		{"composed", "<p>caf\u00e9", nil},
		{"attribute", "<p title='e\u0301'>", []string{"1:11 warning text/not-normalized e\u0301"}},
		{"begins with a mark", "<p>a<b>\u0301</b>", []string{"1:8 warning text/starts-with-mark \u0301"}},
		{"script", "<script>'\u0065\u0301 \ue000'</script>", nil},
		{"private use once", "<p>\ue000 \ue001<p>\uf8ff", []string{"1:4 warning text/private-use \ue000 \ue001"}},
		{"byte order mark", "<p>a\ufeffb", []string{"1:4 warning text/byte-order-mark a\ufeffb"}},
		{"override", "<p>a\u202eb<p>c", []string{"1:5 warning text/bidi-open \u202e"}},
		{"closed later", "<p>a\u2067b<b>c</b>\u2069<p>c", nil},
		{"closed elsewhere", "<p>a\u2067b</p><p>\u2069", []string{"1:5 warning text/bidi-open \u2067"}},
		{"embedding in isolate", "<p>\u2066\u202a\u2069", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, found(tt.doc, false)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestXHTMLNeedsTheSlash(t *testing.T) {
	if got := found("<p><br/></p>", true); len(got) > 0 {
		t.Errorf("found %v", got)
	}
}

func TestWarningsOnly(t *testing.T) {
	d := parse.Parse([]byte("<br/><p>e\u0301\ue000"), parse.Options{})
	Check(&finding.Page{Doc: d}, func(f finding.Finding) {
		if f.Severity == inspect.SeverityError || f.Message == "" || f.Section == "" || f.Node == nil {
			t.Errorf("finding %+v", f)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add("<p>e\u0301\u202e<br/>")
	f.Add("<link rel=stylesheet type=text/css><p title='\u0301\ue000'>\x00\xff")
	f.Add(strings.Repeat("<b>\u2066", 100))
	f.Fuzz(func(t *testing.T, doc string) {
		d := parse.Parse([]byte(doc), parse.Options{})
		Check(&finding.Page{Doc: d}, func(g finding.Finding) {
			if g.Span.Start < 0 || g.Span.End < g.Span.Start || g.Span.End > len(doc) {
				t.Errorf("%s: span %v of %d", g.Code(), g.Span, len(doc))
			}
		})
	})
}
