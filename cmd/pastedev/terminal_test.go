package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// TestColoured: what is no terminal has colours where they are asked for, and NO_COLOR
// outdoes that.
func TestColoured(t *testing.T) {
	for _, tt := range []struct {
		none, force string
		want        bool
	}{{"", "", false}, {"", "1", true}, {"", "0", false}, {"1", "1", false}} {
		t.Setenv("NO_COLOR", tt.none)
		t.Setenv("CLICOLOR_FORCE", tt.force)
		var b bytes.Buffer
		if err := printErrors(&b, []inspect.Trace{{Code: "E-abcde", Headline: "it broke"}}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "\x1b["); got != tt.want {
			t.Errorf("NO_COLOR=%s CLICOLOR_FORCE=%s: %q", tt.none, tt.force, &b)
		}
	}
}

// TestSlim: on a small terminal the names are seen, not all of the numbers.
func TestSlim(t *testing.T) {
	for _, top := range []bool{false, true} {
		p := &paper{width: 40, terminal: true}
		if tree := exampleTree(6 * time.Millisecond); top {
			p.callTop(tree, false)
		} else {
			p.callTree(tree, false)
		}
		if text := p.b.String(); !strings.Contains(text, "sql query SELE") || strings.Contains(text, "calls") {
			t.Errorf("top %v:\n%s", top, text)
		}
	}
}
