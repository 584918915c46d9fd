package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// head is what a program prints before its blank line.
type head struct {
	status   int         // 0: it gave none
	header   http.Header // without Status and what is only between two hops
	location string
	dropped  []string // fields that were left out
}

// hopFields concern one connection, not the answer: they are ours to set (RFC 3875, 6.3.4).
var hopFields = map[string]bool{"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Te": true,
	"Trailer": true, "Transfer-Encoding": true, "Upgrade": true}

// readHead reads lines up to the blank one (RFC 3875, 6.2 and 6.3), which end in "\n" or
// "\r\n", and at most max bytes. Names count in any case, fields that are repeated are
// all kept, of several Status lines the last counts. A line that is no field is a
// *Failure without a program's name; an error of r is returned as it is, io.EOF before
// the blank line as a *Failure.
func readHead(r *bufio.Reader, max int) (*head, error) {
	hd := &head{header: http.Header{}}
	for number := 1; ; number++ {
		line, size, err := readLine(r, max)
		if max -= size; max < 0 {
			return nil, &Failure{Number: number, Line: line, Message: "the fields before the blank line are too long", Hint: "print a blank line between fields and body"}
		}
		if errors.Is(err, io.EOF) {
			return nil, unfinished(line, number)
		}
		if err != nil {
			return nil, err
		}
		if line == "" {
			return hd, nil
		}
		if f := hd.field(line); f != nil {
			f.Line, f.Number = line, number
			return nil, f
		}
	}
}

// unfinished says what is wrong with an answer that ended before the blank line.
func unfinished(line string, number int) *Failure {
	if line == "" && number == 1 {
		return &Failure{Message: "it printed nothing", Hint: "print the fields of the answer, a blank line, and the body"}
	}
	f := &Failure{Line: line, Number: number, Message: "the answer ended before the blank line that follows the fields"}
	if line != "" {
		if bad := (&head{header: http.Header{}}).field(line); bad != nil {
			f.Message, f.Hint = bad.Message, bad.Hint
			return f
		}
	}
	f.Hint = "print a blank line between fields and body"
	return f
}

// readLine returns a line without its end and the bytes it took; of one longer than max
// the beginning, with more bytes than max.
func readLine(r *bufio.Reader, max int) (line string, size int, err error) {
	var b []byte
	for {
		part, err := r.ReadSlice('\n')
		size += len(part)
		b = append(b, part...)
		if size > max || !errors.Is(err, bufio.ErrBufferFull) {
			s := strings.TrimSuffix(string(b), "\n")
			if len(s) < len(b) {
				s = strings.TrimSuffix(s, "\r")
			}
			return s, size, err
		}
	}
}

const exampleField = `"Content-Type: text/html"`

// field takes one line.
func (hd *head) field(line string) *Failure {
	name, value, ok := strings.Cut(line, ":")
	switch {
	case strings.HasPrefix(line, "HTTP/"):
		return &Failure{Message: "it begins with a status line, as programs do that speak to the client themselves, which is not supported", Hint: `print "Status: 200 OK"`}
	case line[0] == ' ' || line[0] == '\t':
		return &Failure{Message: "it begins with a blank, and fields are never continued (RFC 3875, 6.3)", Hint: "print each field on a line of its own"}
	case !ok:
		return &Failure{Message: "not a field, there is no colon", Hint: "print fields such as " + exampleField + ", then a blank line, then the body"}
	case strings.TrimRight(name, " \t") != name:
		return &Failure{Message: "there is a blank before the colon"}
	case !httpguts.ValidHeaderFieldName(name):
		return &Failure{Message: fmt.Sprintf("%q is not the name of a field", plain(clip(name))), Hint: "print fields such as " + exampleField + ", then a blank line, then the body"}
	}
	value = textproto.TrimString(value)
	if !httpguts.ValidHeaderFieldValue(value) {
		return &Failure{Message: "the value holds a control character"}
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	switch {
	case name == "Status":
		return hd.setStatus(value)
	case hopFields[name]:
		hd.dropped = append(hd.dropped, name)
		return nil
	case name == "Content-Length":
		if _, err := strconv.ParseUint(value, 10, 63); err != nil {
			return &Failure{Message: "not a number of bytes"}
		}
		hd.header.Set(name, value)
		return nil
	case name == "Location":
		if value == "" {
			return &Failure{Message: "an empty Location"}
		}
		hd.location = value
		hd.header.Set(name, value)
		return nil
	}
	hd.header.Add(name, value)
	return nil
}

// setStatus reads "404", "404 Gone".
func (hd *head) setStatus(value string) *Failure {
	code, _, _ := strings.Cut(value, " ")
	n, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || n < 200 || n > 599 {
		return &Failure{Message: "not a status from 200 to 599", Hint: `print it as "Status: 404 Not Found"`}
	}
	hd.status = n
	return nil
}

// local reports whether the answer is a redirect that is followed here: a path and no
// status. "//host/path" is none: it names a host.
func (hd *head) local() bool {
	return hd.status == 0 && strings.HasPrefix(hd.location, "/") && !strings.HasPrefix(hd.location, "//")
}

// code is the status to send.
func (hd *head) code() int {
	switch {
	case hd.status != 0:
		return hd.status
	case hd.location != "":
		return http.StatusFound
	}
	return http.StatusOK
}
