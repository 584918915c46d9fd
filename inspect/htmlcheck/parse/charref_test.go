package parse

import "testing"

func TestBeginsReference(t *testing.T) {
	for start, want := range map[string]bool{"am": true, "amp": true, "lan": true, "nos": false, "nosuch": false, "zzz": false, "A": true, "": true} {
		if got := BeginsReference(start); got != want {
			t.Errorf("%q: %v, want %v", start, got, want)
		}
	}
}
