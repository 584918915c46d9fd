package basic

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// costLimit is the highest cost of a bcrypt hash that is taken: some ten seconds for a
// login, beyond which a typing error in the file would stop the server.
const costLimit = 17

const (
	apr1Prefix = "$apr1$"
	shaPrefix  = "{SHA}"
)

// PasswordLimit is how many bytes of a password bcrypt takes.
const PasswordLimit = 72

// ErrPasswordTooLong is the error of [Hash] for a password above [PasswordLimit].
var ErrPasswordTooLong = bcrypt.ErrPasswordTooLong

// Hash returns what a file of users keeps in place of a password: its bcrypt hash, with a
// salt of its own each time, spelled $2y$ as Apache's htpasswd does. It takes some fifty
// milliseconds. A password above [PasswordLimit] bytes is refused and never cut.
func Hash(password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", err
	}
	return "$2y$" + strings.TrimPrefix(string(hash), "$2a$"), nil // one and the same algorithm
}

// checkHash says what is wrong with a hash, if anything.
func checkHash(hash string) error {
	switch {
	case isBcrypt(hash):
		cost, err := bcrypt.Cost([]byte(hash))
		if err != nil {
			return fmt.Errorf("the bcrypt hash is damaged: %w", err)
		}
		if cost > costLimit {
			return fmt.Errorf("a bcrypt hash of cost %d takes minutes\nhint: at most %d is read", cost, costLimit)
		}
		if len(hash) != 60 {
			return errors.New("the bcrypt hash is damaged: it has 60 characters")
		}
		return nil
	case strings.HasPrefix(hash, shaPrefix):
		if b, err := base64.StdEncoding.DecodeString(hash[len(shaPrefix):]); err != nil || len(b) != sha1.Size {
			return errors.New("what follows {SHA} is not the base64 of a SHA-1 sum")
		}
		return nil
	case strings.HasPrefix(hash, apr1Prefix):
		salt, sum, ok := strings.Cut(hash[len(apr1Prefix):], "$")
		if !ok || salt == "" || len(salt) > 8 || len(sum) != 22 {
			return errors.New("the apr1 hash is damaged: $apr1$, up to 8 characters of salt, $ and 22 characters")
		}
		return nil
	}
	return errNotHashed
}

func isBcrypt(hash string) bool {
	return strings.HasPrefix(hash, "$2y$") || strings.HasPrefix(hash, "$2b$") || strings.HasPrefix(hash, "$2a$")
}

// verify reports whether password has the hash, in a time that does not depend on how
// nearly.
func verify(hash, password string) bool {
	var sum string
	switch {
	case isBcrypt(hash):
		return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
	case strings.HasPrefix(hash, shaPrefix):
		b := sha1.Sum([]byte(password))
		sum = shaPrefix + base64.StdEncoding.EncodeToString(b[:])
	case strings.HasPrefix(hash, apr1Prefix):
		salt, _, _ := strings.Cut(hash[len(apr1Prefix):], "$")
		sum = apr1(password, salt)
	default:
		return false
	}
	return subtle.ConstantTimeCompare([]byte(sum), []byte(hash)) == 1
}

// apr1 is Apache's variant of the MD5 crypt of FreeBSD: a thousand rounds of MD5 over
// password, salt and the sum before, mixed by the round's number.
func apr1(password, salt string) string {
	inner := md5.Sum([]byte(password + salt + password))
	h := md5.New()
	h.Write([]byte(password + apr1Prefix + salt))
	for n := len(password); n > 0; n -= md5.Size {
		h.Write(inner[:min(n, md5.Size)])
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write([]byte{0})
		} else {
			h.Write([]byte(password[:1]))
		}
	}
	sum := h.Sum(nil)
	for round := range 1000 {
		h.Reset()
		first, last := sum, []byte(password)
		if round%2 == 1 {
			first, last = last, first
		}
		h.Write(first)
		if round%3 != 0 {
			h.Write([]byte(salt))
		}
		if round%7 != 0 {
			h.Write([]byte(password))
		}
		h.Write(last)
		sum = h.Sum(nil)
	}
	return apr1Prefix + salt + "$" + crypt64(sum)
}

// crypt64 writes an MD5 sum as crypt does: its bytes in an order of its own, in groups of
// three, six bits a character, the lowest first.
func crypt64(sum []byte) string {
	const digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var b strings.Builder
	group := func(v uint, n int) {
		for range n {
			b.WriteByte(digits[v&0x3f])
			v >>= 6
		}
	}
	for _, g := range [...][3]int{{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}} {
		group(uint(sum[g[0]])<<16|uint(sum[g[1]])<<8|uint(sum[g[2]]), 4)
	}
	group(uint(sum[11]), 2)
	return b.String()
}
