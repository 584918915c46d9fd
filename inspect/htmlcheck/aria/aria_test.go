package aria

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// check returns "line:column severity code" of each finding that keep wants.
func check(doc string, keep func(finding.Finding) bool) []string {
	d := parse.Parse([]byte(doc), parse.Options{})
	var list []string
	Check(&finding.Page{Doc: d}, func(f finding.Finding) {
		if keep(f) {
			line, col := d.Position(f.Span.Start)
			list = append(list, fmt.Sprintf("%d:%d %s %s", line, col, f.Severity, f.Code()))
		}
	})
	return list
}

func notA11y(f finding.Finding) bool { return f.Rule.Family() != finding.A11y }

type docTest struct {
	name, doc string
	want      []string
}

func runDocs(t *testing.T, tests []docTest, keep func(finding.Finding) bool) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, check(tt.doc, keep)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.doc, diff)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	runDocs(t, []docTest{
		{"no role", "<div><p>x<a href=x>y</a>", nil},
		{"known", "<div role=region>x<p role=' alert '>", nil},
		{"unknown", "<p>\n<div role=buton>", []string{"2:11 error aria/unknown-role"}},
		{"upper case", "<div role=Button>", []string{"1:11 error aria/unknown-role"}},
		{"abstract", "<div role=widget>", []string{"1:11 error aria/unknown-role"}},
		{"empty", "<div role>", []string{"1:6 error aria/unknown-role"}},
		{"unknown first", "<div role='x button'>", []string{"1:12 error aria/unknown-role"}},
		{"two known", "<div role='button link'>", []string{"1:12 info aria/superfluous-role"}},
		{"newer in a list", "<div role='group paragraph' aria-label=x>", []string{"1:12 error aria/unknown-role", "1:29 error aria/naming-prohibited"}},
		{"deprecated", "<ul role=directory>", []string{"1:10 warning aria/deprecated-role"}},
		{"not on element", "<main role=form>", []string{"1:12 error aria/role-not-allowed"}},
		{"none at all", "<picture role=img>", []string{"1:10 error aria/role-not-allowed"}},
		{"of a link", "<a href=x role=banner>y</a>", []string{"1:16 error attr-unknown/role-of-link"}},
		{"no link", "<a role=banner>y</a>", nil},
		{"of an input type", "<input type=text role=button>", []string{"1:23 error attr-value/role-of-input"}},
		{"of no input", "<input type=text role=banner>", []string{"1:23 error aria/role-not-allowed"}},
		{"without a type", "<input role=button>", []string{"1:13 error attr-missing/role-of-input"}},
		{"redundant", "<nav role=navigation>", []string{"1:6 warning redundant/role"}},
		{"redundant header", "<header role=banner></header><article><header role=banner>", []string{"1:9 warning redundant/role"}},
		{"redundant select", "<select multiple role=listbox>", []string{"1:18 warning redundant/role"}},
		{"needs a property", "<div role=slider>", []string{"1:6 error aria/required-property"}},
		{"heading needs a level", "<h2 role=heading>x", []string{"1:5 warning redundant/role", "1:5 error aria/required-property"}},
		{"given by the element", "<input type=checkbox role=switch>", nil},
		{"obsolete and unknown elements", "<center role=x aria-x=y></center><foo role=x>", nil},
		{"custom elements", "<my-el role=x aria-foo=1>", nil},
		{"template", "<template><p role=x></template>", nil},
		{"svg", "<svg role=img><g role=x /><title role=img>", []string{"1:23 error aria/unknown-role", "1:34 error aria/role-not-allowed"}},
	}, notA11y)
}

