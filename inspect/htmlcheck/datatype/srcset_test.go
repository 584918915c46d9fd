package datatype

import "testing"

func TestSrcset(t *testing.T) {
	testValues(t, "srcset", valueCases{
		good: []string{
			"a", "a 1x", "a 1x, b 2x", "a, b 2x", "a,b", "a 1.5x", "a 1e3x", "a ,b 2x", "a 2w", "a .5x", "a\t1x", "a  1x",
			"a 01x", "(a) 1x", "a(b) 1x", "javascript:foo 1x", "a 1x\n, b 2x", "é 1x",
			"data:image/gif;base64,R0lGODlhAQABAAAAACw= 1x", "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "data:,a 1x",
			"data:image/svg+xml,%3Csvg%3E 1x", "data:image/gif;base64,R0lGODlhAQABAAAAACw= 1x, data:,b 2x", "mailto: 1x",
			"//a 1x", "a 1.0e2x", "a 1e-2x", "a 1E2x", "a 1e+2x",
		},
		bad: []string{
			"", "a, b", "a 1x,b 1x", "a 1x, b", "a 1x, b 1.0x", "a -1x", "a 0x", "a 1", "a x", "a 1y", "a 1x 2x", "a 1x foo",
			"a (1x)", ",a", "a,", "a,, b", "a 1x,", "a 1x,,b 2x", "a 1h", "a 100w 50h", "a +1x", "a 1.x", "a 1X",
			"http://a b/ 1x", "data:image/gif;base64,xx 1x", "data:image/gif;base64,xx, b 2x", "a 1x /* x */", "a 1x;",
			"http://[ 1x", "%zz 1x", "a 2x, b 2x", "a 1x, b 1x", "a NaNx", "a Infinityx", "a -0x", "a 1x, b 2", "{}", "a b",
			"a 3.0x, b 3x", "  ", "a|b 1x", "data:image/svg+xml;utf8,<svg> 1x", `a\b 1x`, "http://a.b:x/ 1x", "a 1ex",
			"a 0.0x", "a 1x,\nb 2x,\n",
		},
	})
}

func TestSrcsetWidth(t *testing.T) {
	testValues(t, "srcset-width", valueCases{
		good: []string{
			"a 1w", "a 01w",
		},
		bad: []string{
			"a", "a 1w, b", "a 1w, b 2x", "a 1w, b 1w", "a 0w", "a -1w", "a +1w", "a 1.5w", "a 1e3w", "a w", "a 1w 1h",
			"a 1w 1x", "a 1h", "a 1h 1w", "a 1w 0h", "a 1W", "a 1w foo", "a, b 2w", "a 1x", "", "a 1w,",
			"a 100w 10h, b 200w 20h", "a 1w 1w", "a 1w 1h 1h", "a 99999999999w", "a 1w (a)", "a 1w, b 01w", "a 1w;",
			"/a.jpg 320w, /b.jpg, 640w", "a 1w b 2w",
		},
	})
}

func TestSizes(t *testing.T) {
	testValues(t, "sizes", valueCases{
		good: []string{
			"100vw", "0", "1px", "+1px", ".5px", "1e3px", "auto", "auto, 100vw", "(min-width:1px) 50vw",
			"(min-width:1px) 50vw, 100vw", "calc(1px + 2px)", "calc(1px)", "calc()", "calc(foo)", "min(1px,2px)",
			"max(1px,2px)", "clamp(1px,2px,3px)", "(min-width:1px) calc(1px + 2vw), 100vw", "not (color) 1px, 2px",
			"(color) and (hover) 1px, 2px", "(color) or (hover) 1px, 2px", "(foo:bar) 1px, 2px", "/* x */ 1px", "1px/* x */",
			"(foo) 1px", "(min-width:100px) and (max-width:200px) 1px, 2px", "(min-width:100px)1px, 2px", "1em", "1rem",
			"1ch", "1ex", "1lh", "1cm", "1mm", "1q", "1in", "1pt", "1pc", "1vh", "1vi", "1vb", "1vmin", "1vmax", "1dvw",
			"1svw", "1lvw", "1cap", "1ic", "1rlh", "1PX", "1Vw", "(width >= 600px) 1px, 2px", "((color)) 1px, 2px",
			"not ((color)) 1px, 2px", " 1px ", "\t1px\n", "(max-width: 768px) 100vw, (max-width: 1200px) 50vw, 33vw",
			"calc(100vw - (2 * 1rem))", "calc(100% - 1px)", "round(1px,2px)", "-0px", "-0", "+0", "0.0", "00", "1e+3px",
			"1e-3px", "1E3px", "AUTO", " auto",
		},
		bad: []string{
			"", "50%", "100", "-1px", "5.px", "1epx", "1e", "auto 100vw", "100vw, (min-width:1px) 50vw",
			"(min-width:1px) 50vw,", "100vw,", ",100vw", "100vw, 50vw", "calc((1px)", "calc(1px))",
			"screen and (color) 1px, 2px", "screen 1px, 2px", "screen", "foo", "1foo", "1 px", "1px foo", "foo 1px",
			"1px 2px", "(1px", "100vw;", "(min-width:100) 1px, 2px", "1cqw", "1deg", "1s", "1dppx", "1hz", "1fr", "1x",
			"infinity", "not screen 1px,2px", "all 1px, 2px", "min(1px,2px", "(min-width:1px), 2px", "1px,,2px", "var(--x)",
			"env(x)", "calc(1px", "100vw, 100vw", "(max-width: 768px) 100vw, 768 px", "{}", "--1px", "1.5.5px", "1px!", "#f",
			"auto,", "auto,auto", "auto foo", "100vw, auto", "(color) auto", "(color) auto, 1px",
		},
	})
}
