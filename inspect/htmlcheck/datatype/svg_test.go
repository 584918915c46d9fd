package datatype

import (
	"strings"
	"testing"
)

// values are values of a type: good ones, ones that a browser ignores, and bad ones.
type values struct{ name, good, odd, bad string }

// TestSVG has values between bars.
func TestSVG(t *testing.T) {
	for _, c := range []values{
		{"svg-id", "a|_a|a:b|ä|a-1.2", "", "|1|a b| a|a,b|-a"},
		{"svg-language", "|en|de-AT|x-1", "", "@|e_n|en-|1a|abcdefghi"},
		{"svg-integer", "1|-1| 0 ", "|a|1.5|1e1", ""},
		{"svg-number", "1|-.5|1.|1e-3| 2 |{{ x }}|var(--a)", "|1px|1 2|a|1e", ""},
		{"svg-numbers", "|1|1 2, 3|-1-1", "1,|a|1 2px", ""},
		{"svg-number-or-percentage", "1|50%", "a|1 %", ""},
		{"svg-length", "0|1.5em|1ex|-2px|50%|auto|calc(1px + 2em)| 24 |1E1", "|a|1foo|1 px|1 2|1e", ""},
		{"svg-points", "|0,0|0 0 1,1|1-1", "1|1 2 3|a|0,0;1,1|1px 2", ""},
		{"svg-viewbox", "0 0 24 24|0,0,1.5,2", "|1 2 3|0 0 24px 24|a b c d|1 2 3 4 5", ""},
		{"svg-transform", "|none|translate(1)|translate(1,2) rotate( 45 1 2 )|matrix(1 0 0 1 2 3)|rotate(45deg)|rotate3d(1)",
			"a|scale(1|translate(1 2 3)|matrix(1)|rotate(1 2)", ""},
		{"svg-paint-order", "normal|fill|stroke fill| markers  fill|fill stroke markers", "", "|Fill|none|normal fill|fill stroke markers fill"},
		{"svg-preserve-aspect-ratio", "none|xMidYMid|xMinYMax slice| xMaxYMin  meet |defer xMidYMid", "", "|xmidymid|meet|xMidYMid foo|xMidY|xMidYMid meet slice"},
		{"svg-target", "_blank|a| a |a:b", "", "|a b|a/b|#a"},
		{"svg-version", "1.1", "1.0|1.2", "2.0||1.1 "},
	} {
		c.test(t)
	}
}

func (c values) test(t *testing.T) {
	t.Helper()
	check := func(list, kind string, right func(*Problem) bool) {
		if list == "" && kind != "good" {
			return
		}
		for v := range strings.SplitSeq(list, "|") {
			p := Check(c.name, v)
			if !right(p) {
				t.Errorf("%s: %q is not %s: %+v", c.name, v, kind, p)
			}
			if p != nil && (p.Message == "" || p.Start < 0 || p.End < p.Start || p.End > len(v)) {
				t.Errorf("%s: %q has the problem %+v", c.name, v, p)
			}
		}
	}
	if c.good != "" {
		check(c.good, "good", func(p *Problem) bool { return p == nil })
	}
	check(c.odd, "odd", func(p *Problem) bool { return p != nil && p.Warning })
	check(c.bad, "bad", func(p *Problem) bool { return p != nil && !p.Warning })
}

func TestSVGPath(t *testing.T) {
	for _, v := range []string{
		"", " ", "M0 0", "m0,0", "M 0 , 0", "M0 0 1 1", "M0 0zz", "L0 0", "z", "M1. 1.", "M.5.5", "M1.5.5.5.5", "M1e5 1e-5", "M+1-1",
		"M0 0H1 2,3", "M0 0C1 1 1 1 1 1", "M0 0A1 1 0 011 1", "M0 0a1 1 0 01.5.5", "M0 0A1,1,0,0,0,1,1,2,1,0,0,0,1,1", "M0\t0\nL1 1\r\n",
	} {
		if p := Check("svg-path", v); p != nil {
			t.Errorf("%q: %+v", v, p)
		}
	}
	for _, c := range []struct {
		v          string
		start, end int
	}{
		{"none", 0, 1}, {"M", 0, 1}, {"M0", 0, 2}, {"M0,,0", 3, 4}, {"M0 0L", 4, 5}, {"M0 0 1", 0, 6}, {"M0 0Z1", 5, 6}, {"M0 0,", 0, 5},
		{"M0 0 ,L1 1", 6, 7}, {"M1e 1", 3, 4}, {"M--1 1", 2, 3}, {"M0 0C1 1 1 1 1", 4, 14}, {"M0 0A1 1 0 2 0 1 1", 11, 12},
		{"M0 0A1 1 0 1.0 0 1 1", 12, 13}, {"M0 0 R1 1", 5, 6}, {"M0px 0", 2, 3}, {"MM0 0", 1, 2}, {",M0 0", 0, 1}, {"M0 0 €", 5, 8}, {"M. 0", 2, 3},
	} {
		p := Check("svg-path", c.v)
		if p == nil || p.Warning || p.Start != c.start || p.End != c.end || p.Message == "" {
			t.Errorf("%q: %+v, not an error at %d to %d", c.v, p, c.start, c.end)
		}
	}
}

