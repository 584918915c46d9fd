package main

import (
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

func TestHints(t *testing.T) {
	text := strings.Repeat("all the same again and again\n", 1000)
	with := func(change func(*inspect.Exchange)) *inspect.Exchange {
		ex := answered("/", 1, text, nil)
		if change != nil {
			change(ex)
		}
		return ex
	}
	tests := []struct {
		name string
		ex   *inspect.Exchange
		want string
	}{
		{"text", with(nil), "compression would save 28."},
		{"in part", with(func(ex *inspect.Exchange) { ex.Response.Body.Truncated = true }), "of the first 29.0 kB"},
		{"compressed", with(func(ex *inspect.Exchange) { ex.Response.Header["Content-Encoding"] = []string{"br"} }), ""},
		{"small", with(func(ex *inspect.Exchange) { ex.Response.Body.Data = []byte(text[:3000]) }), ""},
		{"an image", with(func(ex *inspect.Exchange) { ex.ContentType = "image/png" }), ""},
		{"a part of another", with(func(ex *inspect.Exchange) { ex.Parent = ex.ID }), ""},
		{"our own", with(func(ex *inspect.Exchange) { ex.ResponseFrom = inspect.FromPastedev }), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ex := tt.ex
			ex.Hints = hints(ex)
			if got := hintText(ex); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("hint %q, want %q in it", got, tt.want)
			}
		})
	}
}
