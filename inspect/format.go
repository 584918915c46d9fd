package inspect

import (
	"fmt"
	"strconv"
	"time"
)

// How times and sizes are written for people, in the terminal, on the command line and in
// pages alike. The scripts of pages have twins of these functions; testdata/format.json
// holds them all to the same texts.

// FormatDuration writes d in at most 7 columns, for d below 1000 hours, with three digits at
// most: "840 µs", "3.1 ms", "226 ms", "1.34 s", "12.4 s", "2m05s", "3h20m". Nothing, and
// less than nothing, is "0 ms".
func FormatDuration(d time.Duration) string {
	if d <= 0 {
		return "0 ms"
	}
	in := func(unit time.Duration) int64 { return rounded(int64(d), int64(unit)) }
	// Each step asks for the rounded number: 999.6 ms are 1.00 s, not 1000 ms.
	if n := in(time.Microsecond); n < 1000 {
		return strconv.FormatInt(n, 10) + " µs"
	}
	if n := in(100 * time.Microsecond); n < 1000 {
		return fmt.Sprintf("%d.%d ms", n/10, n%10)
	}
	if n := in(time.Millisecond); n < 1000 {
		return strconv.FormatInt(n, 10) + " ms"
	}
	if n := in(10 * time.Millisecond); n < 1000 {
		return fmt.Sprintf("%d.%02d s", n/100, n%100)
	}
	if n := in(100 * time.Millisecond); n < 600 {
		return fmt.Sprintf("%d.%d s", n/10, n%10)
	}
	if n := in(time.Second); n < 3600 {
		return fmt.Sprintf("%dm%02ds", n/60, n%60)
	}
	n := in(time.Minute)
	return fmt.Sprintf("%dh%02dm", n/60, n%60)
}

// FormatNanos is [FormatDuration] for times that are known to the nanosecond, those of
// calls: "840 ns", "2.3 µs", "12.4 µs", and from 100 µs on the same. Nothing is "0"; a
// difference may be negative.
func FormatNanos(d time.Duration) string {
	if d < 0 {
		return "-" + FormatNanos(-max(d, -1<<63+1))
	}
	switch tenths := rounded(int64(d), 100); {
	case d == 0:
		return "0"
	case d < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case tenths < 1000:
		return fmt.Sprintf("%d.%d µs", tenths/10, tenths%10)
	}
	return FormatDuration(d)
}

// FormatSize writes n bytes in at most 7 columns, for n below 10000 TB, in decimal units, as
// Content-Length is reckoned by hand: "0 B", "999 B", "12.3 kB", "1.2 MB". Less than
// nothing is "0 B".
func FormatSize(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(max(n, 0), 10) + " B"
	}
	for i, unit := 0, int64(1000); ; i, unit = i+1, unit*1000 {
		name := sizeUnits[i]
		if tenths := rounded(n, unit/10); tenths < 1000 {
			return fmt.Sprintf("%d.%d %s", tenths/10, tenths%10, name)
		}
		if whole := rounded(n, unit); whole < 1000 || i == len(sizeUnits)-1 {
			return strconv.FormatInt(whole, 10) + " " + name
		}
	}
}

// sizeUnits are the units of FormatSize, each a thousand of the one before; read only.
var sizeUnits = [...]string{"kB", "MB", "GB", "TB"}

// rounded is n in units, of which it has none or more.
func rounded(n, unit int64) int64 {
	if n%unit >= unit-n%unit {
		return n/unit + 1
	}
	return n / unit
}
