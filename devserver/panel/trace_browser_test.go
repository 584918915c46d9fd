package panel_test

import (
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// traceApp fails at once with a page for f's trace.
func traceApp(t *testing.T, mark string) *app {
	f := panicked(mark)
	a := newApp(t, map[string]string{"/": "<!doctype html><title>back</title><link rel=icon href=data:,><p>x"})
	a.status.State, a.status.Build, a.fail = f.State, f.Build, &f
	return a
}

// calm fails the test when the console holds more than the answer of 500 itself.
func (b *tab) calm() {
	b.t.Helper()
	for _, l := range b.console() {
		if !strings.Contains(l, "Failed to load resource: the server responded with a status of 50") {
			b.t.Errorf("console: %s", l)
		}
	}
}

// TestBrowserTrace reads the value of a local variable from the page of a failure, which
// reloads when the next program answers.
func TestBrowserTrace(t *testing.T) {
	a := traceApp(t, "")
	b := newTab(t)
	b.open(a.URL + "/")
	b.until(`document.querySelector('.hero .vars').innerText.match(/lines\s+2/)`)
	b.until(`document.querySelector('h1').innerText.includes('o.Customer is nil')`)
	b.until(`[...document.querySelectorAll('button.act')].map(b => b.textContent).join() === 'Try again,Copy as Markdown'`)
	if got := b.eval(`[...document.querySelectorAll('.hero .vars summary .vn')].map(e => e.textContent).slice(0, 2).join()`); got != "o,Lines" {
		t.Errorf("the tree of the argument begins %v", got)
	}
	b.eval(`document.querySelector('.hero .vars summary').focus()`)
	b.key("Enter")
	b.until(`document.querySelector('.hero .vars details').open`)
	a.set(inspect.StateRunning, &inspect.Build{Number: 12, Result: inspect.BuildOK}) // a restart of the same build
	a.mu.Lock()
	a.fail = nil
	a.mu.Unlock()
	b.until(`document.title === 'back' || document.title.startsWith('E-')`)
	a.set(inspect.StateRunning, &inspect.Build{Number: 13, Result: inspect.BuildOK})
	b.until(`document.title === 'back'`)
	b.calm()
}

// TestBrowserTraceHostile: nothing that an app or a client says becomes markup.
func TestBrowserTraceHostile(t *testing.T) {
	a := traceApp(t, evil)
	b := newTab(t)
	b.open(a.URL + "/")
	b.until(`document.querySelector('.hero .vars').innerText.includes('<script>window.pwned=1</script>')`)
	if b.eval(`window.pwned === undefined && document.images.length === 0 && document.scripts.length === 1`) != true {
		t.Error("a value of the program became markup")
	}
	b.calm()
}
