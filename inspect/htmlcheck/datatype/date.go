package datatype

import "fmt"

func dateTypes() []Type {
	types := []Type{
		{"date", "2.3.5.2", checkDate},
		{"month", "2.3.5.1", checkMonth},
		{"week", "2.3.5.8", checkWeek},
		{"time", "2.3.5.4", checkTime},
		{"datetime-local", "2.3.5.5", checkLocalDateTime},
		{"datetime-global", "2.3.5.7", checkGlobalDateTime},
		{"date-or-time", "4.5.14", checkDateOrTime},
		{"date-or-datetime", "4.7.1.1", checkDateOrDateTime},
		{"duration", "2.3.5.9", checkDuration},
		{"year", "4.5.14", checkYear},
		{"yearless-date", "2.3.5.3", checkYearlessDate},
		{"timezone", "2.3.5.6", checkTimeZone},
	}
	for _, t := range types[:5] {
		types = append(types, Type{t.Name + "-or-empty", t.Section, orEmpty(t.Check)})
	}
	return types
}

// Years outside are valid, but mistyped more often than meant.
const (
	firstUsualYear = 1000
	lastUsualYear  = 2999
)

// dateScan reads the parts of dates and times off the front of a value. Each part returns
// whether it has the right form; the first value out of range and the first doubt are kept.
type dateScan struct {
	s           string
	i           int
	wrong, odd  fault
	year, month int
}

// fault is a number out of range. Its words are made when they are needed: many scans of one
// value end in vain.
type fault struct {
	what       string // empty: there is no fault
	start, end int
	low, high  int // what is allowed; 0 and 0 when what says it all
}

func (f fault) text(s string) string {
	part := s[f.start:f.end]
	switch {
	case f.high > 0:
		return fmt.Sprintf("%s %s does not exist; it goes from %02d to %02d", f.what, part, f.low, f.high)
	case f.what == mistypedYear:
		return fmt.Sprintf(mistypedYear, clip(part))
	}
	return f.what
}

const mistypedYear = "has the year %s, which may be mistyped"

func (d *dateScan) byte(c byte) bool {
	if d.i < len(d.s) && d.s[d.i] == c {
		d.i++
		return true
	}
	return false
}

// dashes reads "--", which stands for a year that is left out.
func (d *dateScan) dashes() bool {
	if !d.byte('-') {
		return false
	}
	return d.byte('-')
}

// maxNumber keeps numbers of many digits from overflowing.
const maxNumber = 1 << 30

// number reads at least low and at most high digits.
func (d *dateScan) number(low, high int) (n int, ok bool) {
	from := d.i
	for d.i < len(d.s) && d.i-from < high && isDigit(d.s[d.i]) {
		n = min(n*10+int(d.s[d.i]-'0'), maxNumber)
		d.i++
	}
	return n, d.i-from >= low
}

// two reads a number of two digits that must be in [low, high].
func (d *dateScan) two(what string, low, high int) (n int, ok bool) {
	from := d.i
	n, ok = d.number(2, 2)
	if ok && (n < low || n > high) {
		d.fail(from, what, low, high)
	}
	return n, ok
}

func (d *dateScan) fail(from int, what string, low, high int) {
	if d.wrong.what == "" {
		d.wrong = fault{what, from, d.i, low, high}
	}
}

func (d *dateScan) doubt(from int, what string) {
	if d.odd.what == "" {
		d.odd = fault{what: what, start: from, end: d.i}
	}
}

// allDigits is the most digits that a year or a number of a duration may have.
const allDigits = 1 << 20

func (d *dateScan) yearPart() bool {
	from := d.i
	n, ok := d.number(4, allDigits)
	if !ok {
		return false
	}
	d.year = n
	switch {
	case n == 0:
		d.fail(from, "there is no year 0", 0, 0)
	case n < firstUsualYear || n > lastUsualYear:
		d.doubt(from, mistypedYear)
	}
	return true
}

func (d *dateScan) monthPart() bool {
	n, ok := d.two("month", 1, 12)
	d.month = n
	return ok
}

// dayPart reads a day of the month that was read before.
func (d *dateScan) dayPart() bool {
	from := d.i
	n, ok := d.number(2, 2)
	if !ok {
		return false
	}
	if last := lastDay(d.year, d.month); n < 1 || n > last && d.month >= 1 && d.month <= 12 {
		d.fail(from, "day", 1, last)
	}
	return true
}

func isLeap(year int) bool { return year%4 == 0 && year%100 != 0 || year%400 == 0 }

