package ticket

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Hash names what a ticket's digest is made by.
type Hash string

// The hashes of mod_auth_tkt, whose TKTAuthDigestType names them so.
const (
	MD5    Hash = "MD5"
	SHA256 Hash = "SHA256"
	SHA512 Hash = "SHA512"
)

// hashes are all, the longest first: the beginning of a ticket may be hexadecimal further
// than its digest.
var hashes = [...]Hash{SHA512, SHA256, MD5}

// sum returns the hex sum of the parts, one after the other.
func (h Hash) sum(parts ...string) string {
	b := []byte(strings.Join(parts, ""))
	switch h {
	case SHA512:
		s := sha512.Sum512(b)
		return hex.EncodeToString(s[:])
	case MD5:
		s := md5.Sum(b)
		return hex.EncodeToString(s[:])
	default:
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:])
	}
}

// digits returns the length of a sum in hexadecimal digits.
func (h Hash) digits() int {
	switch h {
	case SHA512:
		return 2 * sha512.Size
	case MD5:
		return 2 * md5.Size
	default:
		return 2 * sha256.Size
	}
}

const (
	stampDigits = 8
	// sizeLimit bounds name and value of a cookie: what every browser keeps.
	sizeLimit = 4096
)

// Ticket is what a cookie of mod_auth_tkt says.
type Ticket struct {
	// User is the name.
	User string
	// Tokens are what the user may, such as the names of groups.
	Tokens []string
	// Data is what else the issuer put in.
	Data string
	// Issued is when, to the second.
	Issued time.Time
	// Hash is what the digest was made by.
	Hash Hash
	// Addr is the IPv4 address that the ticket is for. The zero Addr: any.
	Addr netip.Addr
	// Secret is the index of the secret that it was issued with.
	Secret int
	// Digest is the digest as it stood, in hexadecimal digits.
	Digest string
	// Base64, Percent and Quoted tell how the cookie was wrapped; EscapedUser that the
	// user's name was percent-encoded for itself, as Paste does.
	Base64, Percent, Quoted, EscapedUser bool
}

// What can be wrong with a ticket. ErrNoSecret and ErrDigest come with the ticket's parts.
var (
	ErrMalformed = errors.New("ticket: the value is not of the form of a ticket")
	ErrNoSecret  = errors.New("ticket: there is no secret to verify the ticket with")
	ErrDigest    = errors.New("ticket: the digest is wrong: the ticket was changed, issued with another secret, or for another address")
)

// Parse reads a cookie's value as a ticket for any address and verifies it with each of
// the secrets. It takes all that mod_auth_tkt takes and what Paste writes. With ErrDigest
// and ErrNoSecret it still returns the parts, for an inspector; of those, nothing is to
// be believed. It does not look at the ticket's age.
func Parse(cookie string, secrets ...string) (Ticket, error) {
	return ParseFor(netip.Addr{}, cookie, secrets...)
}

// ParseFor is [Parse] for a ticket bound to the IPv4 address addr.
func ParseFor(addr netip.Addr, cookie string, secrets ...string) (Ticket, error) {
	if len(cookie) > sizeLimit {
		return Ticket{}, fmt.Errorf("%w: it has more than %d bytes", ErrMalformed, sizeLimit)
	}
	t, text, err := unwrap(cookie)
	if err != nil {
		return Ticket{}, err
	}
	var first *Ticket
	for _, h := range hashes {
		t.Hash = h
		readings := t.read(text)
		if len(readings) == 0 {
			continue
		}
		if first == nil {
			first = &readings[0]
		}
		for i, secret := range secrets {
			for _, r := range readings {
				if r.Secret, r.Addr = i, addr; secret != "" && hmac.Equal([]byte(r.digest(secret)), []byte(r.Digest)) {
					return r, nil
				}
			}
		}
	}
	switch {
	case first == nil:
		return Ticket{}, ErrMalformed
	case len(secrets) == 0:
		return *first, ErrNoSecret
	}
	return *first, ErrDigest
}

// unwrap takes off quotes, percent-encoding and base64, in the order and by the signs of
// mod_auth_tkt: a ticket has a '!', one that has none is encoded.
func unwrap(cookie string) (t Ticket, text string, err error) {
	text = cookie
	if n := len(text); n > 1 && text[0] == '"' && text[n-1] == '"' {
		t.Quoted, text = true, text[1:n-1]
	}
	switch {
	case strings.Contains(text, "!"):
	case strings.Contains(text, "%21"):
		t.Percent = true
		if text, err = url.PathUnescape(text); err != nil {
			return t, "", ErrMalformed
		}
	default:
		t.Base64 = true
		if strings.Contains(text, "%") { // base64 whose = became %3D
			if text, err = url.PathUnescape(text); err != nil {
				return t, "", ErrMalformed
			}
		}
		text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
		b, err := base64.RawStdEncoding.DecodeString(text)
		if err != nil {
			return t, "", ErrMalformed
		}
		text = string(b)
	}
	return t, text, nil
}

