package inspect_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

func TestMillisJSON(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "1.5": 1500 * time.Microsecond, "-2": -2 * time.Millisecond, "1e3": time.Second, "null": 0,
	} {
		var m inspect.Millis
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.Duration() != want {
			t.Errorf("%s: %v, %v", text, m.Duration(), err)
		}
	}
	for _, text := range []string{`"5"`, `{}`, `true`, `1e999`} {
		m := inspect.Millis(7)
		if err := json.Unmarshal([]byte(text), &m); err == nil || m != 7 {
			t.Errorf("%s: %v, no error", text, m)
		}
	}
}
