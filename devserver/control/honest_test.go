package control

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
)

// TestBrowserHonest: what is shown is what is there. The page writes out the characters that
// package body does, and no others.
func TestBrowserHonest(t *testing.T) {
	i := startInstance(t)
	const evil = "/a\u202egnp.exe\u2066\u200b"
	ex := exchange("GET", evil, 200)
	ex.Error = "x\u202ey"
	ex.Response.Body.Data = []byte("body\u202etext")
	ex.Response.Header["X-Evil"] = []string{"v\u2067w"}
	ex.Logs = []inspect.Output{{Text: "log\u202eline"}}
	i.store.add(ex)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), until(`document.querySelector(".path").textContent === "/a\\u202egnp.exe\\u2066\\u200b"`),
		do(`location.hash = "#/exchanges/`+string(ex.ID)+`"`), until(`document.querySelector(".facts").textContent.includes("\\u202egnp.exe")`))
	for _, tab := range []string{"request", "response", "logs"} {
		b.run(t, do(`document.getElementById("tab-`+tab+`").click()`), until(`document.getElementById("tabpanel").classList.contains("in-`+tab+`")`))
		if js[bool](t, b, `/[\u202a-\u202e\u2066-\u2069\u200b]/.test(document.body.innerText + [...document.querySelectorAll("[title]")].map((e) => e.title).join(""))`) {
			t.Errorf("%s holds a character that deceives", tab)
		}
	}
	table := ""
	for r := rune(0xa0); r < 0xe0200; r++ {
		if r == 0x3000 { // nothing up to the specials
			r = 0xf000
		}
		if r == 0x10000 {
			r = 0xe0000
		}
		if utf8.ValidRune(r) && body.Terminal(string(r), false) != string(r) {
			table += fmt.Sprintf("%x ", r)
		}
	}
	b.run(t, do(`import("/dom.js").then((m) => { window.honest = m.honest })`), until(`window.honest`))
	got := js[string](t, b, `(() => { let s = ""; for (let n = 0xa0; n < 0xe0200; n++) {
		if (n === 0x3000) n = 0xf000; if (n === 0x10000) n = 0xe0000;
		const c = String.fromCodePoint(n); if (honest(c) !== c) s += n.toString(16) + " "; } return s })()`)
	if got != table || table == "" {
		t.Errorf("the page writes out %s\nthe terminal %s", got, table)
	}
	if got, want := js[string](t, b, `honest("\u202e\u{e0041}")`), body.Terminal("\u202e\U000e0041", false); got != want {
		t.Errorf("written as %s, want %s", got, want)
	}
}
