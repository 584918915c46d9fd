package traceback

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestContrast: all that is text on the page can be read in both schemes, on whatever it
// stands on. WCAG 2.2, success criterion 1.4.3.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllSubmatch(css, -1)
	if len(schemes) != 2 {
		t.Fatalf("found %d sets of colours, want a light and a dark one", len(schemes))
	}
	for _, scheme := range schemes {
		colours := map[string]string{}
		for _, c := range regexp.MustCompile(`--(\w+): #(\w{6})`).FindAllSubmatch(scheme[1], -1) {
			colours[string(c[1])] = string(c[2])
		}
		for ground, texts := range map[string][]string{
			"bg": {"ink", "soft", "accent", "link", "c"}, "card": {"ink", "soft", "accent", "link", "c", "n", "s"},
			"code": {"ink", "k", "s", "n", "c"}, "hit": {"ink", "k", "s", "n", "c", "accent"},
			"faint": {"ink", "soft", "link", "c"}, "hint": {"ink"},
		} {
			for _, text := range texts {
				light, dark := luminance(t, colours[text]), luminance(t, colours[ground])
				if ratio := (max(light, dark) + 0.05) / (min(light, dark) + 0.05); ratio < 4.5 {
					t.Errorf("--%s #%s on --%s #%s has a contrast of %.2f, want 4.5", text, colours[text], ground, colours[ground], ratio)
				}
			}
		}
	}
}

// luminance is the relative luminance of WCAG.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	channel := func(shift int) float64 {
		v := float64(n>>shift&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
