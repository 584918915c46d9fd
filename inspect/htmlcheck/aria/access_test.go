package aria

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

func onlyA11y(f finding.Finding) bool { return f.Rule.Family() == finding.A11y }

func TestNames(t *testing.T) {
	const noLink, noButton = "1:1 warning a11y/link-name", "1:1 warning a11y/button-name"
	runDocs(t, []docTest{
		{"link", "<a href=x>y</a>", nil},
		{"empty link", "<a href=x> <i class=icon></i></a>", []string{noLink}},
		{"link that is none", "<a name=x></a><a></a>", nil},
		{"link with an image", "<a href=x><img src=x alt=y></a><a href=x><img src=x alt></a>", []string{"1:32 warning a11y/link-name"}},
		{"link with a title", "<a href=x title=y></a>", nil},
		{"link with an svg", "<a href=x><svg><title>y</title></svg></a>", nil},
		{"link with a nameless svg", "<a href=x><svg><path/></svg></a>", []string{noLink}},
		{"link with hidden text", "<a href=x><span hidden>y</span></a>", []string{noLink}},
		{"link named by another", "<p id=a>x</p><a href=x aria-labelledby=a></a>", nil},
		{"link that a script fills", "<a href=x v-text=y></a><a href=x :title=y></a><a href=x><x-icon></x-icon></a>", nil},
		{"hidden link", "<a href=x hidden></a><div style='display: none'><a href=x></a></div><noscript><a href=x></a></noscript>", nil},
		{"button", "<button>x</button><input type=submit><input type=button value=x>", nil},
		{"empty button", "<button><svg></svg></button>", []string{noButton}},
		{"input button", "<input type=button>", []string{"1:1 warning a11y/control-name"}},
		{"input submit", "<input type=submit value=''>", []string{"1:1 warning a11y/control-name"}},
		{"role", "<div role=button tabindex=0></div>", []string{"1:1 warning a11y/no-name"}},
		{"summary", "<details><summary></summary>x</details>", []string{"1:10 warning a11y/button-name"}},
		{"input", "<input>", []string{"1:1 warning a11y/control-name"}},
		{"input in a label", "<label>x<input></label>", nil},
		{"input with a label", "<input id=a><label for=a>x</label>", nil},
		{"input with an empty label", "<label for=a> </label><input id=a>", []string{"1:1 warning a11y/empty-label"}},
		{"label around itself", "<label><select><option>x</select></label>", []string{"1:1 warning a11y/empty-label"}},
		{"placeholder", "<textarea placeholder=x></textarea>", nil},
		{"hidden input", "<input type=hidden><input disabled>", nil},
		{"image", "<div role=img></div><svg role=img></svg><svg role=img><title>x</title></svg><svg></svg>", []string{
			"1:1 warning a11y/image-name", "1:21 warning a11y/image-name"}},
		{"frame", "<iframe src=x></iframe><iframe src=x title=y></iframe><iframe src=about:blank></iframe><iframe src=x width=0></iframe>", []string{
			"1:1 warning a11y/frame-name"}},
		{"dialog", "<dialog>x</dialog><div role=dialog aria-label=x></div>", []string{"1:1 warning a11y/dialog-name"}},
		{"heading", "<h2><span aria-hidden=true>x</span></h2><h3>x</h3><h4><img src=x alt=y></h4><h5></h5>", []string{"1:1 warning a11y/empty-heading"}},
		{"template", "<template><a href=x></a></template>", nil},
	}, onlyA11y)
}

