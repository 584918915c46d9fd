package traceback

import "testing"

// TestPlainShowsReordering: source that reads as something it is not is shown as it is.
func TestPlainShowsReordering(t *testing.T) {
	in := "if admin { // \u202e\u2066 check\u2069\u200f\x1b[31m\n"
	if got, want := plain(in), `if admin { // \u202e\u2066 check\u2069\u200f`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