func TestProperties(t *testing.T) {
	runDocs(t, []docTest{
		{"global", "<p aria-live=polite aria-hidden=false>", nil},
		{"unknown", "<p aria-lable=x>", []string{"1:4 error aria/unknown-property"}},
		{"of the role", "<div role=button aria-pressed=true>", nil},
		{"of another role", "<div role=button aria-level=1>", []string{"1:18 error aria/property-not-allowed"}},
		{"needs a role", "<div aria-expanded=true>", []string{"1:6 error aria/role-needed"}},
		{"never on the element", "<nav aria-checked=true>", []string{"1:6 error aria/property-not-allowed"}},
		{"by itself", "<button aria-expanded=true>x</button><td>", nil},
		{"value", "<p aria-hidden=yes>", []string{"1:16 error aria/property-value"}},
		{"empty value", "<p aria-live>", []string{"1:4 error aria/property-value"}},
		{"reference", "<p aria-describedby=' '>", []string{"1:22 error aria/property-value"}},
		{"avoided", "<article role=region aria-disabled=true>", []string{"1:22 warning aria/unsuitable-property"}},
		{"deprecated", "<p aria-grabbed=true>", []string{"1:4 warning aria/deprecated-property"}},
		{"only hidden", "<br aria-hidden=true><br aria-label=x>", []string{"1:26 error aria/property-not-allowed"}},
		{"not at all", "<meta aria-label=x>", []string{"1:7 error aria/property-not-allowed"}},
		{"hidden script", "<script aria-hidden=true></script>", []string{"1:9 error aria/hidden-not-allowed"}},
		{"hidden body", "<body aria-hidden=true>", []string{"1:7 error aria/hidden-body"}},
		{"hidden until found", "<p hidden=until-found aria-hidden=true>", []string{"1:23 error aria/hidden-until-found"}},
		{"hidden twice", "<p hidden aria-hidden=true>", []string{"1:11 warning redundant/property"}},
		{"hidden input", "<input type=hidden aria-label=x>", []string{"1:20 error aria/hidden-input"}},
		{"name prohibited", "<div aria-label=x></div><span role=none aria-label=x>", []string{
			"1:6 error aria/naming-prohibited", "1:31 warning aria/presentational-conflict"}},
		{"name allowed", "<div role=group aria-label=x></div><section aria-label=y>", nil},
		{"name by a bad role", "<p role=x aria-label=y>", []string{"1:9 error aria/unknown-role"}},
		{"placeholder twice", "<input placeholder=x aria-placeholder=x>", []string{"1:22 error aria/native-placeholder"}},
		{"checked", "<input type=radio aria-checked=true>", []string{"1:19 error aria/native-checked"}},
		{"range", "<input type=number max=3 aria-valuemax=3 aria-valuemin=1>", []string{
			"1:26 error aria/native-range", "1:42 warning aria/native-range"}},
		{"popover", "<button popovertarget=x aria-expanded=true>x", []string{"1:25 error aria/native-expanded"}},
		{"editable", "<div role=textbox contenteditable aria-readonly=true>", []string{"1:35 error aria/native-readonly"}},
		{"disabled link", "<a href=x aria-disabled=true>y", []string{"1:11 warning aria/disabled-link"}},
		{"list popup", "<input list=x aria-haspopup=listbox>", []string{"1:15 warning aria/native-popup"}},
		{"option", "<select aria-multiselectable=true><option aria-selected=true>x", []string{
			"1:9 warning aria/native-multiselectable", "1:43 warning aria/native-selected"}},
	}, notA11y)
}

