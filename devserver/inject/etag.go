package inject

import (
	"net/http"
	"strings"
	"sync"
)

// maxTags bounds each of the two generations of remembered entity tags: a large
// site has some thousand pages, and a forgotten tag costs one full answer.
const maxTags = 2048

// maxTagLen is the longest remembered path and tag together, so that the memory
// stays below maxTags * 2 * maxTagLen bytes (2 MiB).
const maxTagLen = 512

// Request turns the entity tags that [Injector.Apply] weakened back into those that
// the target sent, in If-None-Match and If-Match. An injected page has other bytes
// than the target's, so the browser gets W/"x" for "x"; the target may well compare
// bytes, and must see "x" again to answer 304.
//
// The memory is per path and ends with the Injector: a tag from an earlier run goes
// to the target as the browser sent it, W/"x", which by RFC 9110 section 8.8.3.2
// still matches "x" there; a target that compares bytes answers with the full page.
func (in *Injector) Request(req *http.Request) {
	for _, name := range [...]string{"If-None-Match", "If-Match"} {
		lines := req.Header[name]
		for i, line := range lines {
			if restored := in.restoreList(req, line); restored != line {
				lines = append([]string(nil), lines...) // the client's header stays as recorded
				lines[i] = restored
				req.Header[name] = lines
			}
		}
	}
}

// restoreList replaces the remembered tags of one list and keeps all other bytes.
func (in *Injector) restoreList(req *http.Request, list string) string {
	var b strings.Builder
	for rest := list; rest != ""; {
		i := strings.Index(rest, `W/"`)
		if i < 0 {
			b.WriteString(rest)
			break
		}
		end := strings.IndexByte(rest[i+3:], '"')
		if end < 0 {
			b.WriteString(rest)
			break
		}
		tag := rest[i : i+3+end+1]
		b.WriteString(rest[:i])
		if in.weakened.has(memoryKey(req, tag)) {
			b.WriteString(tag[2:])
		} else {
			b.WriteString(tag)
		}
		rest = rest[i+len(tag):]
	}
	return b.String()
}

// weaken makes a strong ETag weak and remembers that it was strong.
func (in *Injector) weaken(req *http.Request, h http.Header) {
	tag := h.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		return // none, weak already, or malformed
	}
	h.Set("ETag", "W/"+tag)
	in.weakened.add(memoryKey(req, "W/"+tag))
}

func memoryKey(req *http.Request, tag string) string { return req.URL.Path + "\x00" + tag }

// tagMemory is a set that forgets the oldest half of what it holds when it is full.
type tagMemory struct {
	mu       sync.Mutex
	new, old map[string]struct{}
}

func (m *tagMemory) add(key string) {
	if len(key) > maxTagLen {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.new == nil || len(m.new) >= maxTags {
		m.old, m.new = m.new, make(map[string]struct{})
	}
	m.new[key] = struct{}{}
}

func (m *tagMemory) has(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, inNew := m.new[key]
	_, inOld := m.old[key]
	return inNew || inOld
}
