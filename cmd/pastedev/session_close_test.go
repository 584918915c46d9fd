package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestCloseErrors: what goes wrong at the end is told, and makes the exit code, unless the
// program's own says more.
func TestCloseErrors(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fails, by error
		want      error
	}{
		{"all well", nil, nil, nil},
		{"a file is lost", errors.New("access log: disk full"), nil, exitError(exitFailure)},
		{"after the program's end", errors.New("access log: disk full"), exitError(3), exitError(3)},
	} {
		var told bytes.Buffer
		s := &session{std: stdio{err: &told}}
		s.serving = newServing(s, setup{}, nil)
		s.serving.now.Load().later(func() error { return tt.fails })
		if got := s.over(tt.by); got != tt.want {
			t.Errorf("%s: ends by %v, want %v", tt.name, got, tt.want)
		}
		if tt.fails != nil && told.String() != "pastedev: "+tt.fails.Error()+"\n" || tt.fails == nil && told.Len() > 0 {
			t.Errorf("%s: says %q", tt.name, &told)
		}
		if err := s.close(); (err == nil) != (tt.fails == nil) || err != nil && !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: closed again: %v", tt.name, err)
		}
	}
}
