package basic

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/reread"
)

// provenLimit bounds the logins that need not be hashed again; a developer's browsers,
// scripts and tests use a handful.
const provenLimit = 256

// hashing is how many passwords are hashed at a time, of all requests: one takes a tenth of a
// second and more, and who guesses must not have the whole machine.
func hashing() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Htpasswd is a file of users as Apache's htpasswd writes it: lines user:hash, where the
// hash is bcrypt ($2y$, $2b$, $2a$), apr1 ($apr1$) or SHA-1 ({SHA}); empty lines and
// those that begin with # do not count. It is read again when it changes.
type Htpasswd struct {
	// Log hears that the file has become unreadable; the users read before stay. It is
	// set before the first request. Nil: nobody hears of it.
	Log func(error)

	file   *reread.File[table]
	verify func(hash, password string) bool
	slots  chan struct{} // holds one for each password that is being hashed

	// bcrypt takes a tenth of a second, and a page has fifty images: what has proven
	// right is remembered, as a MAC under a key that dies with the process.
	key    [32]byte
	mu     sync.Mutex
	proven map[[sha256.Size]byte]struct{}
}

// table is what a file says.
type table struct {
	hashes map[string]string // by user
	decoy  string            // a hash to try for users that do not exist
}

// OpenHtpasswd reads the file at path. A line that is no user with a hash is an error
// that names it.
func OpenHtpasswd(path string) (*Htpasswd, error) {
	f, err := reread.Open(path, parseHtpasswd)
	if err != nil {
		return nil, fmt.Errorf("basic: %w", err)
	}
	h := &Htpasswd{file: f, verify: verify, slots: make(chan struct{}, hashing()), proven: make(map[[sha256.Size]byte]struct{})}
	rand.Read(h.key[:])
	return h, nil
}

// Check is for [Auth.Check]. It waits while many others are asked about; what ctx ends
// counts as wrong.
func (h *Htpasswd) Check(ctx context.Context, user, password string) (auth.Identity, bool) {
	users := h.load()
	hash, known := users.hashes[user]
	if !known {
		hash = users.decoy // so that an unknown user takes as long as a known one
	}
	if !h.matches(ctx, hash, password) || !known {
		return auth.Identity{}, false
	}
	return auth.Identity{User: user, Method: Method}, true
}

// Has reports whether the file has the user, as it is now: one who has signed in by a
// cookie may be gone since.
func (h *Htpasswd) Has(user string) bool {
	_, known := h.load().hashes[user]
	return known
}

// load returns what the file says now.
func (h *Htpasswd) load() table {
	users, err := h.file.Load()
	if err != nil && h.Log != nil {
		h.Log(fmt.Errorf("basic: %w", err))
	}
	return users
}

// matches reports whether password has the hash.
func (h *Htpasswd) matches(ctx context.Context, hash, password string) bool {
	mac := hmac.New(sha256.New, h.key[:])
	fmt.Fprintf(mac, "%d:%s%s", len(hash), hash, password)
	proof := [sha256.Size]byte(mac.Sum(nil))
	if h.isProven(proof) {
		return true
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return false
	}
	if h.isProven(proof) { // the page's first image has done it meanwhile
		return true
	}
	if ctx.Err() != nil || !h.verify(hash, password) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.proven) >= provenLimit {
		clear(h.proven)
	}
	h.proven[proof] = struct{}{}
	return true
}

func (h *Htpasswd) isProven(proof [sha256.Size]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.proven[proof]
	return ok
}

// parseHtpasswd reads a file. Of two lines for a user the first counts, as in Apache.
func parseHtpasswd(b []byte) (table, error) {
	t := table{hashes: make(map[string]string)}
	err := reread.Lines(b, func(line string) error {
		user, hash, ok := strings.Cut(line, ":")
		if !ok || user == "" {
			return errNoHash
		}
		hash, _, _ = strings.Cut(hash, ":") // further fields are comments
		if err := checkHash(hash); err != nil {
			return fmt.Errorf("user %q: %w", user, err)
		}
		if _, ok := t.hashes[user]; !ok {
			t.hashes[user] = hash
		}
		t.decoy = hash
		return nil
	})
	if err != nil {
		return table{}, err
	}
	return t, nil
}

var errNoHash = errors.New("no user and hash with a colon between them\n" +
	"hint: pastedev password USER --users FILE writes such a line, as does htpasswd -B FILE USER")

var errNotHashed = errors.New("the password is not hashed, or by the old crypt\n" +
	"hint: only bcrypt, apr1 and {SHA} are read; pastedev password USER --users FILE writes the first")
