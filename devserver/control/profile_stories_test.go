package control

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/pastedev/pastedev/inspect"
)

// TestProfileStories draws what there is about time into the folder named by
// PASTEDEV_STORIES, to be looked at.
func TestProfileStories(t *testing.T) {
	dir := os.Getenv("PASTEDEV_STORIES")
	if dir == "" {
		t.Skip("set PASTEDEV_STORIES=DIR to draw the profile tab into DIR")
	}
	p := startProfiled(t)
	shop := p.treed("GET", shopTree("", 0))
	big, deep := p.treed("GET", bigTree(4096)), p.treed("GET", deepTree(120))
	none := p.store.add(exchange("GET", "/plain", 200))
	slow := exchange("GET", "/cart/217", 200)
	slow.CallTree, slow.Sums.Nodes, slow.Verdict = shopTree("", 38*time.Millisecond), 15, "+38 ms in query SELECT, 12 more SELECTs"
	p.store.add(slow)
	flying := exchange("GET", "/slow", 0)
	flying.Start = time.Now().Add(-34 * time.Second)
	p.store.start(flying)
	p.put(inspect.Profile{Kind: inspect.ProfileCPU, Exchange: shop.ID, Samples: 204, Others: 17, Replays: 52, Duration: inspect.Millis(3 * time.Second), Size: 5120, Walls: walls()})
	p.put(inspect.Profile{Kind: inspect.ProfileWall, Exchange: shop.ID, Duration: inspect.Millis(10 * time.Second), Size: 900,
		Note: "0 samples: the request took 4 ms, one sample is 10 ms; replay it until there are 200"})
	p.put(inspect.Profile{Kind: inspect.ProfileTrace, Exchange: shop.ID, Duration: inspect.Millis(52 * time.Millisecond), Size: 250_000, Trace: &inspect.TraceSummary{Goroutines: 3,
		Running: inspect.Millis(14 * time.Millisecond), Runnable: inspect.Millis(400 * time.Microsecond), Syscall: inspect.Millis(2 * time.Millisecond), GC: inspect.Millis(3 * time.Millisecond),
		STW: inspect.Millis(20 * time.Microsecond), Blocked: []inspect.TraceReason{{Reason: "network", Time: inspect.Millis(29 * time.Millisecond), Count: 17}, {Reason: "sync", Time: inspect.Millis(4 * time.Millisecond), Count: 1}}}})
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(p.OpenURL()), rowWith("12 more SELECTs"))
	open := func(ex *inspect.Exchange, view string) step {
		return do(`location.hash = "#/exchanges/` + string(ex.ID) + `/profile"; if ("` + view + `") document.querySelector('[data-view=` + view + `]')?.click()`)
	}
	for _, l := range []struct {
		name, scheme string
		width        int64
	}{{"light-1280", "light", 1280}, {"dark-1280", "dark", 1280}, {"light-360", "light", 360}, {"dark-360", "dark", 360}, {"light-2000", "light", 2000}} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		shot := func(name string, steps ...step) {
			t.Helper()
			b.run(t, append(steps, until(`new Promise(r => setTimeout(() => r(1), 500))`), chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
				png, err := chromedp.CaptureScreenshot()(ctx, tab)
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "profile-"+name+"-"+l.name+".png"), png, 0o600)
			}))...)
		}
		b.run(t, chromedp.EmulateViewport(l.width, 900), do(`location.hash = "#/exchanges/`+string(shop.ID)+`/profile"`), until(`document.querySelector('.fl-box')`))
		shot("list", do(`location.hash = "#/exchanges"`))
		shot("flame", open(shop, "flame"))
		shot("search", do(`{ const f = document.querySelector('.fl-find'); f.value = "select"; f.dispatchEvent(new Event("input")) }`))
		shot("zoomed", do(`{ const f = document.querySelector('.fl-find'); f.value = ""; f.dispatchEvent(new Event("input")) } `+boxOf("shop.(*Cart).Load")+`.click()`))
		shot("tree", open(shop, "tree"), do(`document.querySelector('.calls-bar button').click()`))
		shot("top", open(shop, "top"))
		shot("profiles", do(`document.querySelector('#tabpanel').scrollTop = 9999`))
		shot("recording", do(`document.querySelector('[data-record=cpu]').click()`), chromedp.Func(func(context.Context, *chromedp.Target) error {
			<-p.begun
			p.store.send(inspect.ProfileProgressed{Progress: inspect.ProfileProgress{Exchange: shop.ID, Kind: inspect.ProfileCPU, Replays: 31, Samples: 120, Wanted: 200,
				Elapsed: inspect.Millis(2 * time.Second), Limit: inspect.Millis(10 * time.Second)}})
			return nil
		}), until(`document.querySelector('.recording').textContent.includes("31 replays")`))
		b.run(t, chromedp.Click(chromedp.CSS("#record-cancel")), until(`document.querySelector('.recording').hidden`))
		<-p.canceled
		shot("compare", open(slow, ""), until(`document.querySelector('button.verdict')`), do(`document.querySelector('button.verdict').click()`), until(`document.querySelector('.changes')`))
		shot("big", open(big, ""), until(`document.querySelector('#profile')`), open(big, "flame"), until(`document.querySelectorAll('.fl-box').length > 40`))
		shot("deep", open(deep, "flame"), until(`document.querySelectorAll('.fl-box').length > 50`))
		shot("none", open(none, "flame"))
		shot("stuck", do(`location.hash = "#/exchanges/`+string(flying.ID)+`/overview"`), until(`document.querySelector('.flight-bar')`))
		shot("goroutines", chromedp.Click(chromedp.CSS("#goroutines")), until(`document.querySelector('.dump')?.textContent.includes("select")`))
		b.run(t, chromedp.KeyEvent("\x1b"))
	}
	if problems := b.problems("404"); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
	if strings.Contains(p.logged(), "refused") {
		t.Error(p.logged())
	}
}