func TestAccess(t *testing.T) {
	runDocs(t, []docTest{
		{"tabindex", "<p tabindex=0><p tabindex=-1><p tabindex=2>", []string{"1:42 warning a11y/positive-tabindex"}},
		{"accesskey", "<p accesskey=a><p accesskey=b><p accesskey=A>", []string{"1:44 warning a11y/duplicate-accesskey"}},
		{"autofocus", "<dialog aria-label=x><p autofocus></dialog><p autofocus>", []string{"1:47 info a11y/autofocus"}},
		{"reference", "<section aria-labelledby='a b'><h2 id=a>x</h2>", []string{"1:27 warning a11y/broken-reference"}},
		{"hidden focus", "<button aria-hidden=true>x</button><a href=x aria-hidden=true tabindex=-1>x</a>", []string{"1:9 warning a11y/hidden-focus"}},
		{"hidden dialog", "<div class=modal aria-hidden=true><button>x</button></div>", nil},
		{"zoom", "<meta name=viewport content='width=device-width, user-scalable=no'>", []string{"1:30 warning a11y/no-zoom"}},
		{"zoom, once", "<meta name=Viewport content='user-scalable=NO;maximum-scale=1.0'>", []string{"1:30 warning a11y/no-zoom"}},
		{"zoom, without commas", "<meta name=viewport content='width=device-width user-scalable=no'>", []string{"1:30 warning a11y/no-zoom"}},
		{"zoom a little", "<meta name=viewport content='maximum-scale=1'><meta name=viewport content='maximum-scale=5'>", []string{"1:30 warning a11y/no-zoom"}},
		{"file name", "<img src=x alt=photo.JPG><img src=x alt='the file photo.jpg'>", []string{"1:16 warning a11y/alt-file-name"}},
		{"video", "<video controls src=x></video><video muted controls src=x></video><video controls><source src=x><track kind=captions src=y></video>", []string{
			"1:1 warning a11y/video-captions"}},
		{"no main", "<body><header>x</header>", []string{"1:1 warning a11y/no-main"}},
		{"main", "<body><header>x</header><main>y</main>", nil},
		{"no landmarks", "<body><p>x", nil},
		{"two navs", "<main></main><nav></nav><nav aria-label=x></nav>", []string{"1:14 warning a11y/unnamed-landmark"}},
		{"asides in articles", "<main><article><aside></aside></article><aside></aside></main>", nil},
		{"data without headers", "<table><caption>x</caption><tr><td>y</table>", []string{"1:1 warning a11y/table-headers"}},
		{"headers", "<table><thead><tr><th>x<tbody><tr><td>y</table>", nil},
		{"layout", "<table><tr><td>x<td>y</table>", nil},
	}, onlyA11y)
}

// A piece of a page may be put where its roles, labels and references are right.
func TestFragmentIsNotJudgedByWhatIsNotThere(t *testing.T) {
	const doc = "<header>x</header><li role=option aria-labelledby=t>y</li><div role=row></div><input id=a><dialog aria-labelledby=h>z</dialog>" +
		"<div role=tab aria-selected=true aria-controls=p>x</div>"
	d := parse.Parse([]byte(doc), parse.Options{})
	Check(&finding.Page{Doc: d, Fragment: true}, func(f finding.Finding) { t.Errorf("found %s", f.Code()) })
}

// careful is a page as a careful author writes it.
const careful = `<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Orders</title>
<meta name=viewport content="width=device-width, initial-scale=1"></head><body>
<a class=skip href="#main">Skip to the orders</a>
<header><nav aria-label=Main><ul><li><a href=/ aria-current=page>Home</a><li><a href=/o><img src=o.svg alt=Orders></a></ul></nav>
<form role=search><label for=q>Search</label><input id=q type=search name=q><button aria-label=Search><svg aria-hidden=true><path d="M0 0"/></svg></button></form></header>
<main id=main><h1>Orders</h1><p role=status aria-live=polite></p>
<table><caption>Open orders</caption><thead><tr><th scope=col>Number<th scope=col aria-sort=ascending><button>Date</button></thead>
<tbody><tr><th scope=row>1<td>today</tbody></table>
<div role=tablist aria-label=Views><button role=tab id=t1 aria-selected=true aria-controls=p1>List</button>
<button role=tab id=t2 aria-selected=false aria-controls=p2 tabindex=-1>Map</button></div>
<div role=tabpanel id=p1 aria-labelledby=t1>x</div><div role=tabpanel id=p2 aria-labelledby=t2 hidden>y</div>
<form><fieldset><legend>Pay</legend><label><input type=radio name=p> card</label><label><input type=radio name=p> bill</label></fieldset>
<label for=m>Mail</label><input id=m type=email aria-describedby=e required><p id=e>We never share it.</p>
<label>Country <select><option>X</select></label><input type=checkbox id=c><label for=c>Agree</label><button>Buy</button></form>
<details><summary>More</summary><p>Text</p></details><dialog aria-labelledby=dh><h2 id=dh>Sure?</h2><button autofocus>Yes</button></dialog>
<figure><img src=x alt="Sales rose in May"><figcaption>Sales</figcaption></figure><img src=line alt="">
<iframe src=map title="Map of shops"></iframe><video controls src=v><track kind=captions src=c srclang=en></video>
<section aria-labelledby=n><h2 id=n>News</h2><article><h3>One</h3><footer>today</footer></article></section></main>
<nav aria-label=Legal><a href=/i>Imprint</a></nav><footer>End</footer></body></html>`

func TestCarefulPageHasNoFindings(t *testing.T) {
	all := func(finding.Finding) bool { return true }
	if diff := cmp.Diff([]string(nil), check(careful, all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func BenchmarkCheck(b *testing.B) {
	d := parse.Parse([]byte(careful), parse.Options{})
	p := &finding.Page{Doc: d}
	b.ReportAllocs()
	b.SetBytes(int64(len(careful)))
	for b.Loop() {
		Check(p, func(finding.Finding) {})
	}
}
