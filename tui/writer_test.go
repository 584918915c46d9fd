package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
)

func plainWriter(width int) writer {
	return writer{th: theme.New(true, colorprofile.NoTTY, false), width: width}
}

// TestOverviewHint: what could be better about an exchange is told in the terminal as it is
// by show and in the inspector page.
func TestOverviewHint(t *testing.T) {
	ex := fakeExchange(inspect.Summary{Method: "GET", Path: "/", Kind: inspect.KindHTTP}, false)
	w := plainWriter(80)
	docs := w.exchange(ex, nil, nil)
	if text := ansi.Strip(strings.Join(docs[tabOverview], "\n")); strings.Contains(text, "hint") {
		t.Errorf("a hint is told of without any:\n%s", text)
	}
	ex.Hints = []inspect.Diagnostic{{Message: "compression would save 40.1 kB"}}
	docs = w.exchange(ex, nil, nil)
	if text := ansi.Strip(strings.Join(docs[tabOverview], "\n")); !strings.Contains(text, "hint               compression would save 40.1 kB") {
		t.Errorf("the overview does not tell the hint:\n%s", text)
	}
}

// TestTimingRest: time that is in no phase has a line, where it is worth one.
func TestTimingRest(t *testing.T) {
	for _, tt := range []struct {
		total, wait inspect.Millis
		want        bool
	}{{ms(100), ms(95), false}, {ms(316), 0, true}, {ms(100), ms(60), true}, {0, ms(60), false}} {
		w := plainWriter(80)
		w.phases(inspect.Timing{Wait: tt.wait, Total: tt.total})
		if text := strings.Join(w.take(), "\n"); strings.Contains(text, "the rest") != tt.want {
			t.Errorf("total %v, wait %v: the rest is told: %v, want %v\n%s", tt.total, tt.wait, !tt.want, tt.want, ansi.Strip(text))
		}
	}
}
