package signed

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pastedev/pastedev/devserver/auth"
)

// The parts of a cookie's value in bytes, before base64url without padding: the MAC, the
// end in seconds since 1970, and JSON to the end.
const (
	macSize    = sha256.Size
	headerSize = macSize + 8
)

// macLabel keeps these MACs apart from others under the same key.
const macLabel = "pastedev signed cookie 1\x00"

// What can be wrong with a cookie's value. ErrNoKey, ErrSignature and ErrExpired come with
// the content.
var (
	ErrMalformed = errors.New("signed: the value is not of the form of a signed cookie")
	ErrNoKey     = errors.New("signed: there is no key to verify the cookie with")
	ErrSignature = errors.New("signed: the signature is wrong: the cookie was changed, or signed by a key that is gone, or for another name")
	ErrExpired   = errors.New("signed: the cookie is too old")
	// ErrTooLong is no error of [Parse]: only a [Cookie] knows for how long its cookies are.
	ErrTooLong = errors.New("signed: the cookie ends later than any of now can: the clock was set back, or the timeout made shorter")
)

// Content is what a cookie says.
type Content struct {
	// Identity is who has signed in. Its zero value: nobody.
	Identity auth.Identity
	// Values are what [Set] has put in.
	Values map[string]string
	// Expires is when the cookie ends, to the second.
	Expires time.Time
	// Key is the index of the key that has signed it.
	Key int
}

func (c Content) empty() bool { return c.Identity.None() && len(c.Values) == 0 }

// wire is Content as JSON.
type wire struct {
	User   string            `json:"user,omitempty"`
	Roles  []string          `json:"roles,omitempty"`
	Data   string            `json:"data,omitempty"`
	Values map[string]string `json:"values,omitempty"`
}

// Parse reads the value of the cookie of the given name and verifies it with each of the
// keys. With an error other than [ErrMalformed] it still returns what the cookie says,
// for an inspector; of that, nothing is to be believed.
func Parse(name, value string, keys ...[]byte) (Content, error) {
	if len(value) > sizeLimit {
		return Content{}, fmt.Errorf("%w: it has more than %d bytes", ErrMalformed, sizeLimit)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil || len(b) < headerSize || strings.ContainsAny(value, "\r\n") {
		return Content{}, ErrMalformed
	}
	seconds := binary.BigEndian.Uint64(b[macSize:])
	var w wire
	if err := json.Unmarshal(b[headerSize:], &w); err != nil || seconds > math.MaxUint32<<8 {
		return Content{}, ErrMalformed
	}
	c := Content{Values: w.Values, Expires: time.Unix(int64(seconds), 0)}
	if w.User != "" || len(w.Roles) > 0 {
		c.Identity = auth.Identity{User: w.User, Roles: w.Roles, Data: w.Data, Method: Method}
	}
	c.Key = -1
	for i, key := range keys {
		// An empty key is one that everybody has.
		if len(key) > 0 && hmac.Equal(mac(key, name, b[macSize:]), b[:macSize]) {
			c.Key = i
			break
		}
	}
	switch {
	case len(keys) == 0:
		return c, ErrNoKey
	case c.Key < 0:
		return c, ErrSignature
	case !time.Now().Before(c.Expires):
		return c, ErrExpired
	}
	return c, nil
}

// sign returns the cookie's value.
func (c Content) sign(name string, key []byte) (string, error) {
	w := wire{User: c.Identity.User, Roles: c.Identity.Roles, Data: c.Identity.Data, Values: c.Values}
	if err := w.valid(); err != nil {
		return "", err
	}
	body := binary.BigEndian.AppendUint64(nil, uint64(max(0, c.Expires.Unix())))
	buf := bytes.NewBuffer(body)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(w); err != nil {
		return "", fmt.Errorf("signed: %w", err)
	}
	body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	return base64.RawURLEncoding.EncodeToString(append(mac(key, name, body), body...)), nil
}

// valid refuses what JSON would change on its way.
func (w wire) valid() error {
	const notUTF8 = "signed: the cookie cannot hold bytes that are not UTF-8, as in %s\nhint: base64 keeps any bytes"
	for _, s := range append([]string{w.User, w.Data}, w.Roles...) {
		if !utf8.ValidString(s) {
			return fmt.Errorf(notUTF8, "the identity")
		}
	}
	for k, v := range w.Values {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return fmt.Errorf(notUTF8, fmt.Sprintf("the value %q", k))
		}
	}
	return nil
}

// mac is the MAC of a cookie: over its name, whose length comes first, and its body, end
// and content.
func mac(key []byte, name string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(macLabel))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(name))))
	h.Write([]byte(name))
	h.Write(body)
	return h.Sum(nil)
}
