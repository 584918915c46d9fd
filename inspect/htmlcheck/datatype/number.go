package datatype

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

func numberTypes() []Type {
	return []Type{
		{"integer", "2.3.4.1", checkInteger},
		{"integer-or-empty", "2.3.4.1", orEmpty(checkInteger)},
		{"integer>=0", "2.3.4.2", checkNatural},
		{"integer>0", "2.3.4.2", checkPositive},
		{"colspan", "4.9.11", checkPositive},
		{"rowspan", "4.9.11", checkNatural},
		{"span", "4.9.3", checkPositive},
		{"tabindex", "6.6.3", checkInteger},
		{"dimension", "2.3.4.2", checkNatural},
		{"percentage-dimension", "2.3.4.4", checkPercentage},
		{"float", "2.3.4.3", checkFloat},
		{"float-or-empty", "2.3.4.3", orEmpty(checkFloat)},
		{"float>=0", "2.3.4.3", checkFloatNatural},
		{"float>0", "2.3.4.3", checkFloatPositive},
		{"step", "4.10.5.3.8", orAny(checkFloatPositive)},
		{"step-integer", "4.10.5.3.8", orAny(checkPositive)},
		{"multi-length", "16.2", anything},
	}
}

// orEmpty allows the empty string beside what check allows.
func orEmpty(check func(string) *Problem) func(string) *Problem {
	return func(v string) *Problem {
		if v == "" {
			return nil
		}
		return check(v)
	}
}

// orAny allows the keyword "any" beside what check allows.
func orAny(check func(string) *Problem) func(string) *Problem {
	return func(v string) *Problem {
		if equalFold(v, "any") {
			return nil
		}
		return check(v)
	}
}

func problem(start, end int, rule finding.Rule, message string) *Problem {
	return &Problem{Start: start, End: end, Rule: rule, Message: message}
}

// wrongNumber says what keeps v from being the number that want describes; at is where the
// number ends.
func wrongNumber(v string, at int, want string) *Problem {
	if v == "" {
		return problem(0, 0, "attr-value/number", "is empty; it must be "+want)
	}
	if at >= len(v) {
		return problem(0, 0, "attr-value/number", "must be "+want+"; digits are missing at the end")
	}
	end := at + 1
	for end < len(v) && v[end]&0xC0 == 0x80 {
		end++
	}
	if v[at] == '%' || hasPrefixFold(v[at:], "px") {
		return problem(at, len(v), "attr-value/number", fmt.Sprintf("must be %s, without the unit %q", want, clip(v[at:])))
	}
	return problem(at, end, "attr-value/number", fmt.Sprintf("must be %s; %q is not part of one", want, v[at:end]))
}

const (
	wantInteger  = "a whole number such as 7 or -7"
	wantNatural  = "a whole number, 0 or greater, of digits only"
	wantPositive = "a whole number greater than 0, of digits only"
	wantFloat    = "a number such as 3, -1.5 or 2e3"
)

func checkInteger(v string) *Problem {
	i := 0
	if len(v) > 1 && v[0] == '-' {
		i = 1
	}
	end := digits(v, i)
	switch {
	case v == "-":
		// The reference checker lets a lone minus sign pass.
		return &Problem{Warning: true, Rule: "attr-value/number", Message: "must be " + wantInteger}
	case end == len(v) && end > i:
		return nil
	}
	return wrongNumber(v, end, wantInteger)
}

func checkNatural(v string) *Problem {
	end := digits(v, 0)
	if v != "" && end == len(v) {
		return nil
	}
	return wrongNumber(v, end, wantNatural)
}

func checkPositive(v string) *Problem {
	end, zero := digits(v, 0), true
	if v == "" || end < len(v) {
		return wrongNumber(v, end, wantPositive)
	}
	for i := range len(v) {
		zero = zero && v[i] == '0'
	}
	if zero {
		return problem(0, 0, "attr-value/zero", "is 0; it must be "+wantPositive)
	}
	return nil
}

// checkPercentage takes a natural number that may have a percent sign after it.
func checkPercentage(v string) *Problem {
	if n := len(v); n > 1 && v[n-1] == '%' {
		return checkNatural(v[:n-1])
	}
	return checkNatural(v)
}

// scanFloat returns where the floating-point number at the start of v ends, and whether it is
// one so far.
func scanFloat(v string) (end int, ok bool) {
	i := 0
	if i < len(v) && v[i] == '-' {
		i++
	}
	end = digits(v, i)
	ok = end > i
	if end < len(v) && v[end] == '.' {
		from := end + 1
		if end = digits(v, from); end == from {
			return end, false
		}
		ok = true
	}
	if ok && end < len(v) && v[end]|0x20 == 'e' {
		from := end + 1
		if from < len(v) && (v[from] == '-' || v[from] == '+') {
			from++
		}
		if end = digits(v, from); end == from {
			return end, false
		}
	}
	return end, ok
}

func checkFloat(v string) *Problem {
	end, ok := scanFloat(v)
	if ok && end == len(v) {
		return nil
	}
	return wrongNumber(v, end, wantFloat)
}

func checkFloatNatural(v string) *Problem {
	if v != "" && v[0] == '-' && strings.ContainsAny(mantissa(v), "123456789") {
		return problem(0, 1, "attr-value/negative", "must not be negative")
	}
	return checkFloat(v)
}

func checkFloatPositive(v string) *Problem {
	if p := checkFloatNatural(v); p != nil {
		return p
	}
	if strings.ContainsAny(mantissa(v), "123456789") {
		return nil
	}
	return problem(0, 0, "attr-value/zero", "is 0; it must be a number greater than 0")
}

// mantissa returns what stands before the exponent.
func mantissa(v string) string {
	if i := strings.IndexAny(v, "eE"); i >= 0 {
		return v[:i]
	}
	return v
}
