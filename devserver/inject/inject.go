package inject

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Tag is the script element to inject: external, classic and async, so that it
// neither blocks the parser nor takes a place in the order of deferred scripts.
type Tag struct {
	// Src is the absolute path of the script on the page's own origin, query
	// included. The folder it lies in is what the page's Content-Security-Policy is
	// widened for: "/_pastedev/panel.js?id=1" allows "/_pastedev/" and no more.
	Src string
	// Meta is added to Src where the page has a Content-Security-Policy in a <meta>, as far
	// as the bytes tell that are at hand where the tag goes in. Such a policy is in force
	// after the tag, so that the script itself loads, and nothing that it would ask for.
	Meta  string
	Attrs []Attr // further attributes, in order
}

// Attr is an attribute of a [Tag]. The name must be a plain attribute name, the
// value may be any text.
type Attr struct{ Name, Value string }

// folder returns the path prefix that the script and its endpoints share.
func (t Tag) folder() string {
	path, _, _ := strings.Cut(t.Src, "?")
	return path[:strings.LastIndexByte(path, '/')+1]
}

// markup returns the element, well-formed in HTML and in XML, for a page that goes on with
// rest.
func (t Tag) markup(nonce string, rest []byte) []byte {
	var b bytes.Buffer
	src := t.Src
	if t.Meta != "" && metaPolicy.Match(rest) {
		src += t.Meta
	}
	b.WriteString(`<script src="` + html.EscapeString(src) + `" async=""`)
	if nonce != "" {
		b.WriteString(` nonce="` + html.EscapeString(nonce) + `"`)
	}
	for _, a := range t.Attrs {
		b.WriteString(` ` + a.Name + `="` + html.EscapeString(a.Value) + `"`)
	}
	b.WriteString(`></script>`)
	return b.Bytes()
}

// metaPolicy finds what may be a policy in a <meta>. One within a comment does no harm.
var metaPolicy = regexp.MustCompile(`(?i)\bhttp-equiv\s*=\s*["']?\s*content-security-policy["'\s/>]`)

// Injector injects tags into the responses of one target. The zero value is ready;
// it is safe for concurrent use. It remembers the entity tags that it weakened,
// bounded by [maxTags].
type Injector struct {
	weakened tagMemory
}

// Apply rewrites res in place so that tag is the first element inside <head>, and
// reports whether it did. req is the client's request. When Apply returns false the
// content of res is byte for byte the target's.
//
// Where the place of the tag decides about the header (the length is known, or only
// the body tells a page from a fragment), Apply reads the body up to that place,
// within the window, before it returns. Otherwise it returns at once and the tag
// goes in as the body streams; should the window then hold no place for it, the
// body passes through unchanged.
//
// Header fields: Content-Length is adjusted, or removed for a compressed body; a
// strong ETag becomes weak; Content-MD5, Digest, Content-Digest and Repr-Digest are
// removed, since they would be wrong; each Content-Security-Policy and its
// Report-Only form is widened for the tag where it has to be. All else stays.
func (in *Injector) Apply(req *http.Request, res *http.Response, tag Tag) bool {
	if !wanted(req) || sandboxed(res.Header) {
		return false
	}
	if res.StatusCode == http.StatusNotModified {
		in.revalidated(req, res, tag)
		return false
	}
	coding, ok := injectable(res)
	if !ok {
		return false
	}
	nonce := newNonce()
	known := res.ContentLength >= 0 && coding == ""
	certain := req.Header.Get("Sec-Fetch-Dest") != ""
	markup := func(rest []byte) []byte { return tag.markup(nonce, rest) }
	b := newBody(res.Body, coding, markup, placer{xml: isXHTML(res.Header), certain: certain})
	if !b.prime(known) {
		res.Body = b.restore()
		return false
	}
	res.Body = b
	in.weaken(req, res.Header)
	for _, name := range digestFields {
		res.Header.Del(name)
	}
	allow(res.Header, req.Host, tag.folder(), nonce)
	if known {
		setLength(res, res.ContentLength+b.added)
	} else {
		setLength(res, -1)
	}
	return true
}

// digestFields describe the exact bytes of the target's body. RFC 1864, RFC 3230,
// RFC 9530.
var digestFields = [...]string{"Content-MD5", "Digest", "Content-Digest", "Repr-Digest"}

// revalidated makes the header of a 304 fit the page that the browser has stored:
// its fields replace the stored ones, so the weak tag and the widened policy must
// be in it. A nonce cannot be, the stored page has its own; under 'strict-dynamic'
// the script therefore does not run in a revalidated page.
func (in *Injector) revalidated(req *http.Request, res *http.Response, tag Tag) {
	if tag := res.Header.Get("ETag"); tag != "" && !in.weakened.has(memoryKey(req, "W/"+tag)) {
		return
	}
	in.weaken(req, res.Header)
	allow(res.Header, req.Host, tag.folder(), "")
}

func setLength(res *http.Response, n int64) {
	res.ContentLength = n
	if n < 0 {
		res.Header.Del("Content-Length")
		return
	}
	res.Header.Set("Content-Length", strconv.FormatInt(n, 10))
}

// newNonce returns 128 random bits, as CSP3 section 7.1 asks for.
func newNonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
