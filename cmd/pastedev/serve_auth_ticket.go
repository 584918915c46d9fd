package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth/ticket"
	"github.com/pastedev/pastedev/reloader"
)

// ticketHashes are those of the settings.
var ticketHashes = map[string]ticket.Hash{"": "", "md5": ticket.MD5, "sha256": ticket.SHA256, "sha512": ticket.SHA512}

// ticket takes the cookies of mod_auth_tkt. They are issued by a page of ours where there is
// a file of users, else by the login page of another site.
func (a authConfig) ticket(s *session) (method, error) {
	hash, known := ticketHashes[strings.ToLower(a.Hash)]
	switch {
	case !known:
		return nil, usagef("auth %q: hash is %q\nhint: md5, sha256 or sha512; what is read may be any of them", a.Path, a.Hash)
	case a.Users != "" && a.Login != "":
		return nil, usagef("auth %q: ticket has users and a login\nhint: users for a page of pastedev's own, login for that of another site", a.Path)
	}
	secrets, err := a.secrets(s)
	if err != nil {
		return nil, err
	}
	c := &ticket.Cookie{Name: a.Cookie, Secrets: secrets, Hash: hash, BindIP: a.BindAddress, Timeout: time.Duration(a.Timeout), Log: a.quietly(s)}
	if (&http.Cookie{Name: a.cookieName(), Value: "x"}).Valid() != nil {
		return nil, usagef("auth %q: cookie is %q, which cannot be the name of one\nhint: cookie = \"auth_tkt\"", a.Path, a.Cookie)
	}
	var ask method
	if a.Users == "" {
		away := &ticket.Away{Login: a.Login}
		if err := away.Check(); err != nil {
			return nil, usagef("auth %q: %v", a.Path, err)
		}
		ask = away.Handler
	} else if ask, err = a.ticketForm(s); err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return c.Handler(remembered(ticket.Method, a.named, ask(next)))
	}, nil
}

func (a authConfig) cookieName() string {
	if a.Cookie == "" {
		return ticket.DefaultName
	}
	return a.Cookie
}

// ticketForm is the page of ours that issues tickets.
func (a authConfig) ticketForm(s *session) (method, error) {
	_, check, err := a.usersFile(s) // who has a ticket of another site need not be in it
	if err != nil {
		return nil, err
	}
	_, key, err := a.keeper(s, "ticket\x00"+reloader.Absolute(a.base, a.Users))
	if err != nil {
		return nil, err
	}
	return a.page(check, key, ""), nil
}

// maxSecrets bounds a file of secrets: a few lines.
const maxSecrets = 64 << 10

// secrets reads the secrets of tickets, the newest first. An error repeats nothing of what
// may be one.
func (a authConfig) secrets(s *session) ([]string, error) {
	const forms = "hint: secret = \"tkt.secret\" is a file, with the newest secret in its first line; secret = \"env:NAME\" a variable"
	kind, rest, _ := strings.Cut(a.Secret, ":")
	switch {
	case a.Secret == "":
		return nil, usagef("auth %q: ticket needs the secret that its tickets are made with\n%s", a.Path, forms)
	case kind == "text":
		if rest == "" {
			return nil, usagef("auth %q: the secret is empty\n%s", a.Path, forms)
		}
		s.noticeLines(fmt.Sprintf("auth %q: its secret stands in %s, where all who have the project can read it\n%s", a.Path, configName, forms))
		return []string{rest}, nil
	case kind == "env":
		if v := os.Getenv(rest); rest != "" && v != "" {
			return []string{v}, nil
		}
		return nil, usagef("auth %q: the variable that secret names is empty or not set\n%s", a.Path, forms)
	}
	path := reloader.Absolute(a.base, a.Secret)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSecrets {
		return nil, usagef("auth %q: secret names no file in %s that can be read and is a few lines long\n%s; secret = \"text:…\" is the secret itself, for all to see", a.Path, a.base, forms)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("auth %q: read the file of secrets: permission denied or gone\n%s", a.Path, forms)
	}
	var list []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	if len(list) == 0 {
		return nil, usagef("auth %q: the file of secrets is empty\n%s", a.Path, forms)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		s.noticeLines(fmt.Sprintf("auth %q: others can read the file of its secrets (mode %04o)\nhint: chmod 600 %s", a.Path, mode, path))
	}
	return list, nil
}

// quietly notices why a cookie does not count, once for as long as the reason is the same: a
// page with fifty images comes with fifty cookies.
func (a authConfig) quietly(s *session) func(*http.Request, error) {
	var mu sync.Mutex
	last := ""
	return func(_ *http.Request, err error) {
		mu.Lock()
		again := err.Error() == last
		last = err.Error()
		mu.Unlock()
		if !again {
			s.noticeLines(fmt.Sprintf("auth %q: %v", a.Path, err))
		}
	}
}
