package accesslog

import (
	"log/slog"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Entry is what is known of a request at its end. Its strings are as the client sent
// them; whatever writes them down escapes them.
type Entry struct {
	Time      time.Time // when the request came, in the zone it is written in
	Duration  time.Duration
	Remote    string // an address without its port; "" if there is none
	User      string
	Method    string
	URI       string // as on the request line
	Proto     string
	Host      string
	Status    int   // 0 if no answer was sent
	Bytes     int64 // of the body, after an upgrade of the connection
	Referer   string
	UserAgent string
	Upgraded  bool // the connection was hijacked and has been closed
	Aborted   bool // the handler panicked
}

// AppendCombined appends the line of the combined format, with the duration in
// microseconds behind it if asked to. What is empty or zero is "-".
func (e *Entry) AppendCombined(b []byte, duration bool) []byte {
	b = bare(b, e.Remote)
	b = append(b, " - "...)
	b = bare(b, e.User)
	b = e.Time.AppendFormat(append(b, ' '), "[02/Jan/2006:15:04:05 -0700]")
	b = append(b, ` "`...)
	b = escape(b, e.Method+" "+e.URI+" "+e.Proto, true)
	b = append(b, `" `...)
	b = number(b, int64(e.Status))
	b = number(append(b, ' '), e.Bytes)
	b = quoted(append(b, ' '), e.Referer)
	b = quoted(append(b, ' '), e.UserAgent)
	if duration {
		b = strconv.AppendInt(append(b, ' '), e.Duration.Microseconds(), 10)
	}
	return append(b, '\n')
}

// Attrs returns the entry for slog. What is unknown is left out. Bytes that are not
// printable are written as \x1b is.
func (e *Entry) Attrs() []slog.Attr {
	attrs := make([]slog.Attr, 0, 14)
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, string(escape(nil, value, false))))
		}
	}
	add("remote", e.Remote)
	add("user", e.User)
	add("method", e.Method)
	add("uri", e.URI)
	add("proto", e.Proto)
	add("host", e.Host)
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	attrs = append(attrs, slog.Int64("bytes", e.Bytes), slog.Float64("ms", float64(e.Duration.Microseconds())/1000))
	add("referer", e.Referer)
	add("user_agent", e.UserAgent)
	if e.Upgraded {
		attrs = append(attrs, slog.Bool("upgraded", true))
	}
	if e.Aborted {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	return attrs
}

// AppendJSON appends the entry as an object on a line: "time" and what Attrs returns.
func (e *Entry) AppendJSON(b []byte) []byte {
	b = e.Time.AppendFormat(append(b, `{"time":"`...), time.RFC3339Nano)
	b = append(b, '"')
	for _, a := range e.Attrs() {
		b = append(append(append(b, `,"`...), a.Key...), `":`...)
		if a.Value.Kind() == slog.KindString { // printable by now
			b = append(escape(append(b, '"'), a.Value.String(), true), '"')
		} else {
			b = append(b, a.Value.String()...)
		}
	}
	return append(b, "}\n"...)
}

func number(b []byte, n int64) []byte {
	if n == 0 {
		return append(b, '-')
	}
	return strconv.AppendInt(b, n, 10)
}

func quoted(b []byte, s string) []byte {
	if s == "" {
		s = "-"
	}
	return append(escape(append(b, '"'), s, true), '"')
}

// bare appends a word that stands without quotes: its spaces are escaped too.
func bare(b []byte, s string) []byte {
	if s == "" {
		return append(b, '-')
	}
	for _, c := range escape(nil, s, true) {
		if c == ' ' {
			b = append(b, `\x20`...)
		} else {
			b = append(b, c)
		}
	}
	return b
}

const hexDigits = "0123456789abcdef"

// escape appends s with every byte that is not printable UTF-8 as \xhh: control bytes of
// either kind, line separators, marks that turn the direction of text. Within quotes, the
// quote and the backslash get a backslash, as Apache writes them.
func escape(b []byte, s string, quotes bool) []byte {
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case quotes && (c == '"' || c == '\\'):
			b = append(b, '\\', byte(c))
		case c == utf8.RuneError && n <= 1, !unicode.IsPrint(c):
			for _, x := range []byte(s[i : i+n]) {
				b = append(b, '\\', 'x', hexDigits[x>>4], hexDigits[x&15])
			}
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return b
}
