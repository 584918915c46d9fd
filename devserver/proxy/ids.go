package proxy

import (
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// seenIDs bounds the memory of ids that were given.
	seenIDs = 4096
	// seenPages bounds the memory of documents that later requests may belong to.
	seenPages = 256
)

// ids chooses the ids of exchanges, and remembers those that it gave.
type ids struct{ seen recent[inspect.ID, struct{}] }

// choose takes the trace id of the client's traceparent, so that both tell of the
// same trace, if no exchange bears it yet; else a new one. A program that calls itself
// passes on the id of the exchange that it is in.
func (i *ids) choose(h http.Header) inspect.ID {
	if tp := h["Traceparent"]; len(tp) == 1 && len(tp[0]) >= 55 && tp[0][2] == '-' && tp[0][35] == '-' {
		id := inspect.ID(tp[0][3:35])
		if id.Valid() && i.seen.add(id, struct{}{}, seenIDs) {
			return id
		}
	}
	id := inspect.NewID()
	i.seen.add(id, struct{}{}, seenIDs)
	return id
}

// pages remembers which exchange delivered which document.
type pages struct{ byURL recent[string, inspect.ID] }

// learn remembers a document that r fetched.
func (p *pages) learn(r *http.Request, status int, contentType string, id inspect.ID) {
	dest := r.Header.Get("Sec-Fetch-Dest")
	if r.Method != http.MethodGet || status >= 300 && status < 400 || dest != "" && dest != "document" && dest != "iframe" {
		return
	}
	if t, _, _ := mime.ParseMediaType(contentType); t == "text/html" || t == "application/xhtml+xml" {
		p.byURL.put(absoluteURL(r), id, seenPages)
	}
}

// find returns the page that asked for r: the document of r's host that r names as
// its referrer. A navigation belongs to no page.
func (p *pages) find(r *http.Request) inspect.ID {
	ref := r.Header.Get("Referer")
	if ref == "" || r.Header.Get("Sec-Fetch-Dest") == "document" || !strings.HasPrefix(ref, schemeOf(r)+"://"+r.Host+"/") {
		return ""
	}
	ref, _, _ = strings.Cut(ref, "#")
	return p.byURL.get(ref)
}

// recent is a map that forgets its oldest keys. Its zero value is ready.
type recent[K comparable, V any] struct {
	mu   sync.Mutex
	m    map[K]V
	keys []K // ring, in order of arrival
	next int
}

func (r *recent[K, V]) get(k K) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m[k]
}

// add stores v under a new k and reports false, storing nothing, if k is known.
func (r *recent[K, V]) add(k K, v V, limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.m[k]; known {
		return false
	}
	r.insert(k, v, limit)
	return true
}

// put stores v under k, known or not.
func (r *recent[K, V]) put(k K, v V, limit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.m[k]; known {
		r.m[k] = v
		return
	}
	r.insert(k, v, limit)
}

func (r *recent[K, V]) insert(k K, v V, limit int) {
	if r.m == nil {
		r.m = make(map[K]V)
	}
	r.m[k] = v
	if len(r.keys) < limit {
		r.keys = append(r.keys, k)
		return
	}
	delete(r.m, r.keys[r.next])
	r.keys[r.next] = k
	r.next = (r.next + 1) % limit
}
