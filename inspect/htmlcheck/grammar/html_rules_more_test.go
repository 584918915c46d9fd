package grammar

import "testing"

func TestHTMLEmbeddedRules(t *testing.T) {
	testRules(t, []rule{
		{`<img>`, []string{"2:1-2:5 attr-missing/missing-attribute"}},
		{`<img alt=a>`, []string{"2:1-2:11 attr-missing/missing-attribute"}},
		{`<img src=a alt=b width=10px loading=now>`, []string{"2:26-2:27 attr-value/number", "2:37-2:39 attr-value/keyword"}},
		{`<img src="" alt=b>`, []string{"2:6-2:8 url/empty"}},
		{`<img src=a alt=b border=0 longdesc=c>`, []string{"2:18-2:23 warning obsolete/attribute", "2:27-2:34 warning obsolete/attribute"}},
		{`<picture><source srcset=a media=print><img src=b alt=c></picture>`, nil},
		{`<picture><source src=a><img src=b alt=c></picture>`, []string{"2:10-2:23 attr-missing/missing-attribute", "2:18-2:20 attr-unknown/misplaced-attribute"}},
		{`<picture><img src=b alt=c><source srcset=a></picture>`, []string{"2:27-2:43 content-model/not-allowed-child"}},
		{`<img src=a alt=b srcset="a 2x" sizes=100vw>`, []string{"2:28-2:29 attr-value/srcset"}},
		{`<img alt=b sizes=100vw srcset="a 100w">`, nil},
		{`<picture><source srcset="a 2x" sizes=100vw><img src=b alt=c></picture>`, []string{"2:28-2:29 attr-value/srcset"}},
		{`<picture><p>a</p></picture>`, []string{"2:10-2:12 content-model/not-allowed-child", "2:18-2:27 content-model/missing-child"}},
		{`<video><source src=a><track src=b>c</video>`, nil},
		{`<video src=a><source src=b></video>`, []string{"2:14-2:27 content-model/not-allowed-child"}},
		{`<video><track src=b><source src=a></video>`, []string{"2:21-2:34 content-model/not-allowed-child"}},
		{`<video><source srcset=a></video>`, []string{"2:8-2:24 attr-missing/missing-attribute", "2:16-2:21 attr-unknown/misplaced-attribute"}},
		{`<span><audio src=a><p>b</p></audio></span>`, []string{"2:20-2:22 content-model/not-allowed-child"}},
		{`<iframe src=a loading=lazy frameborder=0></iframe>`, []string{"2:28-2:38 warning obsolete/attribute"}},
		{`<iframe sandbox="allow-everything" name=_blank></iframe>`, []string{"2:18-2:33 attr-value/sandbox", "2:41-2:41 attr-value/underscore"}},
		{`<embed frob=1 width=x>`, []string{"2:21-2:21 attr-value/number"}},
		{`<object></object>`, []string{"2:1-2:8 attr-missing/missing-attribute"}},
		{`<object data=a classid=b></object>`, []string{"2:16-2:22 warning obsolete/attribute"}},
		{`<map></map>`, []string{"2:1-2:5 attr-missing/missing-attribute"}},
		{`<map name=a><area></map>`, nil},
		{`<map name=a><area href=b></map>`, []string{"2:13-2:25 attr-missing/missing-attribute"}},
		{`<map name=a><area alt=b></map>`, []string{"2:13-2:24 attr-missing/missing-attribute"}},
		{`<map name=a><area href=b alt=c shape=circle></map>`, []string{"2:13-2:44 attr-missing/missing-attribute"}},
		{`<map name=a><area href=b alt=c coords=1,2,3,4></map>`, nil},
		{`<map name=a><area href=b alt=c shape=default coords=1,2,3,4></map>`, []string{"2:46-2:51 attr-unknown/misplaced-attribute"}},
		{`<canvas width=x><p>a</p></canvas>`, []string{"2:15-2:15 attr-value/number"}},
		{`<source src=a>`, []string{"2:1-2:14 content-model/not-allowed-child"}},
		{`<track src=a>`, []string{"2:1-2:13 content-model/not-allowed-child"}},
	})
}

