package panel

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// TestContrast: all that is text in the panel can be read in both schemes. WCAG 2.2,
// success criterion 1.4.3.
func TestContrast(t *testing.T) {
	schemes := regexp.MustCompile(`\.w\{(--bg:[^}\n]*)`).FindAllStringSubmatch(string(script), -1)
	if len(schemes) != 2 {
		t.Fatalf("found %d sets of colours, want a light and a dark one", len(schemes))
	}
	for _, scheme := range schemes {
		colours := map[string]string{}
		for _, c := range regexp.MustCompile(`--(\w+):#(\w{6})`).FindAllStringSubmatch(scheme[1], -1) {
			colours[c[1]] = c[2]
		}
		for _, name := range []string{"fg", "mut", "warn", "bad", "link"} {
			light, dark := luminance(t, colours[name]), luminance(t, colours["bg"])
			if light < dark {
				light, dark = dark, light
			}
			if ratio := (light + 0.05) / (dark + 0.05); ratio < 4.5 {
				t.Errorf("--%s #%s on #%s has a contrast of %.2f, want 4.5", name, colours[name], colours["bg"], ratio)
			}
		}
	}
}

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
