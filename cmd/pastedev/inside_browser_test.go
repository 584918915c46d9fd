package main

import (
	"fmt"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestInsideBrowser opens the error page of an app that knows nothing of us in a real
// Chromium, and mends the app.
func TestInsideBrowser(t *testing.T) {
	browser := startChromium(t)
	in := startPanics(t)
	in.traceOf("/map") // from here on the debug data is linked
	b := newTab(t, browser)
	b.poll(func() bool { // on a machine that is very busy a page goes out before the locals are read
		b.do(chromedp.Navigate(in.url + "nil?name=" + url.QueryEscape(`<script>window.pwned=1</script>`)))
		if strings.Contains(b.eval(`document.querySelector('h1')?.innerText ?? ''`).(string), "u is nil") || runtime.GOOS != "linux" {
			return true
		}
		in.settle()
		return false
	}, func() { t.Fatal("the page never names the nil variable") })

	for _, step := range []struct {
		name string
		run  func(*testing.T, *instance, *tab)
	}{
		{"locals", pageLocals},
		{"closed", pageClosed},
		{"colours", pageColours},
		{"mended", pageMended},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			b.t, in.tb = t, t
			step.run(t, in, b)
		}) {
			t.Fatalf("no use to go on; pastedev said:\n%s", in.log)
		}
	}
	in.tb = t
}

// settle waits until the variables of the newest panic are read, so that the next one has
// the machine to itself, and starts the program anew: of one run only the first panics have
// variables.
func (in *instance) settle() {
	in.tb.Helper()
	c := in.client()
	list, err := c.Traces(in.tb.Context(), 1)
	if err != nil || len(list) == 0 {
		in.tb.Fatalf("traces: %v %+v", err, list)
	}
	in.trace(list[0].ID)
	if err := c.Restart(in.tb.Context()); err != nil {
		in.tb.Fatal(err)
	}
}

// pageLocals: the page says in words what happened, with the line and its variables.
func pageLocals(t *testing.T, _ *instance, b *tab) {
	b.until(`document.querySelector('h1')?.innerText.startsWith('nil pointer dereference')`)
	text := b.eval(`document.body.innerText`).(string)
	for _, want := range []string{"faults.go:", `fmt.Fprintf(w, "%s, %d visits, %d in the basket\n", u.Email, visits, len(basket))`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	vars := b.eval(`document.querySelector('main section .vars')?.innerText ?? ''`).(string)
	for _, want := range []string{
		`name\s+"<script>window\.pwned=1</script>"\s+string`, `visits\s+217\s+int`, `u\s+nil\s+\*main\.User`,
	} {
		if !regexp.MustCompile(want).MatchString(vars) {
			t.Errorf("the variables show no %s:\n%s", want, vars)
		}
	}
}

// pageClosed: the page loads nothing from elsewhere and runs nothing but its own.
func pageClosed(t *testing.T, in *instance, b *tab) {
	if b.eval(`typeof window.pwned`) != "undefined" {
		t.Error("a value of a variable ran as a script")
	}
	foreign := b.eval(`JSON.stringify([...performance.getEntriesByType('resource').map(e => e.name),
		...[...document.querySelectorAll('[src], link[href]')].map(e => e.src || e.href)].filter(u => !u.startsWith('data:') && new URL(u).origin !== location.origin))`)
	if foreign != "[]" {
		t.Errorf("the page asks elsewhere: %s", foreign)
	}
	policy := in.ask("/nil", "Accept: text/html").header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy %q", policy)
	}
}

// pageColours: the page is as dark as the reader wants it.
func pageColours(t *testing.T, _ *instance, b *tab) {
	bright := map[string]float64{}
	for _, scheme := range []string{"light", "dark"} {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
			t.Fatal(err)
		}
		var red, green, blue float64
		colour := b.eval(`getComputedStyle(document.body).backgroundColor`).(string)
		if _, err := fmt.Sscanf(colour, "rgb(%g, %g, %g)", &red, &green, &blue); err != nil {
			t.Fatalf("%s: background %q", scheme, colour)
		}
		bright[scheme] = (red + green + blue) / 3
	}
	if bright["light"] < 200 || bright["dark"] > 60 {
		t.Errorf("brightness of the background %v", bright)
	}
}

// pageMended: a save, and the page asks again by itself.
func pageMended(t *testing.T, in *instance, b *tab) {
	in.edit("faults.go", "u := users[name]", `u := users["ann"]`)
	b.until(`document.body.innerText.includes('ann@example.com, 217 visits, 2 in the basket')`)
}