func TestHTMLTablesRules(t *testing.T) {
	testRules(t, []rule{
		{`<table><caption>a</caption><colgroup><col></colgroup><thead><tr><th>b</thead><tbody><tr><td>c</tbody><tfoot><tr><td>d</tfoot></table>`, nil},
		{`<table><tr><td>a</tr><caption>b</caption></table>`, []string{"2:22-2:30 content-model/not-allowed-child"}},
		{`<table><tbody><tr><td>a</tbody><thead><tr><td>b</thead></table>`, []string{"2:32-2:38 content-model/not-allowed-child"}},
		{`<table><tfoot><tr><td>a</tfoot><tbody><tr><td>b</tbody></table>`, []string{"2:32-2:38 content-model/not-allowed-child"}},
		{`<table><thead></thead><thead></thead></table>`, []string{"2:23-2:29 content-model/not-allowed-child"}},
		{`<table><colgroup span=2><col></colgroup></table>`, []string{"2:25-2:29 content-model/not-allowed-child"}},
		{`<table><tr><td colspan=0 rowspan=x>a</table>`, []string{"2:24-2:24 attr-value/zero", "2:34-2:34 attr-value/number"}},
		{`<table><tr><th scope=left>a</table>`, []string{"2:22-2:25 attr-value/keyword"}},
		{`<table border=1 cellpadding=0><tr bgcolor=red><td width=5 nowrap>a</table>`, []string{"2:8-2:13 warning obsolete/attribute", "2:17-2:27 warning obsolete/attribute", "2:35-2:41 warning obsolete/attribute", "2:51-2:55 warning obsolete/attribute", "2:59-2:64 warning obsolete/attribute"}},
		{`<table frob=1><tr><td>a</table>`, []string{"2:8-2:11 attr-unknown/unknown-attribute"}},
	})
}

func TestHTMLFormsRules(t *testing.T) {
	testRules(t, []rule{
		{`<form action="" method=put enctype=text>a</form>`, []string{"2:7-2:12 url/empty", "2:24-2:26 attr-value/keyword", "2:36-2:39 attr-value/keyword"}},
		{`<form name="">a</form>`, []string{"2:7-2:10 attr-value/empty"}},
		{`<input type=foo>`, []string{"2:13-2:15 attr-value/keyword"}},
		{`<input checked>`, []string{"2:1-2:15 attr-missing/missing-attribute"}},
		{`<input type=text checked>`, []string{"2:18-2:24 attr-unknown/misplaced-attribute"}},
		{`<input type=checkbox checked=yes>`, []string{"2:30-2:32 attr-value/boolean"}},
		{`<input type=hidden required>`, []string{"2:20-2:27 attr-unknown/misplaced-attribute"}},
		{`<input type=file value=a accept=foo>`, []string{"2:18-2:22 attr-unknown/misplaced-attribute", "2:33-2:35 attr-value/accept"}},
		{`<input type=image src=a>`, []string{"2:1-2:24 attr-missing/missing-attribute"}},
		{`<input type=image src=a alt=b formaction="">`, []string{"2:31-2:40 url/empty"}},
		{`<input type=number size=3 value=x>`, []string{"2:20-2:23 attr-unknown/misplaced-attribute", "2:33-2:33 attr-value/number"}},
		{`<input type=date value="" min=2026-02-30 step=0.5>`, []string{"2:39-2:40 attr-value/date", "2:48-2:48 attr-value/number"}},
		{`<input type=email multiple value="a@b.c,d@e.f">`, nil},
		{`<input type=range value="">`, []string{"2:19-2:23 attr-value/number"}},
		{`<input type=color value=red alpha>`, []string{"2:25-2:27 attr-value/colour"}},
		{`<input maxlength=-1 placeholder=a>`, []string{"2:18-2:18 attr-value/number"}},
		{`<input type=submit popovertarget=a popovertargetaction=open>`, []string{"2:56-2:59 attr-value/keyword"}},
		{`<input type=hidden align=left>`, []string{"2:20-2:24 attr-unknown/misplaced-attribute", "2:20-2:24 warning obsolete/attribute"}},
		{`<button type=menu>a</button>`, []string{"2:14-2:17 attr-value/keyword"}},
		{`<button command=--mine commandfor=a>b</button>`, nil},
		{`<button command=mine>b</button>`, []string{"2:17-2:20 attr-value/command"}},
		{`<button><p>a</p></button>`, []string{"2:9-2:11 content-model/not-allowed-child"}},
		{`<label><div>a</div></label>`, []string{"2:8-2:12 content-model/not-allowed-child"}},
		{`<select><option>a<option label="">b</select>`, []string{"2:26-2:30 attr-value/empty"}},
		{`<select>a</select>`, []string{"2:9-2:9 content-model/text-not-allowed"}},
		{`<select><button><selectedcontent></selectedcontent></button><option>a</select>`, nil},
		{`<select><div><option>a</div><hr><optgroup label=b><option>c</optgroup></select>`, nil},
		{`<select size=0><option>a</select>`, []string{"2:14-2:14 attr-value/zero"}},
		{`<select><optgroup><legend>a</legend><option>b</optgroup></select>`, nil},
		{`<select><div>a</div></select>`, []string{"2:14-2:14 content-model/text-not-allowed"}},
		{`<datalist><option value=a><b>c</b></datalist>`, nil},
		{`<option>a</option>`, []string{"2:1-2:8 content-model/not-allowed-child"}},
		{`<textarea rows=0 cols=x>a</textarea>`, []string{"2:16-2:16 attr-value/zero", "2:23-2:23 attr-value/number"}},
		{`<textarea wrap=hard>a</textarea>`, []string{"2:1-2:20 attr-missing/missing-attribute"}},
		{`<fieldset><p>a</p><legend>b</legend></fieldset>`, []string{"2:19-2:26 content-model/not-allowed-child"}},
		{`<fieldset><legend><h2>a</h2></legend></fieldset>`, nil},
		{`<meter>a</meter>`, []string{"2:1-2:7 attr-missing/missing-attribute"}},
		{`<progress max=0 value=-1>a</progress>`, []string{"2:15-2:15 attr-value/zero", "2:23-2:23 attr-value/negative"}},
		{`<output for="" form=a>b</output>`, []string{"2:9-2:11 attr-value/empty"}},
	})
}

