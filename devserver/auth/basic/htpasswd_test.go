package basic

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Sums made by other programs: openssl passwd -apr1, openssl dgst -sha1.
const (
	apr1Short = "$apr1$r31abcde$djMsiid.Jxnr69zUrsnJf."          // pässwörd
	apr1Empty = "$apr1$x$tMwYqBfQwi3FYAr0aJc8M/"                 // (nothing)
	apr1Long  = "$apr1$abc12345$AOWXeACNkmZ4UwgKRfWw0."          // longPassword
	shaSecret = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="              // secret
	longPass  = "a much longer password than sixteen bytes: yes" //
)

func bcrypted(t *testing.T, password string) string {
	t.Helper()
	b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestHtpasswd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	hash := bcrypted(t, "gnib")
	writeFile(t, path, "\ufeff# users\n\nbing:"+hash+"\r\n  y:"+strings.Replace(hash, "$2a$", "$2y$", 1)+":a comment\n"+
		"short:"+apr1Short+"\nempty:"+apr1Empty+"\nlong:"+apr1Long+"\nsha:"+shaSecret+"\nbing:"+shaSecret)
	h, err := OpenHtpasswd(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		user, password string
		want           bool
	}{
		{"bing", "gnib", true},
		{"bing", "gnib", true},    // remembered
		{"bing", "secret", false}, // the first line counts
		{"bing", "", false},
		{"y", "gnib", true},
		{"short", "pässwörd", true},
		{"short", "passwörd", false},
		{"empty", "", true},
		{"empty", "x", false},
		{"long", longPass, true},
		{"long", longPass + "!", false},
		{"sha", "secret", true},
		{"sha", "Secret", false},
		{"nobody", "secret", false}, // the decoy's password
		{"nobody", "gnib", false},
		{"# users", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		id, ok := h.Check(t.Context(), tt.user, tt.password)
		if ok != tt.want || ok && id.User != tt.user {
			t.Errorf("%s:%s: %v %v, want %v", tt.user, tt.password, id, ok, tt.want)
		}
	}
}

func TestHtpasswdRefuses(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"plain", "bob:secret", `line 2: user "bob": the password is not hashed`},
		{"crypt", "bob:rl.3StKT.4T8M", "the old crypt"},
		{"sha-512 crypt", "bob:$6$salt$abc", "only bcrypt, apr1 and {SHA} are read"},
		{"empty hash", "bob:", "not hashed"},
		{"no colon", "bob", "line 2: no user and hash"},
		{"no user", ":" + shaSecret, "no user and hash"},
		{"bad sha", "bob:{SHA}xx", "not the base64 of a SHA-1 sum"},
		{"bad bcrypt", "bob:$2y$zz$" + strings.Repeat("a", 53), "damaged"},
		{"short bcrypt", "bob:$2y$05$" + strings.Repeat("a", 40), "damaged"},
		{"costly bcrypt", "bob:$2y$31$" + strings.Repeat("a", 53), "at most 17"},
		{"bad apr1", "bob:$apr1$abc", "apr1 hash is damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "users")
			writeFile(t, path, "ok:"+shaSecret+"\n"+tt.line+"\n")
			_, err := OpenHtpasswd(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v, want it to say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
	if _, err := OpenHtpasswd(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// The file is read again when it changes; a broken or missing one changes nothing.
func TestHtpasswdChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	writeFile(t, path, "bob:"+shaSecret)
	h, err := OpenHtpasswd(path)
	if err != nil {
		t.Fatal(err)
	}
	var logged []string
	h.Log = func(err error) { logged = append(logged, err.Error()) }
	stamp := time.Now().Add(-time.Hour)
	// save gives each version a time of its own, however coarse the file system's clock.
	save := func(text string) {
		writeFile(t, path, text)
		stamp = stamp.Add(time.Minute)
		if err := os.Chtimes(path, stamp, stamp); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(step, user string, want bool, logs int) {
		t.Helper()
		if _, ok := h.Check(t.Context(), user, "secret"); ok != want {
			t.Errorf("%s: %s is known: %v, want %v", step, user, ok, want)
		}
		if len(logged) != logs {
			t.Errorf("%s: logged %q, want %d lines", step, logged, logs)
		}
	}
	expect("at first", "bob", true, 0)
	save("eve:" + shaSecret)
	expect("after an edit", "eve", true, 0)
	expect("after an edit", "bob", false, 0)
	save("eve:plain")
	expect("a broken edit keeps the users", "eve", true, 1)
	expect("and is told once", "eve", true, 1)
	save("bob:" + shaSecret)
	expect("after its mending", "bob", true, 1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect("without a file", "bob", true, 2)
	writeFile(t, path+".new", "eve:"+shaSecret)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	expect("a new file in its place", "eve", true, 2)
	save("")
	expect("an emptied file", "eve", false, 2)
}

// More logins than are remembered, by several at once, all prove right.
func TestProvenIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	writeFile(t, path, "bob:"+shaSecret)
	h, err := OpenHtpasswd(path)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range provenLimit {
				password := strconv.Itoa(i*provenLimit + j)
				sum := sha1.Sum([]byte(password))
				if !h.matches(t.Context(), shaPrefix+base64.StdEncoding.EncodeToString(sum[:]), password) {
					t.Errorf("%s does not match its own sum", password)
				}
			}
		})
	}
	wg.Wait()
	if n := len(h.proven); n == 0 || n > provenLimit {
		t.Errorf("%d logins remembered, want 1 to %d", n, provenLimit)
	}
}
