package inspect

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
)

// ErrNotFound is returned when a record does not exist, or no longer does because
// retention removed it.
var ErrNotFound = errors.New("not found")

// ID names an exchange. It is a W3C trace id: 32 lower-case hex digits, never all
// zero. https://www.w3.org/TR/trace-context/#trace-id
type ID string

// NewID returns a random ID. It is safe for concurrent use.
func NewID() ID {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[0] |= 1       // the all-zero id is invalid
	return ID(hex.EncodeToString(b[:]))
}

// Valid reports whether id has the form of a W3C trace id.
func (id ID) Valid() bool {
	if len(id) != 32 || strings.Trim(string(id), "0") == "" {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Short returns the first eight digits, which is what lists show. Commands accept
// any unambiguous prefix.
func (id ID) Short() string {
	if len(id) < 8 {
		return string(id)
	}
	return string(id[:8])
}

// TraceParent returns the value of the traceparent header that makes the target's
// own tracing join this exchange. The parent span id is the first half of the id.
func (id ID) TraceParent() string {
	return "00-" + string(id) + "-" + string(id[:16]) + "-01"
}
