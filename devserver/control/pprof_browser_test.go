package control

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// pprof's pages work under their policy: scripts draw, links lead from one to the next,
// and nothing else may be done in them.
func TestBrowserPprof(t *testing.T) {
	i, ex := withProfile(t)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(i.OpenURL()), rowWith("/cart"), chromedp.Navigate(i.URL()+"pprof/1/"),
		until(`document.querySelectorAll("#stack-chart .boxbg").length > 2`))
	if got := js[string](t, b, `location.pathname`); got != "/pprof/1/flamegraph" {
		t.Errorf("the profile opens at %s", got)
	}
	if js[bool](t, b, `["list", "disasm", "config"].some(id => document.getElementById(id).offsetParent)`) {
		t.Error("the menu leads to pages that are refused")
	}
	b.run(t, do(`document.getElementById("topbtn").click()`), until(`document.querySelectorAll("#rows tr").length === 3`),
		do(`document.getElementById("search").value = "total"`), do(`document.getElementById("peek").click()`), until(`location.pathname === "/pprof/1/peek" && document.querySelector("pre")`),
		chromedp.Navigate(i.URL()+"pprof/calls-"+string(ex.ID)+"/"), until(`document.querySelectorAll("#stack-chart .boxbg").length > 2`))
	if p := b.problems("can escape its sandboxing"); p != "" {
		t.Errorf("console:\n%s", p)
	}
	if js[bool](t, b, `window.open("about:blank") !== null`) {
		t.Error("the page opens windows")
	}
	if got := js[string](t, b, `document.cookie`); got != "" {
		t.Errorf("the page reads %q", got)
	}
	b.run(t, do(`const s = document.createElement("script"); s.textContent = "window.ran = 1"; document.body.append(s)`),
		do(`fetch("/api/v1/status").then(() => window.asked = 1, () => window.refused = 1)`), until(`window.refused`))
	if js[bool](t, b, `!!window.ran || !!window.asked`) {
		t.Error("the page runs what was put into it, or asks the API")
	}
	if p := b.problems(); !strings.Contains(p, "Content Security Policy") {
		t.Errorf("nothing was held back:\n%s", p)
	}
}
