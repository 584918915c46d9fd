package assert_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pastedev/pastedev/inspect/htmlcheck/assert"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// TestFragment looks at pieces of pages: nothing is said that only a whole page shows, or
// that the page around the piece can make right.
func TestFragment(t *testing.T) {
	tests := []struct {
		name, doc string
		want      []string
	}{
		{"no page", "<h2>a</h2><section><h2>b</h2><h1>c</h1></section>", nil},
		{"references", "<label for=a>a</label><input form=b list=c><img src=a alt=a usemap=#d><button commandfor=e>f</button>", nil},
		{"cells", "<td colspan=2>a<td headers=b>c", nil},
		{"within", "<h2>a</h2><h4>b</h4><p id=a><p id=a>", []string{
			"» 1:11-1:15 error outline/heading-level-skipped `h4` follows `h2`, which leaves out a level: use `h3` [4.3.11]\n",
			"» 1:35-1:36 error id-ref/duplicate-id the id `a` must be on one element only; `p` in line 1 has it first [3.2.6]\n",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, check(test.doc, finding.Page{Fragment: true})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestXHTML: xml:lang is the attribute of XML there, and the encoding is said in its way.
func TestXHTML(t *testing.T) {
	doc := "<!DOCTYPE html><html xml:lang=en><title>a</title><p xml:lang=de>b<!--" + strings.Repeat("a", 1000) + "-->" +
		"<meta http-equiv=content-type content='text/html; charset=UTF-8'><meta charset=utf-8>"
	want := []string{"» 1:1138-1:1158 error co-constraint/charset-and-content-type `http-equiv=\"content-type\"` says the encoding already: keep only this `charset` [4.2.5]\n"}
	if diff := cmp.Diff(want, check(doc, finding.Page{XHTML: true})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestEncodings looks at declarations beside what else says the encoding.
func TestEncodings(t *testing.T) {
	tests := []struct {
		name, doc, contentType string
		want                   string
	}{
		{"late", "<!DOCTYPE html><!--" + strings.Repeat("a", 1000) + "--><meta charset=utf-8>", "",
			"encoding/meta-charset-late the `meta` with `charset` must end within the first 1024 bytes: make it the first thing in the `head`"},
		{"just in time", "<!DOCTYPE html><!--" + strings.Repeat("a", 982) + "--><meta charset=utf-8>", "", ""},
		{"header", "<!DOCTYPE html><meta charset=koi8-r>", "text/html; charset=utf-8",
			"encoding/meta-charset-disagrees the page says that it is in koi8-r, but it was read as utf-8, as the server or the file's first bytes say"},
		{"header of another", "<!DOCTYPE html><meta charset=utf-8>", "text/html; charset=koi8-r",
			"encoding/meta-charset-disagrees the page says that it is in utf-8, but it was read as koi8-r, as the server or the file's first bytes say"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			page := finding.Page{Doc: parse.Parse([]byte(test.doc), parse.Options{ContentType: test.contentType})}
			got := ""
			assert.Check(&page, func(f finding.Finding) {
				if f.Rule.Family() == finding.Encoding {
					got += f.Code() + " " + f.Message
				}
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// documents returns all documents of testdata.
func documents(t testing.TB) [][]byte {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	var docs [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			doc, _ := split(string(f.Data))
			docs = append(docs, []byte(begin+doc))
		}
	}
	return docs
}

// TestConcurrent checks one page by many goroutines: all find the same.
func TestConcurrent(t *testing.T) {
	page := finding.Page{Doc: parse.Parse(bytes.Join(documents(t), nil), parse.Options{})}
	run := func() string {
		var b strings.Builder
		assert.Check(&page, func(f finding.Finding) { fmt.Fprintln(&b, f.Code(), f.Span, f.Message) })
		return b.String()
	}
	want := run()
	if want == "" {
		t.Fatal("nothing was found")
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := run(); got != want {
				t.Error("another result at the same time")
			}
		})
	}
	wg.Wait()
}

// TestTruncated reads a tree that ends early: nothing is said of what may still have come.
func TestTruncated(t *testing.T) {
	doc := "<!DOCTYPE html><html lang=en><title></title><label for=a><table><tr><td colspan=2><section><figure><img src=a>" + strings.Repeat("<div>", 100)
	page := finding.Page{Doc: parse.Parse([]byte(doc), parse.Options{MaxDepth: 30})}
	if !page.Doc.Truncated {
		t.Fatal("the tree is whole")
	}
	var got []string
	assert.Check(&page, func(f finding.Finding) { got = append(got, f.Code()) })
	if diff := cmp.Diff([]string{"content-model/title-empty"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// hostile are documents that are made to take long: each is repeated up to a size.
var hostile = map[string][3]string{
	"deep":              {"", "<div>", ""},
	"deep sections":     {"", "<section><h1>", ""},
	"deep interactive":  {"<a href=a>", "<button><a href=b><span tabindex=0>", ""},
	"figures":           {"", "<figure><img src=a>", ""},
	"images":            {"<figure>", "<img src=a>", ""},
	"labels":            {"", "<label for=a><input>", ""},
	"ids":               {"", "<p id=a>", ""},
	"other ids":         {"", "<p id=%d>", ""},
	"references":        {"<p id=a><p id=a>", "<input form=a list=a id=a>", ""},
	"duplicate targets": {"", "<p id=a><label for=a>", ""},
	"styles":            {"<div>", "<!-- --> <style></style>", ""},
	"comments":          {"<div>", "<!-- --><svg><g><style></style></g></svg>", ""},
	"sources":           {"<picture>", "<source srcset=a>", "<img src=a alt=a>"},
	"tracks":            {"<video>", "<track default>", ""},
	"options":           {"<select required>", "<option selected>", ""},
	"groups":            {"<select>", "<optgroup>", ""},
	"rows":              {"<table>", "<tr><td rowspan=0 colspan=9>", ""},
	"cells":             {"<table><tr>", "<td rowspan=9 colspan=1000>", "<tr><td colspan=1000>"},
	"narrow cells":      {"<table><tr>", "<td rowspan=0>", strings.Repeat("<tr><td>", 1000)},
	"tables":            {"", "<table><tr><td>", ""},
	"columns":           {"<table>", "<col span=1000>", ""},
	"headers":           {"<table><tr>", "<td headers='a b c d'>", ""},
	"autofocus":         {strings.Repeat("<div>", 1000), "<input autofocus>", ""},
	"attributes":        {"<p", " a%d=b", ">"},
	"formatting":        {"", "<p><b><i><a href=a>", ""},
	"templates":         {"", "<template><h1>", ""},
	"links":             {"", "<link rel='a b c d e f g' as=a imagesizes=a>", ""},
}

func fill(parts [3]string, size int) []byte {
	var b bytes.Buffer
	b.WriteString(parts[0])
	for i := 0; b.Len() < size; i++ {
		b.WriteString(strings.ReplaceAll(parts[1], "%d", fmt.Sprint(i)))
	}
	b.WriteString(parts[2])
	return b.Bytes()
}

// TestHostile checks that the time is linear: a document of twice the size may take more
// than twice as long on a busy machine, but not what a quadratic rule would take.
func TestHostile(t *testing.T) {
	for name, parts := range hostile {
		t.Run(name, func(t *testing.T) {
			const size = 1 << 20
			page := finding.Page{Doc: parse.Parse(fill(parts, size), parse.Options{})}
			done := make(chan int)
			go func() {
				n := 0
				assert.Check(&page, func(finding.Finding) { n++ })
				done <- n
			}()
			select {
			case n := <-done:
				if n > size {
					t.Errorf("%d findings in a document of %d bytes", n, size)
				}
			case <-time.After(time.Minute):
				t.Fatal("a document of 1 MB takes more than a minute")
			}
		})
	}
}

// FuzzCheck reads arbitrary bytes: no crash, all findings lie in the document.
func FuzzCheck(f *testing.F) {
	for _, doc := range documents(f) {
		f.Add(doc)
	}
	for _, parts := range hostile {
		f.Add(fill(parts, 500))
	}
	f.Add([]byte("\xff\xfe<\x00p\x00>\x00"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, fragment := range []bool{false, true} {
			page := finding.Page{Doc: parse.Parse(doc, parse.Options{Fragment: fragment}), Fragment: fragment}
			assert.Check(&page, func(f finding.Finding) {
				if f.Span.Start < 0 || f.Span.End < f.Span.Start || f.Span.End > len(doc) {
					t.Errorf("%s at %v of %d bytes", f.Code(), f.Span, len(doc))
				}
				if f.Message == "" || f.Rule.Name() == "" || f.Rule.Family() == "" || f.Node == nil {
					t.Errorf("incomplete: %+v", f)
				}
			})
		}
	})
}

// BenchmarkCheck checks all documents of testdata, one page after another.
func BenchmarkCheck(b *testing.B) {
	page := finding.Page{Doc: parse.Parse(bytes.Join(documents(b), nil), parse.Options{})}
	b.ReportAllocs()
	for b.Loop() {
		assert.Check(&page, func(finding.Finding) {})
	}
}