// read returns the ways in which text can be read with t's hash; none if in no way. A '!'
// between tokens and data may be left out when there are no tokens, and may stand in the
// data; the user may be percent-encoded. Which reading is meant the digest decides. The
// first is that of mod_auth_tkt. A NUL, which separates the parts in the digest, is in
// none.
func (t Ticket) read(text string) []Ticket {
	n := t.Hash.digits()
	if len(text) < n+stampDigits || strings.Contains(text, "\x00") {
		return nil
	}
	t.Digest = text[:n]
	if _, err := hex.DecodeString(t.Digest); err != nil {
		return nil
	}
	stamp, err := strconv.ParseUint(text[n:n+stampDigits], 16, 32)
	if err != nil {
		return nil
	}
	t.Issued = time.Unix(int64(stamp), 0)
	user, rest, ok := strings.Cut(text[n+stampDigits:], "!")
	if !ok {
		return nil
	}
	t.User = user
	with, without := t, t
	without.Data = rest
	readings := []Ticket{without}
	if tokens, data, ok := strings.Cut(rest, "!"); ok {
		with.Data = data
		if tokens != "" {
			with.Tokens = strings.Split(tokens, ",")
		}
		readings = []Ticket{with, without}
	}
	if plain, err := url.PathUnescape(user); err == nil && plain != user && !strings.Contains(plain, "\x00") {
		for _, r := range readings {
			r.User, r.EscapedUser = plain, true
			readings = append(readings, r)
		}
	}
	return readings
}

// digest returns the digest that the ticket should have.
func (t Ticket) digest(secret string) string {
	var head [8]byte
	if addr := t.Addr.Unmap(); addr.Is4() {
		ip := addr.As4()
		copy(head[:], ip[:])
	}
	binary.BigEndian.PutUint32(head[4:], uint32(t.Issued.Unix()))
	inner := t.Hash.sum(string(head[:]), secret, t.User, "\x00", strings.Join(t.Tokens, ","), "\x00", t.Data)
	return t.Hash.sum(inner, secret)
}

// Sign returns the ticket as a cookie's value, with a digest by t.Hash (empty: SHA-256)
// and secret. The user's name is written as it stands, as mod_auth_tkt digests it. What a
// cookie cannot hold as it stands, spaces for one, has the whole in base64, which
// mod_auth_tkt reads too. Parts that cannot be told apart afterwards are an error.
func (t Ticket) Sign(secret string) (string, error) {
	if err := t.valid(secret); err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s%08x%s!", t.digest(secret), t.Issued.Unix(), t.User)
	switch {
	case len(t.Tokens) > 0:
		text += strings.Join(t.Tokens, ",") + "!"
	case strings.Contains(t.Data, "!"):
		text += "!" // no tokens, said aloud, or what precedes the data's ! would be some
	}
	text += t.Data
	// A % could be taken for percent-encoding by others.
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune("\",;\\%", c) }) {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return text, nil
}

// valid refuses what cannot be read again as it was.
func (t Ticket) valid(secret string) error {
	switch unix := t.Issued.Unix(); {
	case secret == "":
		return ErrNoSecret
	case t.Hash != "" && t.Hash != MD5 && t.Hash != SHA256 && t.Hash != SHA512:
		return fmt.Errorf("ticket: there is no hash %q\nhint: MD5, SHA256 or SHA512", t.Hash)
	case t.User == "":
		return errors.New("ticket: a ticket needs a user")
	case unix < 0 || unix > 1<<32-1:
		return fmt.Errorf("ticket: the time %s does not fit into 32 bits", t.Issued.Format(time.RFC3339))
	case strings.ContainsAny(t.User, "!\x00"):
		return fmt.Errorf("ticket: user %q: a ! or NUL ends a name in a ticket", t.User)
	case strings.Contains(t.Data, "\x00"):
		return errors.New("ticket: the data hold a NUL, which separates the parts of a ticket")
	}
	for _, token := range t.Tokens {
		if token == "" || strings.ContainsAny(token, "!, \x00") {
			return fmt.Errorf("ticket: token %q: a token is not empty and has no !, comma, space or NUL", token)
		}
	}
	return nil
}
