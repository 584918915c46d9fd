//go:build unix

package main

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// TestPasswordTyped: it is asked for twice on the terminal, which shows nothing of it and is
// afterwards as before.
func TestPasswordTyped(t *testing.T) {
	for _, tt := range []struct {
		name, first, second string
		code                int
		want                string // on standard error; that of ann's line for none
	}{
		{"the same twice", "sesamx\x7fe\r", "sesame\r", exitOK, ""},
		{"two that differ", "sesame\r", "sesam\r", exitUsage, "the two differ"},
		{"none", "\r", "", exitUsage, "the password is empty"},
		{"Ctrl-C", "\x03", "", exitFailure, ""},
		{"Ctrl-C at the second", "sesame\r", "\x03", exitFailure, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, tty, err := pty.Open()
			if err != nil {
				t.Skipf("no pseudo terminal: %v", err)
			}
			defer file.Close()
			defer tty.Close()
			before, err := term.GetState(tty.Fd())
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			code := make(chan int, 1)
			go func() { // ends when all is typed, or the terminal is gone
				code <- run(t.Context(), []string{"password", "ann"}, stdio{in: tty, out: &out, err: tty})
				_, _ = io.WriteString(tty, "\r\nthe end\r\n")
			}()
			shown := shownUntil(t, file, "password for ann: ") // only then nothing is echoed
			if _, err := io.WriteString(file, tt.first); err != nil {
				t.Fatal(err)
			}
			if tt.second != "" {
				shown += shownUntil(t, file, "the same again: ")
				if _, err := io.WriteString(file, tt.second); err != nil {
					t.Fatal(err)
				}
			}
			shown += shownUntil(t, file, "the end")
			if got := <-code; got != tt.code || !strings.Contains(shown, tt.want) || strings.Contains(shown, "sesam") {
				t.Errorf("ends with %d, want %d; the terminal shows %q", got, tt.code, shown)
			}
			if made := strings.HasPrefix(out.String(), "ann:$2y$"); made != (tt.code == exitOK) {
				t.Errorf("prints %q", &out)
			}
			if after, err := term.GetState(tty.Fd()); err != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("the terminal's settings are %+v, %v; were %+v", after, err, before)
			}
		})
	}
}

// shownUntil reads what the terminal shows until it has shown text.
func shownUntil(t *testing.T, terminal io.Reader, text string) string {
	t.Helper()
	var all []byte
	one := make([]byte, 1)
	for !bytes.HasSuffix(all, []byte(text)) {
		if _, err := terminal.Read(one); err != nil {
			t.Fatalf("%v after %q", err, all)
		}
		all = append(all, one...)
	}
	return string(all)
}
