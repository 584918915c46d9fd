package control

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserFlameZoom: by click and by key, in and out again.
func TestBrowserFlameZoom(t *testing.T) {
	p := startProfiled(t)
	b := p.opened(t, p.treed("GET", shopTree("", 0)))
	share := func(text string) string {
		return `(` + boxOf(text) + `.getBoundingClientRect().width / document.querySelector('.fl-tree').getBoundingClientRect().width)`
	}
	is := func(expr string, want float64) step {
		return until(fmt.Sprintf(`Math.abs(%s - %v) < 0.004`, expr, want))
	}
	b.run(t, is(share("shop.(*Server).cart"), 1), is(share("shop.(*Cart).Load"), 0.75),
		do(boxOf("shop.(*Cart).Load")+`.click()`), is(share("shop.(*Cart).Load"), 1), is(share("GET http://prices.test/217"), 8.0/30), is(share("shop.(*Server).cart"), 1),
		until(`[...document.querySelectorAll('.fl-crumbs button')].map(b => b.textContent).join() === "shop.(*Server).cart,shop.(*Cart).Load"`),
		until(`!`+boxOf("cart.html")), until(focused+` === "shop.(*Cart).Load"`))
	// the line tells of the box with the focus, and leads to the editor
	if got := js[string](t, b, `document.querySelector('.fl-info').textContent`); got != "example.com/shop.(*Cart).Load calls 1 total 30.0 ms (75 %) self 1.0 ms blocked 7.0 ms cart.go:43" {
		t.Errorf("told: %s", got)
	}
	if got := js[string](t, b, `document.querySelector('.fl-info a').href`); got != "vscode://file/src/shop/cart.go:43:1" {
		t.Errorf("editor: %s", got)
	}
	key := func(k string) step { return chromedp.KeyEvent(k) }
	b.run(t, key("\u0301"), until(focused+` === "query SELECT name, price FROM lines WHERE id = ?"`), key("\u0303"), until(focused+` === "GET http://prices.test/217"`),
		key("\u0301"), until(focused+` === "select"`), key("\u0304"), key("\r"), is(share("GET http://prices.test/217"), 1), is(share("select"), 7.0/8),
		key("\b"), is(share("shop.(*Cart).Load"), 1), until(focused+` === "GET http://prices.test/217"`),
		key("\x1b"), is(share("shop.(*Cart).Load"), 0.75), until(focused+` === "shop.(*Cart).Load"`))
	if js[bool](t, b, `document.querySelector('#detail').hidden`) {
		t.Error("Escape closed the exchange while there was a zoom to leave")
	}
	b.run(t, key("\x1b"), until(`document.querySelector('#detail').hidden`))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}

// TestBrowserFlameSearch: what is found is marked, with its share of the time.
func TestBrowserFlameSearch(t *testing.T) {
	p := startProfiled(t)
	b := p.opened(t, p.treed("GET", shopTree("", 0)))
	found := func(what string) step {
		return until(fmt.Sprintf(`document.querySelector('.fl-found').textContent === %q`, what))
	}
	b.run(t, do(boxOf("shop.(*Cart).Load")+`.focus()`), chromedp.KeyEvent("/"), until(`document.activeElement.matches('.fl-find')`),
		do(`document.querySelector('.fl-find').value = ""`), // the driver types what a user's key would not
		chromedp.KeyEvent("select"), found("3 found · 66 % of the time"), until(`document.querySelectorAll('.fl-box.hit').length === 3`))
	b.run(t, do(`document.querySelector('.fl-find').value = "CART)"; document.querySelector('.fl-find').dispatchEvent(new Event("input"))`), found("2 found · 75 % of the time"), // total within Load counts once
		do(`document.querySelector('.fl-find').value = "http"; document.querySelector('.fl-find').dispatchEvent(new Event("input"))`), found("2 found · 20 % of the time, 80 % of the goroutines'"),
		do(`document.querySelector('.fl-find').value = "nothing"; document.querySelector('.fl-find').dispatchEvent(new Event("input"))`), found("none found"))
	b.run(t, chromedp.KeyEvent("\x1b"), found(""), until(`document.querySelector('.fl-find').value === "" && !document.querySelector('.seeking')`))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}

// TestBrowserFlameHostile: names are text, whatever they hold, and stay in their boxes.
func TestBrowserFlameHostile(t *testing.T) {
	const evil = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>\u202e\u2066gnp.\x1b[31m\x00\u200b"
	long := strings.Repeat("VeryLongName", 2000)
	p := startProfiled(t)
	b := p.opened(t, p.treed("GET", shopTree(evil+"שלום"+long, 0)))
	for n, v := range []string{"flame", "tree", "top", "flame", "tree", "top", "flame"} {
		if n == 3 {
			b.run(t, chromedp.EmulateViewport(360, 700))
		}
		b.run(t, chromedp.Click(chromedp.CSS(`[data-view=`+v+`]`)), until(`document.querySelector('[data-view=`+v+`]').getAttribute("aria-pressed") === "true"`),
			until(`document.querySelector('.prof-body').textContent.includes("<script>window.pwned=1</script>")`))
		if js[bool](t, b, `/[\u202e\u2066\u200b\x1b\x00]/.test(document.querySelector('#profile').innerText + [...document.querySelectorAll('#profile [title], #profile [aria-label]')].map(e => e.title + e.getAttribute("aria-label")).join())`) {
			t.Errorf("%s: a character that hides or turns text is in the page", v)
		}
		if js[bool](t, b, `document.querySelector('#tabpanel').scrollWidth > document.querySelector('#tabpanel').clientWidth + 1`) {
			t.Errorf("%s: a name pushes the page wider", v)
		}
	}
	if js[bool](t, b, `"pwned" in window || document.images.length > 0 || document.querySelectorAll('main script').length > 0`) {
		t.Error("a name became markup")
	}
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}

// TestBrowserFlameLarge: of 4,096 nodes only what can be seen is drawn, deep recursion too.
func TestBrowserFlameLarge(t *testing.T) {
	p := startProfiled(t)
	b := p.opened(t, p.treed("GET", bigTree(4096)))
	n := js[int](t, b, `document.querySelectorAll('.fl-box').length`)
	thin := js[int](t, b, `[...document.querySelectorAll('.fl-box')].filter(b => b.getBoundingClientRect().width < 0.45).length`)
	if n < 100 || n > 4096 || thin > 0 {
		t.Errorf("%d boxes, %d of them too thin to be seen", n, thin)
	}
	took := js[float64](t, b, `(() => { const box = [...document.querySelectorAll('.fl-box')].find(b => b.getAttribute("aria-level") === "2"), t = performance.now(); box.click(); document.body.offsetHeight; return performance.now() - t; })()`)
	t.Logf("%d boxes, a zoom took %.1f ms with its layout", n, took)
	b.run(t, until(`document.querySelectorAll('.fl-crumbs button').length === 2`))
	deep := p.treed("GET", deepTree(1500))
	b.run(t, do(`location.hash = "#/exchanges/`+string(deep.ID)+`/profile"`), until(`document.querySelectorAll('.fl-box').length > 700 && document.querySelector('.fl-plot').scrollHeight > 12000`))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}
