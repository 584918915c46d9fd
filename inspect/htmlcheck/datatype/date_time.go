package datatype

// timeForms are what the time element understands (4.5.14), each shown by an example.
var timeForms = [...]string{
	"a year of four digits or more", "a month like 2026-03", "a date like 2026-03-31",
	"a month and a day like 03-31", "a month and a day like 03-31",
	"a time like 17:05 or 17:05:30", "a date and time like 2026-03-31T17:05", "a time zone like Z or +02:00",
	"a date and time with a time zone like 2026-03-31T17:05+02:00", "a week like 2026-W05", wantDuration, wantDuration,
}

// timeForm reads the form with this number. Weeks and days without a year are not looked up
// in a calendar, as in the reference checker.
func (d *dateScan) timeForm(i int) bool {
	switch i {
	case 0:
		return d.yearPart()
	case 1:
		return d.yearPart() && d.byte('-') && d.monthPart()
	case 2:
		return d.date()
	case 3:
		return d.monthPart() && d.byte('-') && d.someDay()
	case 4:
		return d.dashes() && d.yearless()
	case 5:
		return d.time()
	case 6:
		return d.date() && (d.byte('T') || d.byte(' ')) && d.time()
	case 7:
		return d.zone()
	case 8:
		return d.globalDateTime()
	case 9:
		return d.week(false)
	case 10:
		return d.duration()
	}
	return d.durationWords()
}

const (
	wantDuration = "a duration like PT4H18M3S or 4h 18m 3s"
	wantTime     = "a date, time, month, week, year, time zone or duration, for example 2026-03-31, 17:05, 2026-03-31T17:05+02:00 or PT4H18M"
)

// someDay reads two digits.
func (d *dateScan) someDay() bool {
	_, ok := d.number(2, 2)
	return ok
}

// checkDateOrTime takes what the datetime attribute and the text of a time element may be.
func checkDateOrTime(v string) *Problem {
	start, end := trimSpace(v)
	for i, want := range timeForms {
		d := dateScan{s: v[start:end]}
		if d.timeForm(i) && d.i == len(d.s) {
			if p := d.result(true, want); p != nil {
				return shift(p, start, end)
			}
			return nil
		}
	}
	if start == end {
		return problem(0, 0, "attr-value/date", "is empty; it must be "+wantTime)
	}
	return problem(start, end, "attr-value/date", "must be "+wantTime)
}

func checkDuration(v string) *Problem {
	if d := (dateScan{s: v}); d.duration() && d.i == len(v) {
		return d.result(true, wantDuration)
	}
	if d := (dateScan{s: v}); d.durationWords() && d.i == len(v) {
		return d.result(true, wantDuration)
	}
	return problem(0, 0, "attr-value/date", "must be "+wantDuration)
}

// unit reads a number and one of the units, which come in this order. It returns what is
// left of the units, or the units as they were when nothing was there to read.
func (d *dateScan) unit(units string) (rest string, ok bool) {
	from := d.i
	if _, found := d.number(1, allDigits); !found {
		return units, false
	}
	fraction := d.i < len(d.s) && d.s[d.i] == '.'
	if fraction && !d.fraction() || d.i >= len(d.s) {
		d.i = from
		return units, false
	}
	for i := 0; i < len(units); i++ {
		if units[i] == d.s[d.i] && (!fraction || units[i] == 'S') {
			d.i++
			return units[i+1:], true
		}
	}
	d.i = from
	return units, false
}

// duration reads the form with P: days, and after a T hours, minutes and seconds.
func (d *dateScan) duration() bool {
	if !d.byte('P') {
		return false
	}
	_, days := d.unit("D")
	if !d.byte('T') {
		return days
	}
	units, some := "HMS", false
	for {
		rest, ok := d.unit(units)
		if !ok {
			return some
		}
		units, some = rest, true
	}
}

// durationWords reads the form with a unit after each number: 4h 18m 3s.
func (d *dateScan) durationWords() bool {
	n := 0
	for ; d.i < len(d.s); n++ {
		d.space()
		if _, ok := d.number(1, allDigits); !ok {
			return false
		}
		fraction := d.i < len(d.s) && d.s[d.i] == '.'
		if fraction && !d.fraction() {
			return false
		}
		d.space()
		if d.i >= len(d.s) {
			return false
		}
		switch d.s[d.i] | 0x20 {
		case 's':
		case 'w', 'd', 'h', 'm':
			if fraction {
				return false
			}
		default:
			return false
		}
		d.i++
		d.space()
	}
	return n > 0
}

func (d *dateScan) space() {
	for d.i < len(d.s) && isSpace(d.s[d.i]) {
		d.i++
	}
}
