package httpx

import (
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// URL is an address to build links from. It is a value: every method returns a new one
// and leaves the old as it was. Its parameters keep their order. The zero value is the
// empty reference, which means the page that holds it.
type URL struct {
	base  url.URL // without its query
	query []Param // never changed in place
}

// ParseURL reads an absolute or relative URL.
func ParseURL(s string) (URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return URL{}, fmt.Errorf("read a URL: %w", err)
	}
	return fromURL(u), nil
}

// RequestURL returns the URL of a request as its client sees it, see [ExternalURL].
func RequestURL(r *http.Request, trusted []netip.Prefix) URL { return fromURL(ExternalURL(r, trusted)) }

func fromURL(u *url.URL) URL {
	x := URL{base: *u, query: ParseQuery(u.RawQuery)}
	x.base.RawQuery, x.base.ForceQuery = "", false
	return x
}

// URL returns it as a [url.URL] of the caller's own.
func (u URL) URL() *url.URL {
	x := u.base
	x.RawQuery = EncodeQuery(u.query)
	return &x
}

// String returns the URL, escaped; there is no "?" if there are no parameters.
func (u URL) String() string { return u.URL().String() }

// Query returns the parameters in their order; the caller may change them.
func (u URL) Query() []Param { return slices.Clone(u.query) }

// Get returns the first value of a parameter, and whether there is one.
func (u URL) Get(key string) (value string, ok bool) {
	if i := slices.IndexFunc(u.query, func(p Param) bool { return p.Key == key }); i >= 0 {
		return u.query[i].Value, true
	}
	return "", false
}

// Join adds path elements with one slash between each. They are decoded text ("a b",
// "50%"); slashes in them separate, "." and ".." are resolved and never lead above the
// root. A slash at the end of the last is kept, and so are the parameters; a fragment
// is dropped.
func (u URL) Join(elements ...string) URL {
	if len(elements) == 0 {
		return u
	}
	escaped := make([]string, len(elements))
	for i, e := range elements {
		parts := strings.Split(e, "/")
		for j, p := range parts {
			parts[j] = url.PathEscape(p)
		}
		escaped[i] = strings.Join(parts, "/")
	}
	if u.base.Path == "" && u.base.Host != "" {
		u.base.Path = "/"
	}
	u.base = *u.base.JoinPath(escaped...)
	u.base.Fragment, u.base.RawFragment = "", ""
	return u
}

// With appends a parameter.
func (u URL) With(key, value string) URL { return u.add(Param{Key: key, Value: value}) }

// WithQuery appends the parameters of an encoded query such as "a=1&b=2".
func (u URL) WithQuery(raw string) URL { return u.add(ParseQuery(strings.TrimPrefix(raw, "?"))...) }

func (u URL) add(p ...Param) URL {
	u.query = slices.Concat(u.query, p)
	return u
}

// Set gives a parameter these values instead of all it has, in the place of the first;
// with none it is gone.
func (u URL) Set(key string, values ...string) URL {
	var query []Param
	put := func() {
		for _, v := range values {
			query = append(query, Param{Key: key, Value: v})
		}
		values = nil
	}
	for _, p := range u.query {
		if p.Key == key {
			put()
			continue
		}
		query = append(query, p)
	}
	put()
	u.query = query
	return u
}

// Del removes parameters.
func (u URL) Del(keys ...string) URL {
	u.query = slices.DeleteFunc(slices.Clone(u.query), func(p Param) bool { return slices.Contains(keys, p.Key) })
	return u
}

// Rel returns the shortest way to say the URL on a page at from: without scheme and host
// if these are the same. What lies elsewhere is returned whole.
func (u URL) Rel(from URL) URL {
	if u.base.Scheme != from.base.Scheme || u.base.Host != from.base.Host || u.base.Opaque != "" || u.base.User != nil {
		return u
	}
	u.base.Scheme, u.base.Host = "", ""
	if u.base.Path == "" {
		u.base.Path = "/"
	}
	if strings.HasPrefix(u.base.Path, "//") { // alone it would name a host
		u.base.Path = "/." + u.base.Path
		if u.base.RawPath != "" {
			u.base.RawPath = "/." + u.base.RawPath
		}
	}
	return u
}

// link is what the templates of links are made of.
type link struct {
	URL, Text, Confirm string
}

var links = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Parse(
		`{{define "a"}}<a href="{{.URL}}"{{if .Confirm}} onclick="return confirm({{.Confirm}})"{{end}}>{{.Text}}</a>{{end}}` +
			`{{define "button"}}<button type="button" onclick="{{if .Confirm}}if (confirm({{.Confirm}})) {{end}}location.href = {{.URL}}">{{.Text}}</button>{{end}}`))
})

// A returns a link with this text. If confirm is not empty, the browser asks it first.
// Everything is escaped; a URL of a scheme other than http, https and mailto becomes "#".
func (u URL) A(text, confirm string) template.HTML { return u.render("a", text, confirm) }

// Button returns a button that leads to the URL, as [URL.A] does. It needs a page that
// allows inline scripts, as confirm does.
func (u URL) Button(text, confirm string) template.HTML { return u.render("button", text, confirm) }

func (u URL) render(name, text, confirm string) template.HTML {
	l := link{URL: u.String(), Text: text, Confirm: confirm}
	switch strings.ToLower(u.base.Scheme) {
	case "", "http", "https", "mailto":
	default:
		l.URL = "#"
	}
	var b strings.Builder
	if err := links().ExecuteTemplate(&b, name, l); err != nil {
		return template.HTML(template.HTMLEscapeString(text)) // cannot be: the templates are fixed
	}
	return template.HTML(b.String())
}
