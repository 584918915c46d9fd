package urlmap

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxListed bounds the mounts on the page of a request that none takes.
const maxListed = 200

const title = "Nothing is mounted here"

// missing is what the page says.
type missing struct {
	Path, Host string
	Mount      string // the map's own mount point
	Patterns   []string
	More       int
}

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("404").Parse(httpx.PageHead + `<title>404 ` + title + `</title>
<main>
<h1><small>404</small> ` + title + `</h1>
<p><code>{{.Mount}}{{.Path}}</code> on host <code>{{.Host}}</code></p>
{{if .Patterns}}<p>What is mounted{{with .Mount}}, below <code>{{.}}</code>{{end}}:</p>
<ul>
{{range .Patterns}}<li><code>{{.}}</code></li>
{{end}}</ul>
{{with .More}}<p>and {{.}} more</p>
{{end}}{{else}}<p>Nothing at all is mounted.</p>
{{end}}</main>
</html>
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
	httpx.Forms{
		Page:    func(out io.Writer) error { return page().Execute(out, m) },
		Problem: m.problem(), Text: m.text,
	}.Send(w, r, http.StatusNotFound)
}

// where says what was asked for; what the client sent stands in it escaped or quoted.
func (m missing) where() string {
	return fmt.Sprintf("nothing is mounted at %s%s (host %q)", m.Mount, m.Path, m.Host)
}

// problem is the page for programs (RFC 9457).
func (m missing) problem() any {
	return struct {
		httpx.Refusal
		Mounts []string `json:"mounts,omitempty"`
		More   int      `json:"more,omitempty"` // mounts that are not listed
	}{httpx.Refusal{Title: title, Status: http.StatusNotFound, Detail: m.where()}, m.Patterns, m.More}
}

// text is the page for terminals.
func (m missing) text() []byte {
	var out bytes.Buffer
	out.WriteString(m.where() + "\n")
	if len(m.Patterns) == 0 {
		out.WriteString("nothing at all is mounted\n")
		return out.Bytes()
	}
	out.WriteString("mounted:\n")
	for _, p := range m.Patterns {
		fmt.Fprintf(&out, "  %s\n", p)
	}
	if m.More > 0 {
		fmt.Fprintf(&out, "  and %d more\n", m.More)
	}
	return out.Bytes()
}
