package control

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserFormat holds the inspector page's texts of times and sizes to the table that all
// others are held to.
func TestBrowserFormat(t *testing.T) {
	data, err := os.ReadFile("../../inspect/testdata/format.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string][][2]any
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(startInstance(t).OpenURL()), until(`document.querySelector('#filter')`),
		do(`import("/format.js").then(m => { window.format = m })`), do(`import("/flame.js").then(m => { window.flame = m })`), until(`window.format && window.flame`))
	for name, call := range map[string]string{"durations_ns": "format.millis(%d / 1e6)", "nanos": "flame.duration(%d)", "sizes": "format.bytes(%d)"} {
		if len(table[name]) == 0 {
			t.Errorf("the table has no %s", name)
		}
		for _, row := range table[name] {
			if got := js[string](t, b, fmt.Sprintf(call, int64(row[0].(float64)))); got != row[1] {
				t.Errorf("%s: %v is %q, want %q", name, row[0], got, row[1])
			}
		}
	}
	if got := js[string](t, b, `format.millis(undefined) + format.millis(null)`); got != "" {
		t.Errorf("a time that is not known is %q", got)
	}
}
