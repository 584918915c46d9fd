package htmlcheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

const page = "<!DOCTYPE html>\n<html lang=en>\n<head><meta charset=utf-8><title>t</title></head>\n<body>\n%s\n</body>\n</html>\n"

func inPage(body string) []byte { return fmt.Appendf(nil, page, body) }

// brief is what a test says of a finding: line:column severity code.
func brief(ds []inspect.Diagnostic) []string {
	var s []string
	for _, d := range ds {
		line := fmt.Sprintf("%d:%d %s %s", d.Line, d.Column, d.Severity, d.Code)
		if d.Count > 1 {
			line += fmt.Sprintf(" ×%d", d.Count)
		}
		s = append(s, line)
	}
	return s
}

func TestCheckPlaces(t *testing.T) {
	doc := inPage("<h1>ü</h1><div>ü<span>x</div>")
	got := Check(doc, Options{ErrorsOnly: true})
	want := []string{"5:19 error parse-tree/unclosed-element", "5:26 error parse-tree/end-tag-with-open-elements"}
	if diff := cmp.Diff(want, brief(got)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	d := got[1]
	if text := string(doc[d.Start:d.End]); text != "</div>" {
		t.Errorf("Start and End mark %q, want </div>", text)
	}
	if d.EndLine != 5 || d.EndColumn != 31 {
		t.Errorf("end is %d:%d, want 5:31", d.EndLine, d.EndColumn)
	}
	if want := []inspect.SourceLine{{Number: 5, Text: "<h1>ü</h1><div>ü<span>x</div>"}}; !cmp.Equal(want, d.Context) || d.Context[0].Text[d.MarkStart:d.MarkEnd] != "</div>" {
		t.Errorf("context %v, want %v", d.Context, want)
	}
}

func TestShape(t *testing.T) {
	tests := []struct {
		name, doc string
		shape     Shape
		fragment  bool
	}{
		{"a piece is guessed", "<li>a</li>", Guess, true},
		{"a title is no page", "<title>t</title><p>x", Guess, true},
		{"a DOCTYPE makes a page", "<!DOCTYPE html><p>x", Guess, false},
		{"html makes a page", "<html><p>x", Guess, false},
		{"body makes a page", "<body><p>x", Guess, false},
		{"a comment does not", "<!-- x --><p>x", Guess, true},
		{"said to be a piece", "<!DOCTYPE html><p>x", Fragment, true},
		{"said to be a page", "<p>x", Page, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Report([]byte(tt.doc), Options{Shape: tt.shape})
			if r.Fragment != tt.fragment {
				t.Errorf("Fragment = %v, want %v", r.Fragment, tt.fragment)
			}
		})
	}
}

func TestSuppressedByComment(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
		suppressed int
	}{
		{"next element", "<h1>x</h1><!-- pastedev-ignore --><div></i></div></i>", []string{"5:50 error parse-tree/stray-end-tag"}, 1},
		{"by code", "<h1>x</h1><!-- pastedev-ignore parse-tree/stray-end-tag --><div></i></div>", nil, 1},
		{"by family", "<h1>x</h1><!-- pastedev-ignore url, parse-tree --><div></i></div>", nil, 1},
		{"another family", "<h1>x</h1><!-- pastedev-ignore url --><div></i></div>", []string{"5:44 error parse-tree/stray-end-tag"}, 0},
		{"another word", "<h1>x</h1><!-- pastedev-ignorelist --><div></i></div>", []string{"5:44 error parse-tree/stray-end-tag"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Report(inPage(tt.body), Options{ErrorsOnly: true})
			if diff := cmp.Diff(tt.want, brief(r.Diagnostics)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if r.Suppressed != tt.suppressed {
				t.Errorf("Suppressed = %d, want %d", r.Suppressed, tt.suppressed)
			}
		})
	}
	whole := Report([]byte("<!DOCTYPE html><!-- pastedev-ignore parse-tree --><html lang=en><title>t</title><h1>x</h1></i></html></b>"), Options{ErrorsOnly: true})
	if len(whole.Diagnostics) != 0 {
		t.Errorf("in front of html: %v, want nothing", brief(whole.Diagnostics))
	}
}

func TestReportGroups(t *testing.T) {
	r := Report(inPage("<h1>x</h1>"+strings.Repeat("</i>\n", 400)+"</b>"), Options{ErrorsOnly: true})
	want := []string{"5:11 error parse-tree/stray-end-tag ×400", "405:1 error parse-tree/stray-end-tag"}
	if diff := cmp.Diff(want, brief(r.Diagnostics)); diff != "" || r.Errors != 401 {
		t.Errorf("%d errors, want 401; findings (-want +got):\n%s", r.Errors, diff)
	}
}

