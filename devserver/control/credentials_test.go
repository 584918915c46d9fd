package control

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
)

// TestBrowserCredentials: what a request carries of who somebody is can be read, and its
// secrets only when asked for.
func TestBrowserCredentials(t *testing.T) {
	i := startInstance(t)
	ex := exchange("GET", "/cart", 200)
	ex.Request.Header = inspect.Header{"Authorization": {"Basic YW5uOnNlY3JldHdvcmQ="}}
	i.store.add(ex)
	text := func(reveal bool) string {
		list, err := i.svc.Credentials(t.Context(), ex.ID, reveal)
		if err != nil || len(list) != 1 || list[0].Kind != authview.Basic {
			t.Fatalf("%+v, %v; want one of kind basic", list, err)
		}
		var all []string
		for _, f := range list[0].Fields {
			all = append(all, f.Name+"="+f.Value)
		}
		return strings.Join(all, " ")
	}
	if got := text(false); strings.Contains(got, "secretword") || !strings.Contains(got, "ann") {
		t.Errorf("masked: %s", got)
	}
	if got := text(true); !strings.Contains(got, "secretword") {
		t.Errorf("revealed: %s", got)
	}
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()+"&to=/exchanges/"+string(ex.ID)+"/request"),
		until(`document.querySelector('.credential summary').textContent.startsWith("basic Authorization")`),
		until(`document.querySelector('.credential').textContent.includes("ann") && !document.querySelector('.credential').textContent.includes("secretword")`),
		chromedp.Click(chromedp.CSS("#reveal")), until(`document.querySelector('.credential').textContent.includes("secretword")`))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
}