// lastDay returns the number of days of a month; 31 when the month is wrong.
func lastDay(year, month int) int {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func (d *dateScan) date() bool {
	return d.yearPart() && d.byte('-') && d.monthPart() && d.byte('-') && d.dayPart()
}

// time reads hours, minutes and perhaps seconds.
func (d *dateScan) time() bool {
	if _, ok := d.two("hour", 0, 23); !ok || !d.byte(':') {
		return false
	}
	if _, ok := d.two("minute", 0, 59); !ok {
		return false
	}
	if !d.byte(':') {
		return true
	}
	if _, ok := d.two("second", 0, 59); !ok {
		return false
	}
	return d.fraction()
}

// fraction reads the fraction of a second, if there is one: one to three digits.
func (d *dateScan) fraction() bool {
	if !d.byte('.') {
		return true
	}
	from := d.i
	if _, ok := d.number(1, allDigits); !ok {
		return false
	}
	if d.i-from > 3 {
		d.fail(from, "a fraction of a second has one to three digits", 0, 0)
	}
	return true
}

// zone reads a time-zone offset.
func (d *dateScan) zone() bool {
	if d.byte('Z') {
		return true
	}
	from := d.i
	minus := d.byte('-')
	if !minus && !d.byte('+') {
		return false
	}
	hour, ok := d.two("the hour of a time zone", 0, 23)
	if !ok {
		return false
	}
	d.byte(':')
	minute, ok := d.two("the minute of a time zone", 0, 59)
	if !ok {
		return false
	}
	switch {
	case minus && hour == 0 && minute == 0:
		d.fail(from, "the offset of universal time is written +00:00 or Z", 0, 0)
	case hour > 14 || minus && hour > 12:
		d.doubt(from, "has a time zone that no place has; they go from -12:00 to +14:00")
	case minute != 0 && minute != 30 && minute != 45:
		d.doubt(from, "has a time zone whose minutes are none of 00, 30 and 45")
	}
	return true
}

// result turns the scan into a problem. ok says that the form was right.
func (d *dateScan) result(ok bool, want string) *Problem {
	switch {
	case !ok || d.i < len(d.s):
		at := d.i
		if d.s == "" {
			return problem(0, 0, "attr-value/date", "is empty; it must be "+want)
		}
		return problem(min(at, len(d.s)-1), len(d.s), "attr-value/date", "must be "+want)
	case d.wrong.what != "":
		return problem(d.wrong.start, d.wrong.end, "attr-value/date", "must be "+want+": "+d.wrong.text(d.s))
	case d.odd.what != "":
		return &Problem{Start: d.odd.start, End: d.odd.end, Rule: "attr-value/date-doubtful", Message: d.odd.text(d.s), Warning: true}
	}
	return nil
}

func checkDate(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.date(), "a date like 2026-03-31")
}

func checkMonth(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.yearPart() && d.byte('-') && d.monthPart(), "a month like 2026-03")
}

func checkWeek(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.week(true), "a week like 2026-W05")
}

// week reads a week; exact says that it has to exist in its year.
func (d *dateScan) week(exact bool) bool {
	if !d.yearPart() || !d.byte('-') || !d.byte('W') {
		return false
	}
	last := 53
	if exact {
		last = weeks(d.year)
	}
	_, ok := d.two("week", 1, last)
	return ok
}

// weeks returns how many ISO weeks a year has: 53 when it begins on a Thursday, or is a leap
// year that begins on a Wednesday.
func weeks(year int) int {
	y := year - 1
	switch first := (1 + y + y/4 - y/100 + y/400) % 7; {
	case first == 4, first == 3 && isLeap(year):
		return 53
	}
	return 52
}

func checkTime(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.time(), "a time like 17:05 or 17:05:30")
}

func checkLocalDateTime(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.date() && (d.byte('T') || d.byte(' ')) && d.time(), "a date and time like 2026-03-31T17:05, without a time zone")
}

func (d *dateScan) globalDateTime() bool {
	return d.date() && (d.byte('T') || d.byte(' ')) && d.time() && d.zone()
}

func checkGlobalDateTime(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.globalDateTime(), "a date and time with a time zone like 2026-03-31T17:05Z or 2026-03-31T17:05+02:00")
}

func checkDateOrDateTime(v string) *Problem {
	if d := (dateScan{s: v}); d.date() && d.i == len(v) {
		return d.result(true, "a date like 2026-03-31")
	}
	d := dateScan{s: v}
	return d.result(d.globalDateTime(), "a date like 2026-03-31, or a date and time with a time zone like 2026-03-31T17:05+02:00")
}

func checkYear(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.yearPart(), "a year of four digits or more")
}

// yearless reads a month and a day.
func (d *dateScan) yearless() bool {
	if d.byte('-') && !d.byte('-') {
		return false
	}
	d.year = 2000 // a leap year
	return d.monthPart() && d.byte('-') && d.dayPart()
}

func checkYearlessDate(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.yearless(), "a month and a day like 03-31")
}

func checkTimeZone(v string) *Problem {
	d := dateScan{s: v}
	return d.result(d.zone(), "a time zone like Z or +02:00")
}