func TestPartial(t *testing.T) {
	doc := inPage("<h1>x</h1>" + strings.Repeat("<p>text</p>\n", 1000))
	r := Report(doc, Options{MaxBytes: 3005, ErrorsOnly: true})
	if !r.Partial || r.Bytes != 3005 || r.Errors != 0 {
		t.Errorf("partial %v of %d bytes with %v, want the first 3005 without errors", r.Partial, r.Bytes, brief(r.Diagnostics))
	}
}

func TestCheckerTakesPieces(t *testing.T) {
	doc := inPage("<h1>x</h1></i>" + strings.Repeat("<p>text</p>\n", 100))
	for _, limit := range []int{0, 200, len(doc)} {
		opts := Options{MaxBytes: limit}
		c := Checker{Options: opts}
		for i := 0; i < len(doc); i += 7 {
			if n, err := c.Write(doc[i:min(i+7, len(doc))]); err != nil || n == 0 {
				t.Fatalf("Write: %d, %v", n, err)
			}
		}
		got, want := c.Report(), Report(doc, opts)
		got.Took, want.Took = 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d (-whole +pieces):\n%s", limit, diff)
		}
	}
}

func TestSelector(t *testing.T) {
	doc := inPage("<h1>x</h1><ul><li>a<li>b<b></ul>")
	c := run(doc, Options{})
	for n := c.page.Doc.Root.FirstChild; n != nil; n = n.Following(c.page.Doc.Root, false) {
		if n.Name == "b" {
			if got, want := selector(n), "body>ul>li:nth-of-type(2)>b"; got != want {
				t.Errorf("selector %q, want %q", got, want)
			}
			return
		}
	}
	t.Fatal("no b in the tree")
}

func TestIsHTML(t *testing.T) {
	for ct, want := range map[string]bool{
		"text/html": true, "text/html; charset=a; charset=b": true, "text/html; charset=utf-8": true, "TEXT/HTML": true, "application/xhtml+xml": true,
		"application/json": false, "": false, "text/plain": false,
	} {
		if IsHTML(ct) != want {
			t.Errorf("IsHTML(%q) = %v", ct, !want)
		}
	}
}

// Pieces of pages begin with what may not stand in a body.
func TestPieces(t *testing.T) {
	for _, doc := range []string{
		"<li>x</li>", "<tr><td>x</td></tr>\n<tr><td>y</td></tr>", "<td>x</td><td>y</td>", "<option>x", "<dt>x<dd>y", "<source src=x>",
		"<summary>x</summary>", "<title>x</title><p>y</p>", "<span itemprop=x>y</span>", "<tbody><tr><td>x</tbody>", "<col>",
	} {
		for _, d := range Check([]byte(doc), Options{Shape: Guess}) {
			t.Errorf("%s: %s: %s", doc, d.Code, d.Message)
		}
	}
	for doc, want := range map[string]string{
		"<tr><td><center>x</center></td></tr>": "obsolete/element", "<ul><p>x</p></ul>": "content-model/not-allowed-child", "<li>x</i>": "parse-tree/stray-end-tag",
	} {
		if got := Check([]byte(doc), Options{Shape: Guess}); len(got) != 1 || got[0].Code != want {
			t.Errorf("%s: %+v, want %s", doc, got, want)
		}
	}
}

func TestUnknownNameInComment(t *testing.T) {
	many := "<h1>x</h1>" + strings.Repeat("<!-- pastedev-ignore x1 x2 x3 -->", maxUnknownNames)
	for body, want := range map[string][]string{
		"<h1>x</h1><!-- pastedev-ignore id-ref/duplicated-id, url obsolte --><p>x": {
			"5:11 the comment ignores nothing by `id-ref/duplicated-id`: there is no such rule or family; did you mean `id-ref/duplicate-id`?",
			"5:11 the comment ignores nothing by `obsolte`: there is no such rule or family; did you mean `obsolete`?",
		},
		"<h1>x</h1><p>x<!-- pastedev-ignore x/y -->":        {"5:15 the comment ignores nothing by `x/y`: there is no such rule or family"},
		"<h1>x</h1><!-- pastedev-ignore other x --><p>x":    nil,
		"<h1>x</h1><!-- pastedev-ignore url css/nu --><p>x": nil,
		"<h1>x</h1><!-- pastedev-ignore -->\n<p>x":          nil,
		"<h1>x</h1><!-- pastedev-ignored x -->\n<p>x":       nil,
	} {
		var got []string
		for _, d := range Check(inPage(body), Options{}) {
			if d.Code != "other/unknown-rule" || d.Severity != inspect.SeverityWarning {
				t.Errorf("%s: %s %s", body, d.Severity, d.Code)
			}
			got = append(got, fmt.Sprintf("%d:%d %s", d.Line, d.Column, d.Message))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
	if n := len(Check(inPage(many), Options{})); n != maxUnknownNames {
		t.Errorf("%d names are told of, want %d", n, maxUnknownNames)
	}
}
