package urlmap

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxListed bounds the mounts on the page of a request that none takes.
const maxListed = 200

// missing is what the page says.
type missing struct {
	Path, Host string
	Mount      string // the map's own mount point
	Patterns   []string
	More       int
}

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("404").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>404: nothing is mounted here</title>
<h1>Nothing is mounted at <code>{{.Mount}}{{.Path}}</code></h1>
<p>Host: <code>{{.Host}}</code></p>
{{if .Patterns}}<p>What is mounted{{with .Mount}}, below <code>{{.}}</code>{{end}}:</p>
<ul>
{{range .Patterns}}<li><code>{{.}}</code></li>
{{end}}</ul>
{{with .More}}<p>and {{.}} more</p>
{{end}}{{else}}<p>Nothing at all is mounted.</p>
{{end}}</html>
`))
})

// notFound answers 404 with the list of the mounts.
func notFound(w http.ResponseWriter, r *http.Request, mounts []*mount) {
	m := missing{Path: r.URL.EscapedPath(), Host: r.Host, Mount: (&url.URL{Path: httpx.MountPoint(r.Context())}).EscapedPath()}
	for i, mt := range mounts {
		if i == maxListed {
			m.More = len(mounts) - i
			break
		}
		m.Patterns = append(m.Patterns, mt.pattern)
	}
	var out bytes.Buffer
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if httpx.Negotiate(accept, "text/plain", "text/html") == "text/html" && page().Execute(&out, m) == nil {
		h.Set("Content-Type", "text/html; charset=utf-8")
	} else {
		out.Reset()
		m.text(&out)
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("Content-Length", fmt.Sprint(out.Len()))
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(out.Bytes()) // the client left
}

// text is the page for terminals: what a client sent stands in it escaped or quoted.
func (m missing) text(out *bytes.Buffer) {
	fmt.Fprintf(out, "nothing is mounted at %s%s (host %q)\n", m.Mount, m.Path, m.Host)
	if len(m.Patterns) == 0 {
		fmt.Fprintln(out, "nothing at all is mounted")
		return
	}
	fmt.Fprintln(out, "mounted:")
	for _, p := range m.Patterns {
		fmt.Fprintf(out, "  %s\n", p)
	}
	if m.More > 0 {
		fmt.Fprintf(out, "  and %d more\n", m.More)
	}
}
