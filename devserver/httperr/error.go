package httperr

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// Error is a failure with the answer that tells it to the client. Title, Detail and Header
// are sent, Err is not. It can be returned, wrapped, and served as it is.
type Error struct {
	Code   int         // 200 to 999; anything else, zero too, means 500
	Title  string      // "": the phrase registered for Code
	Detail string      // a sentence for the client; "" means none
	Header http.Header // sent with the answer, in any spelling; nil means none
	Err    error       // the cause, for the log; nil means none
}

// New returns an error with a sentence for the client.
func New(code int, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Because returns e with err as its cause. e itself is not changed.
func (e *Error) Because(err error) *Error {
	e2 := *e
	e2.Err = err
	return &e2
}

// Error returns all that is known, the cause too: it is for the log.
func (e *Error) Error() string {
	s := strconv.Itoa(e.StatusCode()) + " " + e.title()
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// StatusCode returns the status that e is answered with.
func (e *Error) StatusCode() int {
	if e.Code < 200 || e.Code > 999 {
		return http.StatusInternalServerError
	}
	return e.Code
}

// Redirect, Client and Server report the class of the status: 3xx, 4xx and 5xx.
func (e *Error) Redirect() bool { return e.StatusCode()/100 == 3 }
func (e *Error) Client() bool   { return e.StatusCode()/100 == 4 }
func (e *Error) Server() bool   { return e.StatusCode()/100 == 5 }

// Get returns the first value of a field of Header, however its name is spelled there.
func (e *Error) Get(name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	for k, v := range e.Header {
		if len(v) > 0 && textproto.CanonicalMIMEHeaderKey(k) == name {
			return v[0]
		}
	}
	return ""
}

// ServeHTTP answers with e, as [Middleware]'s zero value would. Nothing may have been
// written before.
func (e *Error) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(&Middleware{}).answer(w, r, e, e)
}

func (e *Error) title() string {
	if e.Title != "" {
		return e.Title
	}
	return Text(e.StatusCode())
}

// Text returns the registered phrase of a status, and for one that is not registered the
// name of its class. It is never empty.
func Text(code int) string {
	if s := http.StatusText(code); s != "" {
		return s
	}
	switch code / 100 {
	case 1:
		return "Informational"
	case 2:
		return "Success"
	case 3:
		return "Redirection"
	case 4:
		return "Client Error"
	case 5:
		return "Server Error"
	}
	return "Unknown Status"
}

func with(code int, detail, name, value string) *Error {
	e := New(code, detail)
	if value != "" {
		e.Header = http.Header{name: {value}}
	}
	return e
}

// seconds writes a delay for Retry-After, rounded up; none is the empty string.
func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// BadRequest is 400.
func BadRequest(detail string) *Error { return New(http.StatusBadRequest, detail) }

// Unauthorized is 401 with its challenge, such as `Basic realm="shop"` (RFC 9110, 15.5.2
// demands one).
func Unauthorized(challenge, detail string) *Error {
	return with(http.StatusUnauthorized, detail, "Www-Authenticate", challenge)
}

// Forbidden is 403.
func Forbidden(detail string) *Error { return New(http.StatusForbidden, detail) }

// NotFound is 404.
func NotFound(detail string) *Error { return New(http.StatusNotFound, detail) }

// MethodNotAllowed is 405 with the methods that are allowed; with none, Allow is empty.
func MethodNotAllowed(allow ...string) *Error {
	e := New(http.StatusMethodNotAllowed, "")
	e.Header = http.Header{"Allow": {strings.Join(allow, ", ")}}
	return e
}

// NotAcceptable is 406.
func NotAcceptable(detail string) *Error { return New(http.StatusNotAcceptable, detail) }

// Conflict is 409.
func Conflict(detail string) *Error { return New(http.StatusConflict, detail) }

// Gone is 410.
func Gone(detail string) *Error { return New(http.StatusGone, detail) }

// PreconditionFailed is 412.
func PreconditionFailed(detail string) *Error { return New(http.StatusPreconditionFailed, detail) }

// TooLarge is 413.
func TooLarge(detail string) *Error { return New(http.StatusRequestEntityTooLarge, detail) }

// UnsupportedMediaType is 415 with the types that are taken, for the client to choose
// from; none leaves Accept out.
func UnsupportedMediaType(detail string, accept ...string) *Error {
	return with(http.StatusUnsupportedMediaType, detail, "Accept", strings.Join(accept, ", "))
}

// Unprocessable is 422.
func Unprocessable(detail string) *Error { return New(http.StatusUnprocessableEntity, detail) }

// TooManyRequests is 429, with Retry-After if retry is positive.
func TooManyRequests(retry time.Duration, detail string) *Error {
	return with(http.StatusTooManyRequests, detail, "Retry-After", seconds(retry))
}

// Internal is 500 with a cause that only the log sees.
func Internal(cause error) *Error { return New(http.StatusInternalServerError, "").Because(cause) }

// BadGateway is 502 with a cause that only the log sees.
func BadGateway(cause error) *Error { return New(http.StatusBadGateway, "").Because(cause) }

// Unavailable is 503, with Retry-After if retry is positive.
func Unavailable(retry time.Duration, detail string) *Error {
	return with(http.StatusServiceUnavailable, detail, "Retry-After", seconds(retry))
}

// GatewayTimeout is 504 with a cause that only the log sees.
func GatewayTimeout(cause error) *Error { return New(http.StatusGatewayTimeout, "").Because(cause) }

// ErrLocation is the cause of the 500 that a redirect becomes whose Location is missing
// or cannot be sent.
var ErrLocation = errors.New("bad Location")

// Redirect returns the redirect with a status (301, 302, 303, 307, 308) to a location,
// which may be relative: the client resolves it. Bytes outside ASCII are escaped. An empty
// location, one with a control byte (CR and LF above all), one that is no URL, and another
// status make it a 500 with [ErrLocation] as its cause.
//
// Where the location comes from the client, check it: "//example.org" is another host.
func Redirect(code int, location string) *Error {
	if !needsLocation(code) {
		return Internal(fmt.Errorf("%w: redirect with status %d", ErrLocation, code))
	}
	location, err := cleanLocation(location)
	if err != nil {
		return Internal(fmt.Errorf("redirect with status %d: %w", code, err))
	}
	return with(code, "", "Location", location)
}

// MovedPermanently is 301: the client may turn POST into GET.
func MovedPermanently(location string) *Error { return Redirect(http.StatusMovedPermanently, location) }

// Found is 302: the client may turn POST into GET.
func Found(location string) *Error { return Redirect(http.StatusFound, location) }

// SeeOther is 303: the client asks with GET.
func SeeOther(location string) *Error { return Redirect(http.StatusSeeOther, location) }

// TemporaryRedirect is 307: method and body stay.
func TemporaryRedirect(location string) *Error {
	return Redirect(http.StatusTemporaryRedirect, location)
}

// PermanentRedirect is 308: method and body stay.
func PermanentRedirect(location string) *Error {
	return Redirect(http.StatusPermanentRedirect, location)
}

// NotModified is 304.
func NotModified() *Error { return New(http.StatusNotModified, "") }
