package panel

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/inspect"
)

// Prefix is the part of the app's address space that a [Handler] serves.
const Prefix = "/_pastedev/"

// script is what every page loads: JavaScript and CSS in one file, served as it is. It imports
// the other scripts from beside it when they are wanted.
//
//go:embed assets/panel.js
var script []byte

// Feed is where the live events come from. The channel is closed when ctx ends.
type Feed interface {
	Subscribe(ctx context.Context) <-chan inspect.Event
}

// Config is what a [Handler] needs. Only Status is required.
type Config struct {
	Status func() inspect.Status // of the target, at this moment
	Feed   Feed                  // nil: pages learn the state only when they connect
	// Lookup returns the summary of an exchange, redacted, or inspect.ErrNotFound.
	// nil: the panel lists what the browser knows.
	Lookup func(ctx context.Context, id inspect.ID) (inspect.Summary, error)
	// Inside returns an exchange with its traces, redacted, or inspect.ErrNotFound: what
	// it printed, its SQL, its calls and its failures. nil: the panel does not show them.
	Inside func(ctx context.Context, id inspect.ID) (*inspect.Exchange, []inspect.Trace, error)
	// CallTree returns the call tree of an exchange, redacted, or inspect.ErrNotFound: the
	// same exchanges as Inside, which it needs. nil: the panel does not show it.
	CallTree func(ctx context.Context, id inspect.ID) (*inspect.CallTree, error)
	// Secret signs the capabilities of pages. nil: a random one, with which a page from
	// the browser's cache that an earlier run had injected asks to be loaded afresh.
	Secret []byte
	// Editor is the address that opens a file, with {path}, {line} and {column} in it.
	// "" means [VSCode]; "off" means no links.
	Editor string
}

// VSCode is the address that opens a file in Visual Studio Code.
const VSCode = "vscode://file{path}:{line}:{column}"

// Handler serves the script and its endpoints. It is safe for concurrent use.
type Handler struct {
	cfg Config

	mu         sync.Mutex
	clients    map[*client]struct{}
	closed     bool
	generation int // how often the target has entered StateRunning while we listened
	assets     int // how many AssetsChanged have come
}

// New returns a Handler.
func New(cfg Config) *Handler {
	if cfg.Secret == nil {
		cfg.Secret = make([]byte, 32)
		rand.Read(cfg.Secret) // never fails
	}
	if cfg.Editor == "" {
		cfg.Editor = VSCode
	}
	return &Handler{cfg: cfg, clients: map[*client]struct{}{}}
}

// Src returns the address of the script for the page that exchange id answered.
// build is the number of the build that answered, 0 where there are no builds.
func (h *Handler) Src(id inspect.ID, build int) string {
	src := Prefix + "panel.js?id=" + string(id) + "&cap=" + h.capability(id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if build > 0 {
		src += "&b=" + strconv.Itoa(build)
	} else {
		src += "&g=" + strconv.Itoa(h.generation)
	}
	return src + "&a=" + strconv.Itoa(h.assets)
}

// Meta is what is added to the address of the script in a page that has a policy of its own in
// a <meta>: such a page may let in nothing that the script would ask for, so that it brings all.
const Meta = "&meta=1"

// capability returns what a page must show to hear events: 128 bits that only this
// handler can make from the page's id.
func (h *Handler) capability(id inspect.ID) string {
	mac := hmac.New(sha256.New, h.cfg.Secret)
	mac.Write([]byte("pastedev page " + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// capable reports whether the query of r holds a page id with its capability.
func (h *Handler) capable(r *http.Request) bool {
	q := r.URL.Query()
	id := inspect.ID(q.Get("id"))
	return id.Valid() && hmac.Equal([]byte(q.Get("cap")), []byte(h.capability(id)))
}

// ServeHTTP serves the scripts, events, exchanges, inside and profile below [Prefix]. It refuses what
// does not come from a page of its own origin; the Host header is the front's to
// check.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if why := refusal(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "pastedev: nothing can be changed here, use GET", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	if name == "panel.js" && r.URL.Query().Has("meta") && h.capable(r) {
		serveScript(w, h.whole())
		return
	}
	if script := scriptNamed(name); script != nil {
		serveScript(w, script)
		return
	}
	serve := map[string]http.HandlerFunc{"events": h.serveEvents, "exchanges": h.serveExchanges, "inside": h.serveInside, "profile": h.serveProfile}[name]
	if serve == nil {
		http.Error(w, "pastedev: no such page", http.StatusNotFound)
		return
	}
	if !h.capable(r) {
		http.Error(w, "pastedev: the address lacks the capability of a page of this run\nhint: reload the page", http.StatusForbidden)
		return
	}
	serve(w, r)
}

// scriptNamed returns a script by its name below [Prefix], or nil. The panel imports all but
// panel.js and trace.js as modules: an import takes over the nonce of the script that asks
// for it and is no sink of Trusted Types, so it loads wherever the panel does.
func scriptNamed(name string) []byte {
	switch name {
	case "panel.js":
		return script
	case viewScript:
		return viewModule()
	case stylesScript:
		return []byte(stylesJS)
	case profileScript:
		return profileModule()
	case htmlScript:
		return []byte(htmlJS)
	case traceScript:
		return []byte(reloadJS + traceJS)
	}
	return nil
}

func serveScript(w http.ResponseWriter, script []byte) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(script)))
	w.Write(script)
}

// secure sets the fields that keep an answer from other origins and from caches.
func secure(h http.Header) {
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// refusal says why r may not be answered, or "".
func refusal(r *http.Request) string {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "same-origin", "none":
	default:
		return fmt.Sprintf("pastedev: refused: Sec-Fetch-Site is %q\nhint: only pages of this very origin may ask; no flag allows others", site)
	}
	if _, sent := r.Header["Origin"]; sent {
		origin := r.Header.Get("Origin")
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return fmt.Sprintf("pastedev: refused: Origin is %q, Host is %q\nhint: only pages of this very origin may ask; no flag allows others", origin, r.Host)
		}
	}
	return ""
}