func TestSVGTargetPlace(t *testing.T) {
	for v, want := range map[string][2]int{" a b": {2, 3}, "  é※": {4, 7}, "#": {0, 1}, "\xff0": {0, 1}} {
		if p := Check("svg-target", v); p == nil || p.Start != want[0] || p.End != want[1] {
			t.Errorf("%q: %+v, want it at %v", v, p, want)
		}
	}
}

func TestMathML(t *testing.T) {
	const lengths = "|0|-1|1.5em|.5|5.|em|12%|1pc|thinmathspace|negativeveryverythickmathspace| 1em "
	const noLengths = "|+1em|1 em|1EM|1vw|1.5.2|verymediummathspace|1exx|1e1"
	for _, c := range []values{
		{"mathml-length", lengths, "", "a" + noLengths},
		{"mathml-padded-length", lengths + "|+1em|1 em|+50%height|50% height|-1 depth|1thinmathspace", "", "a|1 foo|- 1em|1height width"},
		{"mathml-size", lengths + "|small|big", "", "large" + noLengths},
		{"mathml-maxsize", "infinity|1em", "", "Infinity"},
		{"mathml-thickness", "thin|medium|1px", "", "fat"},
		{"mathml-table-width", "auto|50%", "", "fit"},
		{"mathml-char-spacing", "loose|tight|1em", "", "wide"},
		{"mathml-altimg-valign", "top|middle|-1ex", "", "left"},
		{"mathml-lengths", "1em|1em 2em", "", "|1em,2em"},
		{"mathml-frame-spacing", "1em 2em", "", "|1em|1em 1em 1em"},
		{"mathml-column-widths", "auto|fit 1em", "", "|auto,1em"},
		{"mathml-row-aligns", "top|top axis", "", "|left"},
		{"mathml-column-aligns", "left|left right", "", "|top"},
		{"mathml-booleans", "true|true false", "", "|yes"},
		{"mathml-lines", "none|none solid", "", "|dotted"},
		{"mathml-crossouts", "|none|updiagonalstrike verticalstrike", "", "strike"},
		{"mathml-group-alignment", "left|left decimalpoint", "", "|top|{left}"},
		{"mathml-group-alignments", "|{left}|{left right} {center}", "", "left|{left|{}|{left,right}|{ left }|x{left}"},
		{"mathml-table-align", "axis|top 3|center -3", "", "|left|top +1|top 1 2|3"},
		{"mathml-colour", "#abc|#AABBCC|red|Red", "", "|#ab|#abcd|orange|rgb(1,2,3)|transparent|#ggg"},
		{"mathml-background", "transparent|#abc", "", "none"},
		{"mathml-integer", "0|-1|+1| 2 ", "", "|1.5|a|--1"},
		{"mathml-positive-integer", "1|+1|01", "", "|0|-1|a"},
		{"mathml-number", "1|-1.5|+.5", "", "|a|1e2|."},
		{"mathml-character", "a| ä |,", "", "|ab"},
		{"mathml-class", "a|a b:c 1", "", "| |a+b"},
		{"mathml-ncname", "a|a-1", "", "|1|a:b|a b"},
	} {
		c.test(t)
	}
}

// TestSVGNames looks at the lists themselves.
func TestSVGNames(t *testing.T) {
	for _, ty := range append(svgTypes(), mathmlTypes()...) {
		if !strings.HasPrefix(ty.Name, "svg-") && !strings.HasPrefix(ty.Name, "mathml-") || ty.Section == "" || ty.Check == nil {
			t.Errorf("%+v is not complete", ty)
		}
	}
}

func FuzzSVG(f *testing.F) {
	f.Add("M0 0L1 1")
	f.Add("translate(1) rotate(2 3 4)")
	f.Add("{left right} {center}")
	f.Add("+50% height")
	f.Add("\xff0")
	f.Fuzz(func(t *testing.T, v string) {
		for _, ty := range append(svgTypes(), mathmlTypes()...) {
			if p := ty.Check(v); p != nil && (p.Message == "" || p.Start < 0 || p.End < p.Start || p.End > len(v)) {
				t.Fatalf("%s: %q has the problem %+v", ty.Name, v, p)
			}
		}
	})
}
