package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// countingUp is [inspect.FormatDuration] for a time that is drawn again and again: by tenths
// of a second, since hundredths would only flicker.
func countingUp(d time.Duration) string {
	if d = max(d, 0); d >= time.Second && d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Truncate(tickBusy).Seconds())
	}
	return inspect.FormatDuration(d)
}

// ageText gives the time since t in at most 4 cells: "now", "12s", "5m", "3h", "9d".
func ageText(now, t time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + "m"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + "h"
	default:
		return strconv.Itoa(int(d.Hours()/24)) + "d"
	}
}

// countText groups the digits of n by thousands: "12,345".
func countText[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural gives "1 error", "2 errors".
func plural[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return countText(n) + " " + noun + "s"
}

// typeText shortens a content type to what a column can hold: "html", "json", "svg".
func typeText(ct string) string {
	ct, _, _ = strings.Cut(ct, ";")
	ct = strings.ToLower(strings.TrimSpace(ct))
	major, minor, ok := strings.Cut(ct, "/")
	if !ok {
		return ct
	}
	switch {
	case minor == "javascript" || minor == "x-javascript" || minor == "ecmascript":
		return "js"
	case minor == "x-www-form-urlencoded":
		return "form"
	case minor == "event-stream":
		return "sse"
	case minor == "octet-stream":
		return "binary"
	case minor == "plain":
		return "text"
	case major == "font":
		return "font"
	case strings.HasPrefix(minor, "svg"):
		return "svg"
	case strings.Contains(minor, "+"):
		return minor[strings.LastIndexByte(minor, '+')+1:]
	}
	return strings.TrimPrefix(minor, "x-")
}

// compactText is a count in at most cells cells, 4 or more: in thousands or millions where
// its digits have no room.
func compactText(n int64, cells int) string {
	if s := countText(n); len(s) <= cells {
		return s
	}
	v := float64(n)
	for _, u := range []string{"k", "M", "G", "T", "P", "E"} {
		if v /= 1000; v < 999.5 {
			return fmt.Sprintf("%.0f%s", v, u)
		}
	}
	return countText(n)
}
