package datatype

import (
	"strconv"
	"strings"
)

// checkSrcset checks image candidate strings where there is no sizes attribute.
func checkSrcset(value string) *Problem { return candidates(value, false) }

// checkSrcsetWidth checks them where there is one: each has a width.
func checkSrcsetWidth(value string) *Problem { return candidates(value, true) }

func srcsetProblem(start, end int, message string) *Problem {
	return &Problem{Start: start, End: end, Message: message, Rule: "attr-value/srcset"}
}

// seenDescriptors remembers which widths or densities came before.
type seenDescriptors struct {
	few  [8]float64 // as many as most values have, without an allocation
	n    int
	more map[float64]bool
}

// twice notes v and reports whether it came before.
func (s *seenDescriptors) twice(v float64) bool {
	for i := range min(s.n, len(s.few)) {
		if s.few[i] == v {
			return true
		}
	}
	if s.n < len(s.few) {
		s.few[s.n] = v
		s.n++
		return false
	}
	if s.more[v] {
		return true
	}
	if s.more == nil {
		s.more = map[float64]bool{}
	}
	s.more[v] = true
	return false
}

func candidates(value string, widths bool) *Problem {
	var densitySeen, widthSeen seenDescriptors
	i := skipSpace(value, 0)
	if i == len(value) {
		return srcsetProblem(0, 0, "is empty: it must have at least one image, such as photo.jpg 2x")
	}
	for {
		if i < len(value) && value[i] == ',' {
			return srcsetProblem(i, i+1, "has a comma without an image before it")
		}
		if i == len(value) {
			return srcsetProblem(strings.LastIndexByte(value, ','), len(value), "ends with a comma: another image must follow, or the comma go")
		}
		start, end := nextToken(value, i)
		i = end
		for end > start && value[end-1] == ',' {
			end--
		}
		if i-end > 1 {
			return srcsetProblem(end, i, "has more than one comma behind an image")
		}
		if p := checkURLNonempty(value[start:end]); p != nil && !p.Warning {
			return candidateURL(p, start, end)
		}
		comma := i > end
		at, stop := end, end
		if !comma {
			at = skipSpace(value, i)
			i = at
			for i < len(value) && value[i] != ',' {
				i++
			}
			stop = i
			comma = i < len(value)
			i = min(i+1, len(value))
		}
		d := descriptor{value: value, start: at, end: stop, widths: widths}
		if p := d.check(start, end, &densitySeen, &widthSeen); p != nil {
			return p
		}
		if !comma {
			return nil
		}
		i = skipSpace(value, i)
	}
}

func candidateURL(p *Problem, start, end int) *Problem {
	if p.Start == 0 && p.End == 0 {
		p.Start, p.End = start, end
	} else {
		p.Start, p.End = start+p.Start, start+p.End
	}
	p.Message = "has an image whose URL " + p.Message
	return p
}

// descriptor is what stands between the URL of a candidate and the comma.
type descriptor struct {
	value      string
	start, end int
	widths     bool
}

func (d descriptor) check(urlStart, urlEnd int, densities, widths *seenDescriptors) *Problem {
	start, end := nextToken(d.value[:d.end], d.start)
	if start == end {
		if d.widths {
			return srcsetProblem(urlStart, urlEnd, "has an image without a width; with a sizes attribute each has one, such as "+quote(d.value[urlStart:urlEnd]+" 640w"))
		}
		if densities.twice(1) {
			return srcsetProblem(urlStart, urlEnd, "has two images for the density 1x, which is also that of an image without a descriptor")
		}
		return nil
	}
	word := d.value[start:end]
	unit, number := word[len(word)-1], word[:len(word)-1]
	if unit != 'w' && (d.widths || unit != 'x') {
		want := "a width such as 640w or a density such as 2x"
		if d.widths {
			want = "a width such as 640w"
		}
		return srcsetProblem(start, end, "has "+quote(word)+" behind an image where "+want+" should be")
	}
	if unit == 'x' && d.widths {
		return srcsetProblem(start, end, "has the density "+quote(word)+"; with a sizes attribute each image has a width, such as 640w")
	}
	n, why := descriptorNumber(number, unit)
	if why != "" {
		return srcsetProblem(start, end, "has "+quote(word)+" behind an image: "+why)
	}
	if s, e := nextToken(d.value[:d.end], end); s < e {
		return srcsetProblem(s, e, "has "+quote(d.value[s:e])+" behind "+quote(word)+": an image has one descriptor, and a comma follows it")
	}
	seen := densities
	if unit == 'w' {
		seen = widths
	}
	if seen.twice(n) {
		return srcsetProblem(start, end, "has two images for "+quote(word)+": the second is never used")
	}
	return nil
}

// descriptorNumber reads the number before w or x; why says what is wrong with it.
func descriptorNumber(s string, unit byte) (n float64, why string) {
	integer, float := numberShape(s)
	switch {
	case s == "":
		return 0, "a number is missing"
	case s[0] == '+':
		return 0, "a number has no plus sign"
	case s[0] == '-':
		return 0, "a number must be greater than zero"
	case unit == 'w' && !integer:
		return 0, "a width is a whole number"
	case !float:
		return 0, quote(s) + " is no number"
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && n == 0 {
		return 0, quote(s) + " is no number"
	}
	if n == 0 {
		return 0, "a number must be greater than zero"
	}
	if unit == 'w' && n > 1<<31-1 {
		return 0, "a width is at most 2147483647"
	}
	return n, ""
}

// numberShape reports whether s is digits only, and whether it is a valid floating-point
// number (2.3.4.3) without a sign.
func numberShape(s string) (integer, float bool) {
	i := digits(s, 0)
	if i > 0 && i == len(s) {
		return true, true
	}
	whole := i
	if i < len(s) && s[i] == '.' {
		j := digits(s, i+1)
		if j == i+1 {
			return false, false
		}
		i = j
	}
	if whole == 0 && i == 0 {
		return false, false
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		j := digits(s, i)
		return false, j > i && j == len(s)
	}
	return false, i == len(s)
}

// digits returns where the digits of s from i on end.
func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// quote puts s in quotation marks for a message.
func quote(s string) string { return `"` + clip(s) + `"` }
