package digest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth/internal/reread"
)

// Htdigest is a file of users as Apache's htdigest writes it: lines user:realm:hash, where
// hash is [Hash] by MD5 or, which Apache does not know, by SHA-256; a user may have a line
// for each. Empty lines and those that begin with # do not count. It is read again when
// it changes.
type Htdigest struct {
	// Log hears that the file has become unreadable; the users read before stay. It is
	// set before the first request. Nil: nobody hears of it.
	Log func(error)

	file *reread.File[map[entry]string]
}

// entry is that of which a file says the hash.
type entry struct {
	alg         Algorithm
	realm, user string
}

// OpenHtdigest reads the file at path. A line that is no user with a hash is an error
// that names it.
func OpenHtdigest(path string) (*Htdigest, error) {
	f, err := reread.Open(path, parseHtdigest)
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	return &Htdigest{file: f}, nil
}

// HA1 is for [Auth.HA1].
func (h *Htdigest) HA1(_ context.Context, alg Algorithm, realm, user string) (string, bool) {
	ha1, ok := h.load()[entry{alg, realm, user}]
	return ha1, ok
}

// Algorithms returns those in which the file knows every user of realm, for
// [Auth.Algorithms]: a user who is known in MD5 only can answer nothing better. It looks
// once. Without users it is all; if there is none that all users have, it is nil, which
// is all too, and who lacks the one that a client takes cannot sign in.
func (h *Htdigest) Algorithms(realm string) []Algorithm {
	users := h.load()
	var all []Algorithm
	for _, alg := range []Algorithm{SHA256, MD5} {
		knows := true
		for e := range users {
			_, ok := users[entry{alg, e.realm, e.user}]
			knows = knows && (ok || e.realm != realm)
		}
		if knows {
			all = append(all, alg)
		}
	}
	return all
}

func (h *Htdigest) load() map[entry]string {
	users, err := h.file.Load()
	if err != nil && h.Log != nil {
		h.Log(fmt.Errorf("digest: %w", err))
	}
	return users
}

// parseHtdigest reads a file. Of two lines for the same the first counts, as in Apache.
func parseHtdigest(b []byte) (map[entry]string, error) {
	users := make(map[entry]string)
	err := reread.Lines(b, func(line string) error {
		user, rest, ok := strings.Cut(line, ":")
		i := strings.LastIndexByte(rest, ':')
		if !ok || i < 0 {
			return errors.New("not user:realm:hash\nhint: pastedev password USER --digest --realm REALM --users FILE writes such lines")
		}
		realm, hash := rest[:i], strings.ToLower(rest[i+1:])
		sum, err := hex.DecodeString(hash)
		alg := algorithmOfSize(len(sum))
		if err != nil || alg == "" {
			return fmt.Errorf("user %q: the last field is no hash of 32 or 64 hexadecimal digits\n"+
				"hint: pastedev password USER --digest --realm REALM --users FILE writes such lines", user)
		}
		if e := (entry{alg, realm, user}); users[e] == "" {
			users[e] = hash
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return users, nil
}

// algorithmOfSize returns the algorithm with sums of n bytes.
func algorithmOfSize(n int) Algorithm {
	for _, alg := range []Algorithm{SHA256, MD5} {
		if alg.size() == n {
			return alg
		}
	}
	return ""
}
