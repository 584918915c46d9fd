package panel_test

import (
	"testing"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

// TestBrowserApart: a page about a program that the state is not about asks again when that
// is built anew, and at nothing that others do.
func TestBrowserApart(t *testing.T) {
	failed := inspect.Build{Number: 3, Mount: "/pages", Result: inspect.BuildFailed, Diagnostics: []inspect.Diagnostic{{Severity: inspect.SeverityError, Message: "undefined: x"}}}
	for name, fixed := range map[string]inspect.Event{
		"built anew":   inspect.BuildChanged{Build: inspect.Build{Number: 6, Mount: "/pages", Result: inspect.BuildOK}},
		"other errors": inspect.BuildChanged{Build: inspect.Build{Number: 6, Mount: "/pages", Result: inspect.BuildFailed}},
		"a file":       inspect.AssetsChanged{Paths: []string{"pages/a.go"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, map[string]string{"/": "<!doctype html><title>back</title><link rel=icon href=data:,><p>x"})
			a.status.State, a.fail = inspect.StateRunning, &panel.Failure{Reason: panel.BuildFailed, Status: 500, State: inspect.StateRunning, Target: "/pages/a.go", Build: &failed, Apart: true}
			b := newTab(t)
			b.open(a.URL + "/")
			b.until(`document.title.includes('pastedev') && document.readyState === 'complete'`)
			b.eval(`const es = new EventSource(document.body.dataset.events); es.addEventListener('build', (e) => { window.last = JSON.parse(e.data).number }); new Promise((r) => es.addEventListener('state', r, {once: true}))`)
			a.set(inspect.StateRunning, &inspect.Build{Number: 4, Mount: "/app", Result: inspect.BuildOK})
			a.set(inspect.StateFailed, &inspect.Build{Number: 5, Mount: "/app", Result: inspect.BuildFailed})
			b.until(`window.last === 5`)
			a.mu.Lock()
			a.fail = nil
			a.mu.Unlock()
			a.events <- fixed
			b.until(`document.title === 'back'`)
			if n := a.count("/"); n != 2 {
				t.Errorf("loaded %d times, want 2", n)
			}
		})
	}
}

// TestBrowserPostUnknown: also where the page has not learned how it was asked for, the answer
// to a form is not sent again by a reload.
func TestBrowserPostUnknown(t *testing.T) {
	a := newApp(t, map[string]string{"/": `<!doctype html><title>form</title><form method=post action=/sent><button>send</button></form>`,
		"/sent": "<!doctype html><title>sent</title>"})
	a.untimed = true
	b := newTab(t)
	b.open(a.URL + "/")
	b.eval(`document.forms[0].submit()`)
	b.until(`document.title === 'sent' && document.readyState === 'complete'`)
	a.set(inspect.StateRunning, &inspect.Build{Number: 2, Result: inspect.BuildOK})
	b.text("send the form again", true)
	if n := a.count("/sent"); n != 1 {
		t.Errorf("form sent %d times", n)
	}
}