func TestRelations(t *testing.T) {
	runDocs(t, []docTest{
		{"in its context", "<div role=list><div><div role=listitem>", nil},
		{"in none", "<div role=listitem>", []string{"1:11 error aria/required-context"}},
		{"one of several", "<div role='listitem link'>x</div>", []string{"1:12 info aria/superfluous-role"}},
		{"in an HTML list", "<ul><li><div role=listitem>", nil},
		{"owned", "<div role=tree aria-owns='a b'></div><div role=treeitem id=b>", nil},
		{"owned by another", "<div role=list aria-owns=b></div><div role=treeitem id=b>", []string{"1:44 error aria/required-context"}},
		{"li", "<ul><li role=button>x", []string{"1:14 error aria/list-item-role"}},
		{"li of a list with a role", "<ul role=menu><li role=menuitem>x<li role=tab>y", []string{
			"1:43 error aria/list-item-role", "1:43 error aria/required-context"}},
		{"cell of a table", "<table><tr><td role=button>x", []string{"1:16 error aria/table-part-role"}},
		{"cell of another", "<table role=none><tr><td role=button>x", nil},
		{"div in dl", "<dl><div role=group><dt>x<dd>y", []string{"1:15 error aria/description-group-role"}},
		{"img with an empty alt", "<img src=x alt='' role=none>", []string{"1:19 error aria/image-role"}},
		{"img with a name", "<img src=x alt=y role=none>", []string{"1:23 error aria/image-role"}},
		{"img without", "<img src=x role=button><img src=x aria-describedby=y>", []string{
			"1:12 error aria/image-role", "1:35 error aria/image-name"}},
		{"summary", "<details><summary role=button aria-label=x>y", []string{
			"1:19 error aria/summary-role"}},
		{"figure", "<figure role=group><figcaption>x</figcaption></figure>", []string{"1:9 error aria/figure-role"}},
		{"figure without caption", "<figure role=group></figure>", nil},
		{"label around", "<label aria-label=x><input></label><label aria-label=x>y</label>", []string{"1:8 error aria/label-semantics"}},
		{"label for", "<label for=a role=none>x</label><input id=a>", []string{"1:14 error aria/label-semantics"}},
		{"select", "<select role=listbox><option>x", []string{"1:14 error aria/select-role"}},
		{"button of a select", "<select><button aria-label=x>y", []string{"1:17 error aria/select-part"}},
		{"checkbox as button", "<input type=checkbox role=button>", []string{"1:22 error aria/checkbox-button"}},
		{"link in a button", "<div role=button><a href=x>y</a>", []string{"1:18 warning aria/operable-within"}},
		{"heading in a button", "<div role=button><h2>x</h2>", []string{"1:18 error aria/heading-within"}},
		{"button in a link", "<a href=x><span role=button>y</span></a>", []string{"1:22 error aria/operable-within"}},
		{"alert in a heading", "<h2><span role=alert>x", []string{"1:16 error aria/role-in-heading"}},
		{"two mains", "<div role=main></div><div role=main hidden></div><div role=main>", []string{"1:55 warning aria/several-main"}},
		{"tab without panel", "<div role=tablist><div role=tab aria-selected=true>", []string{"1:24 error aria/tab-without-panel"}},
		{"tab with panel", "<div role=tablist><div role=tab id=t aria-selected=true></div></div><div role=tabpanel aria-labelledby=t>", nil},
		{"tab with controls", "<div role=tablist><div role=tab aria-controls=p aria-selected=true></div></div><div role=tabpanel id=p>", nil},
		{"group in a list", "<div role=list><div role=group>", []string{"1:26 error aria/list-child"}},
		{"row in a rowgroup", "<div role=table><div role=rowgroup><div role=cell>", []string{
			"1:46 error aria/required-context", "1:46 error aria/rowgroup-child"}},
		{"group in a group of a tree", "<div role=tree><div role=treeitem>x<div role=group><div role=group><div role=treeitem>z", nil},
		{"group in a menu", "<div role=menu><div role=group><div role=separator>", []string{"1:42 error aria/group-child"}},
		{"active descendant", "<div role=listbox aria-activedescendant=x>", []string{"1:41 error aria/active-descendant"}},
		{"no effect", "<p role=none tabindex=0>", []string{"1:4 warning aria/presentational-conflict"}},
	}, notA11y)
}

func TestValues(t *testing.T) {
	tests := []struct {
		attr      string
		good, bad []string
	}{
		{"aria-checked", []string{"true", "false", "mixed", "undefined"}, []string{"", "TRUE", " true", "yes"}},
		{"aria-level", []string{"1", "99999999999", "007"}, []string{"", "0", "-1", "1.5", "+1", " 1", "1 "}},
		{"aria-setsize", []string{"-1", "0", "1"}, []string{"", "-2", "1.5"}},
		{"aria-valuenow", []string{"-1.5", ".5", "1e3", "1e400", "-0"}, []string{"", "+1", "5.", "1.e5", "0x1", "Infinity", "NaN", "1 ", "1_0"}},
		{"aria-relevant", []string{"all", " text ", "removals text additions"}, []string{"", "text text", "additions all", "x"}},
		{"aria-details", []string{"x"}, []string{"", "x y", " x"}},
		{"aria-owns", []string{"x", " x y "}, []string{"", " "}},
		{"aria-label", []string{"", "x"}, nil},
	}
	for _, tt := range tests {
		a := tables().attrs[tt.attr]
		for _, v := range tt.good {
			if p := a.problem(v); p != "" {
				t.Errorf("%s=%q: %s", tt.attr, v, p)
			}
		}
		for _, v := range tt.bad {
			if a.problem(v) == "" {
				t.Errorf("%s=%q: no problem", tt.attr, v)
			}
		}
	}
}

