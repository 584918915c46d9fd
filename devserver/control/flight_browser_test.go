package control

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/pastedev/pastedev/inspect"
)

// TestBrowserFlightEnds: an open exchange shows its end by itself, also where the list does not
// hold it, and where the feed was broken when it ended.
func TestBrowserFlightEnds(t *testing.T) {
	for _, c := range []struct {
		name, filter string
		end          func(*fakeStore, *inspect.Exchange)
	}{
		{"in the list", "", (*fakeStore).finish},
		{"filtered out", "-status:201", (*fakeStore).finish}, // which an unfinished one passes
		{"never in the list", "path:/other", (*fakeStore).finish},
		{"feed broken", "", func(f *fakeStore, ex *inspect.Exchange) { f.kick(); f.finish(ex) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := startInstance(t)
			i.store.add(exchange("GET", "/other", 200))
			b := newBrowser(t)
			b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/other"))
			if c.filter != "" {
				b.run(t, chromedp.SendKeys(chromedp.CSS("#filter"), c.filter+"\r"), until(`document.querySelector('#counts').textContent === "1 of 1"`))
			}
			slow := exchange("POST", "/slow", 201)
			i.store.start(slow)
			b.run(t, do(`location.hash = "#/exchanges/`+string(slow.ID)+`/response"`), until(`document.querySelector('.flight-bar')`))
			c.end(i.store, slow)
			b.run(t, until(`document.querySelector('#detail .badge')?.textContent === "201" && !document.querySelector('.flight-bar')`),
				until(`document.querySelector('#tab-response').getAttribute('aria-selected') === 'true'`))
			if problems := b.problems(); problems != "" {
				t.Errorf("console:\n%s", problems)
			}
		})
	}
}

// TestBrowserBetween: what comes after the list's answer and before its feed is in the list
// as well, also while an older row is read.
func TestBrowserBetween(t *testing.T) {
	i := startInstance(t)
	first := i.store.add(exchange("GET", "/first", 200))
	i.store.add(exchange("GET", "/second", 200))
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/second"), do(`document.querySelector('[data-id="`+string(first.ID)+`"]').click()`),
		until(`document.querySelector("#detail .badge")?.textContent === "200" && document.querySelector("#follow").getAttribute("aria-pressed") === "false"`))
	i.store.mu.Lock()
	i.store.missed = exchange("GET", "/between", 200)
	i.store.mu.Unlock()
	b.run(t, chromedp.SendKeys(chromedp.CSS("#filter"), "status:200\r"), rowWith("/between"))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}
