package datatype

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	runValues(t, []valueTest{
		{"date", []string{"2026-03-31", "2024-02-29", "2000-02-29", "1000-01-01"}, []string{"", " 2026-03-31", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1", "26-01-01", "0000-01-01", "2026/01/01"},
			[]string{"0999-01-01", "3000-01-01", "12026-01-01"}},
		{"month", []string{"2026-12"}, []string{"", "2026-13", "2026", "2026-1"}, []string{"0999-01"}},
		{"week", []string{"2026-W53", "2020-W53", "2025-W52"}, []string{"", "2025-W53", "2024-W53", "2026-W00", "2026-w01", "2026W01", "2026-W1"}, nil},
		{"time", []string{"00:00", "23:59:59", "12:00:00.123"}, []string{"", "24:00", "12:60", "12:00:60", "1:00", "12:00:00.1234", "12:00Z"}, nil},
		{"datetime-local", []string{"2026-03-31T17:05", "2026-03-31 17:05:30.5"}, []string{"", "2026-03-31", "2026-03-31t17:05", "2026-03-31T17:05Z", "2026-02-30T17:05"}, nil},
		{"datetime-global", []string{"2026-03-31T17:05Z", "2026-03-31 17:05+02:00", "2026-03-31T17:05-0330"}, []string{"2026-03-31T17:05", "2026-03-31T17:05-00:00", "2026-03-31T17:05+24:00", "2026-03-31T17:05+02", "2026-03-31T17:05+02:60"},
			[]string{"2026-03-31T17:05+15:00", "2026-03-31T17:05-13:00", "2026-03-31T17:05+02:20"}},
		{"date-or-datetime", []string{"2026-03-31", "2026-03-31T17:05Z"}, []string{"", "2026", "2026-03-31 ", "2026-02-30", "2026-03-31T17:05"}, []string{"0005-01-01"}},
		{"date-or-time", []string{"2026", " 2026-03-31 ", "2026-03", "02-29", "--02-29", "17:05", "Z", "+02:00", "2026-W53", "2026-03-31T17:05", "2026-03-31T17:05Z", "P1D", "PT4H18M3S", "PT1.5S", "P1DT1H", "4h 18m 3s", "1w2d", "1.5S"},
			[]string{"", " ", "0", "999", "2026-13", "13-01", "2026-02-30", "2026-W54", "24:00", "12:00Z", "P", "PT", "P1Y", "P1DT", "PT1.5H", "P1W", "PT1S1M", "1y", "1 min", "1.5h", "1h1", "yesterday"}, []string{"0999", "+15:00"}},
		{"duration", []string{"PT1H", "1h"}, []string{"", "1", "P1M", "-PT1H"}, nil},
		{"year", []string{"2026"}, []string{"", "0000", "26"}, []string{"9999"}},
		{"yearless-date", []string{"02-29", "--02-29"}, []string{"02-30", "-02-29", "2-9"}, nil},
		{"timezone", []string{"Z", "+02:00", "-0330"}, []string{"", "z", "+2:00", "-00:00"}, []string{"+05:17"}},
		{"date-or-empty", []string{"", "2026-03-31"}, []string{" ", "x"}, nil},
	})
}

// TestCalendar compares days and weeks of 800 years with the standard library's calendar.
func TestCalendar(t *testing.T) {
	for year := 1600; year < 2400; year++ {
		for month := 1; month <= 12; month++ {
			if want := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); lastDay(year, month) != want {
				t.Errorf("%d-%02d has %d days, want %d", year, month, lastDay(year, month), want)
			}
		}
		if _, want := time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC).ISOWeek(); weeks(year) != want {
			t.Errorf("%d has %d weeks, want %d", year, weeks(year), want)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, v := range []string{"2026-03-31T17:05+02:00", "P1DT4H18M3.5S", "4h 18m", "--02-29", "99999999999999999999-W53", "1.", "P.", " "} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, typ := range dateTypes() {
			if p := typ.Check(v); p != nil {
				checkProblem(t, v, p, p.Warning)
			}
		}
		_, err := time.Parse("2006-01-02", v)
		if p := checkDate(v); err == nil && v[:4] != "0000" && p != nil && !p.Warning {
			t.Errorf("%q: %s; but it is a date", v, p.Message)
		}
	})
}

func BenchmarkDateOrTime(b *testing.B) {
	for _, v := range []string{"2026-03-31", "2026-03-31T17:05+02:00", "4h 18m 3s"} {
		b.Run(v, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				checkDateOrTime(v)
			}
		})
	}
}
