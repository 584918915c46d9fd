package digest

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// An Algorithm is a hash as challenges name it (RFC 7616 section 6.1).
type Algorithm string

// The algorithms of this package.
const (
	SHA256 Algorithm = "SHA-256"
	MD5    Algorithm = "MD5"
)

// size returns the length of a sum in bytes, 0 for an algorithm that is not ours.
func (a Algorithm) size() int {
	switch a {
	case SHA256:
		return sha256.Size
	case MD5:
		return md5.Size
	}
	return 0
}

// sum returns the hex sum of the parts with colons between them.
func (a Algorithm) sum(parts ...string) string {
	b := []byte(strings.Join(parts, ":"))
	switch a {
	case SHA256:
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:])
	case MD5:
		s := md5.Sum(b)
		return hex.EncodeToString(s[:])
	}
	return ""
}

// Hash returns what a server keeps in place of a password, called H(A1) in the RFC: the
// hex sum of user, realm and password. Who has it can sign in to that realm. It is empty
// for an algorithm that is not of this package.
func Hash(alg Algorithm, realm, user, password string) string {
	return alg.sum(user, realm, password)
}

// Passwords returns a function for [Auth.HA1] that has find look up a user's password.
func Passwords(find func(ctx context.Context, user string) (password string, ok bool)) func(ctx context.Context, alg Algorithm, realm, user string) (string, bool) {
	return func(ctx context.Context, alg Algorithm, realm, user string) (string, bool) {
		password, ok := find(ctx, user)
		if !ok {
			return "", false
		}
		return Hash(alg, realm, user, password), true
	}
}