func TestFindingsAreComplete(t *testing.T) {
	doc := "<div role=x aria-y=z aria-hidden=1><a href=x role=main></a><ul role=directory><li role=none aria-label=x>" +
		"<button></button><input><img role=img><h2></h2><video controls src=x></video>"
	d := parse.Parse([]byte(doc), parse.Options{})
	n := 0
	Check(&finding.Page{Doc: d}, func(f finding.Finding) {
		n++
		if f.Message == "" || f.Section == "" || f.Node == nil || f.Rule == "" || f.Span.Len() == 0 {
			t.Errorf("incomplete: %+v", f)
		}
		if f.Rule.Family() == finding.A11y && f.Severity == inspect.SeverityError {
			t.Errorf("an error of family a11y: %+v", f)
		}
	})
	if n < 10 {
		t.Errorf("%d findings", n)
	}
}

func TestMessagesSayWhatWouldBeRight(t *testing.T) {
	for doc, want := range map[string]string{
		"<p role=buton>":                     `"buton" is no role: is "button" meant?`,
		"<p role=Alert>":                     `"Alert" is no role (roles are in lower case)`,
		"<p role=landmark>":                  `"landmark" is no role to be written (it is abstract: it only orders the others)`,
		"<p aria-lable=x>":                   "there is no attribute aria-lable: is aria-label meant?",
		"<p aria-labeled-by=x>":              "there is no attribute aria-labeled-by",
		"<p aria-described-by=x>":            "there is no attribute aria-described-by: is aria-describedby meant?",
		"<main role=form>":                   `<main> may not have the role "form": it may have "main"`,
		"<p aria-checked=true>":              `aria-checked on <p> needs a role that has it: for example "checkbox", "menuitemcheckbox", "menuitemradio" or "option"`,
		"<p aria-current=now>":               `aria-current must be "page", "step", "location", "date", "time", "true" or "false"`,
		"<div role=slider aria-valuenow=x>":  "aria-valuenow must be a number",
		"<div role=button aria-selected=on>": `the role "button" does not have aria-selected`,
		"<a aria-label=x>y</a>":              "<a> is no link without href, and may not have aria-label then",
	} {
		var got string
		d := parse.Parse([]byte(doc), parse.Options{})
		Check(&finding.Page{Doc: d}, func(f finding.Finding) {
			if got == "" {
				got = f.Message
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", doc, diff)
		}
	}
}

func TestHostileInputEnds(t *testing.T) {
	for name, doc := range map[string]string{
		"nested buttons":   strings.Repeat("<div role=button>", 100_000),
		"nested lists":     strings.Repeat("<div role=list><div role=group>", 50_000),
		"nested labels":    strings.Repeat("<label aria-label=x>", 50_000) + "<input>",
		"references":       strings.Repeat("<p id=a aria-labelledby='a b c'>", 30_000),
		"deep then broad":  strings.Repeat("<div>", 10_000) + strings.Repeat("<div role=group></div>", 30_000),
		"many tabs":        "<div role=tablist>" + strings.Repeat("<div role=tab aria-selected=true aria-controls='a b'></div>", 30_000),
		"links in buttons": strings.Repeat("<div role=button><a href=x><span role=option>", 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			check(doc, notA11y)
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("<div role='x button' aria-level=0 aria-owns='a b'><a href role=tab aria-selected=true>")
	f.Add("<label for=a aria-label=x><input id=a><figure role=x><figcaption></figure></label>")
	f.Add("<ul role=tree><li role=treeitem><ul role=group><li role=none tabindex=-1><svg><title role=img></svg>")
	f.Add("<table><thead><caption><tr role=row><video controls src=x><iframe src=about:><meta name=viewport content=';=,user-scalable=0'>")
	f.Fuzz(func(t *testing.T, doc string) {
		d := parse.Parse([]byte(doc), parse.Options{})
		Check(&finding.Page{Doc: d}, func(g finding.Finding) {
			if g.Span.Start < 0 || g.Span.End < g.Span.Start || g.Span.End > len(doc) {
				t.Errorf("%s: span %v of %d", g.Code(), g.Span, len(doc))
			}
		})
	})
}
