package query

import (
	"strconv"
	"strings"
	"time"
)

// compare returns the test op for n.
func compare(op string, n int64) func(int64) bool {
	switch op {
	case ">":
		return func(v int64) bool { return v > n }
	case "<":
		return func(v int64) bool { return v < n }
	case ">=":
		return func(v int64) bool { return v >= n }
	case "<=":
		return func(v int64) bool { return v <= n }
	case "!=":
		return func(v int64) bool { return v != n }
	}
	return func(v int64) bool { return v == n }
}

// number reads a value of digits.
func number(v value, what string) (int64, error) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || n < 0 {
		return 0, v.errorf("", "%s is a number, not %q", what, v.text)
	}
	return n, nil
}

// unit scales a number that stands before it.
type unit struct {
	name  string
	scale float64
}

var (
	durationUnits = []unit{{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"", 1e6}}
	agoUnits      = []unit{{"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 24 * 3600e9}, {"w", 7 * 24 * 3600e9}}
	sizeUnits     = []unit{{"kib", 1 << 10}, {"kb", 1 << 10}, {"k", 1 << 10}, {"mib", 1 << 20}, {"mb", 1 << 20}, {"m", 1 << 20},
		{"gib", 1 << 30}, {"gb", 1 << 30}, {"g", 1 << 30}, {"b", 1}, {"", 1}}
)

// quantity reads a decimal number with one of the units.
func quantity(s string, units []unit) (int64, bool) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZµ")
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || f < 0 || digits[0] < '0' && digits[0] != '.' {
		return 0, false
	}
	for _, u := range units {
		if strings.EqualFold(u.name, s[len(digits):]) {
			if n := f * u.scale; n < 1<<62 {
				return int64(n), true
			}
		}
	}
	return 0, false
}

// clockLayouts are the ways to write a time of day, of today.
var clockLayouts = []string{"15:04", "15:04:05"}

// dateLayouts are the ways to write a date, in local time.
var dateLayouts = []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.RFC3339Nano}

// moment reads an age ("5m" ago) or a time.
func moment(field string, v value, now time.Time) (time.Time, error) {
	if n, ok := quantity(v.text, agoUnits); ok {
		return now.Add(-time.Duration(n)), nil
	}
	for _, layout := range clockLayouts {
		if t, err := time.ParseInLocation(layout, v.text, now.Location()); err == nil {
			y, m, d := now.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, now.Location()), nil
		}
	}
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, v.text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, v.errorf("", `%s takes an age such as 5m, 2h or 3d, a time such as 14:30, or a date such as 2006-01-02T15:04, not %q`, field, v.text)
}

// statusTest reads a comma list of 404, 5xx and 400-499.
func statusTest(v value) (func(int64) bool, error) {
	var ranges [][2]int64
	for part := range strings.SplitSeq(v.text, ",") {
		lo, hi, ok := statusRange(part)
		if !ok {
			return nil, v.errorf("", "status is a number such as 404, a class such as 5xx or a range such as 400-499, not %q", part)
		}
		ranges = append(ranges, [2]int64{lo, hi})
	}
	return func(n int64) bool {
		for _, r := range ranges {
			if n >= r[0] && n <= r[1] {
				return true
			}
		}
		return false
	}, nil
}

func statusRange(s string) (lo, hi int64, ok bool) {
	if len(s) == 3 && strings.EqualFold(s[1:], "xx") && s[0] >= '1' && s[0] <= '9' {
		lo = int64(s[0]-'0') * 100
		return lo, lo + 99, true
	}
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, err1 := strconv.ParseUint(from, 10, 31)
	b, err2 := strconv.ParseUint(to, 10, 31)
	return int64(a), int64(b), err1 == nil && err2 == nil && a <= b
}
