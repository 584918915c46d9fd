package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
)

func TestPrintTable(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)
	items := []inspect.Summary{
		{ID: "0123456789abcdef", Start: at, Method: "GET", Status: 200, Duration: inspect.Millis(1500 * time.Microsecond), ResponseSize: 12_345, URL: "http://localhost:8080/items?page=2"},
		{ID: "fedcba9876543210", Start: at, Method: "OPTIONS", Duration: inspect.Millis(12 * time.Second), InFlight: true, URL: "http://localhost:8080/a\x1b[31mb", Error: "client gone"},
	}
	tests := []struct {
		name  string
		width int
		want  string
	}{
		{"not a terminal", 0, "" +
			"01234567  15:04:05  200  GET       1.5 ms  12.3 kB  http://localhost:8080/items?page=2\n" +
			"fedcba98  15:04:05  ---  OPTIONS  12.0 s…      0 B  http://localhost:8080/ab  client gone\n"},
		{"wide", 100, "" +
			"01234567  15:04:05  200  GET       1.5 ms  12.3 kB  /items?page=2\n" +
			"fedcba98  15:04:05  ---  OPTIONS  12.0 s…      0 B  /ab  client gone\n"},
		{"narrow", 61, "" +
			"01234567  15:04:05  200  GET       1.5 ms  /items?page=2\n" +
			"fedcba98  15:04:05  ---  OPTIONS  12.0 s…  /ab  client gone\n"},
		{"slim", 40, "" +
			"01234567  200  GET       1.5 ms  /items…\n" +
			"fedcba98  ---  OPTIONS  12.0 s…  /ab  c…\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := printTable(&b, items, tt.width); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, b.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestExplainQuery(t *testing.T) {
	for text, want := range map[string]string{
		"staus:5xx":         "query: unknown field \"staus\"\n  staus:5xx\n  ^^^^^\nhint: did you mean status?",
		`url:"ü" staus:5xx`: "query: unknown field \"staus\"\n  url:\"ü\" staus:5xx\n          ^^^^^\nhint: did you mean status?",
		"(status:200":       "hint: pastedev requests --help lists the fields",
	} {
		_, err := query.Parse(text, time.Now())
		got := explainQuery(text, err)
		if _, ok := got.(usageError); !ok || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v\nwant %s", text, got, want)
		}
	}
}