func TestHTMLInteractiveRules(t *testing.T) {
	testRules(t, []rule{
		{`<details><summary>a</summary>b</details>`, nil},
		{`<details>b</details>`, []string{"2:10-2:10 content-model/text-not-allowed", "2:11-2:20 content-model/missing-child"}},
		{`<details><p>a</p><summary>b</summary></details>`, []string{"2:10-2:12 content-model/missing-child", "2:18-2:26 content-model/not-allowed-child"}},
		{`<details name="" open=yes><summary>a</summary></details>`, []string{"2:10-2:13 attr-value/empty", "2:23-2:25 attr-value/boolean"}},
		{`<summary>a</summary>`, []string{"2:1-2:9 content-model/not-allowed-child"}},
		{`<dialog closedby=any open>a</dialog>`, nil},
		{`<dialog closedby=me>a</dialog>`, []string{"2:18-2:19 attr-value/keyword"}},
		{`<script src="" frob></script>`, []string{"2:9-2:11 url/empty", "2:16-2:19 attr-unknown/unknown-attribute"}},
		{`<script language=javascript>a()</script>`, []string{"2:9-2:16 warning obsolete/attribute"}},
		{`<template shadowrootmode=ajar><li><center>a</center></li></template>`, []string{"2:26-2:29 attr-value/keyword"}},
		{`<slot name=a><p>b</p></slot>`, nil},
		{`<ul><noscript></noscript></ul>`, []string{"2:5-2:14 content-model/not-allowed-child"}},
		{`<noscript><p>a</p></noscript>`, nil},
	})
}

func TestHTMLObsoleteRules(t *testing.T) {
	testRules(t, []rule{
		{`<center><ul>a</ul></center>`, []string{"2:1-2:8 obsolete/element"}},
		{`<ul><font>a</font></ul>`, []string{"2:5-2:10 obsolete/element", "2:5-2:10 content-model/not-allowed-child"}},
		{`<span><center>a</center></span>`, []string{"2:7-2:14 obsolete/element", "2:7-2:14 content-model/not-allowed-child"}},
		{`<font><font frob>a</font></font>`, []string{"2:1-2:6 obsolete/element", "2:7-2:17 obsolete/element"}},
		{`<acronym title=a>b</acronym>`, []string{"2:1-2:17 obsolete/element"}},
		{`<frob>a</frob>`, []string{"2:1-2:6 content-model/unknown-element"}},
		{`<frob><div align=left bar>a</div></frob>`, []string{"2:1-2:6 content-model/unknown-element", "2:12-2:16 warning obsolete/attribute"}},
		{`<center><frob></frob></center>`, []string{"2:1-2:8 obsolete/element", "2:9-2:14 content-model/unknown-element"}},
		{`<ul><frob><tt>a</tt></frob></ul>`, []string{"2:5-2:10 content-model/unknown-element", "2:11-2:14 obsolete/element"}},
		{`<object data=a><param name=b></object>`, []string{"2:16-2:29 obsolete/element"}},
		{`<blink>a</blink>`, []string{"2:1-2:7 obsolete/element", "2:1-2:7 content-model/not-allowed-child"}},
		{`<template><blink>a</blink><frob></frob></template>`, nil},
		{`<marquee>a</marquee><nobr>b</nobr><big>c</big>`, []string{"2:1-2:9 obsolete/element", "2:21-2:26 obsolete/element", "2:35-2:39 obsolete/element"}},
		{`<span><my-element><div>a</div></my-element></span>`, []string{"2:19-2:23 content-model/not-allowed-child"}},
		{`<my-element><li>a</li></my-element>`, []string{"2:13-2:16 content-model/not-allowed-child"}},
		{`<svg><rect width=1 height=1 /></svg>`, nil},
		{`<ul><svg></svg></ul>`, []string{"2:5-2:9 content-model/not-allowed-child"}},
		{`<p><math><mi>a</mi></math>`, nil},
	})
}
