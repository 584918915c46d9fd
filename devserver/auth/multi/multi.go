// Package multi lets each request be authenticated by the method that suits it: basic for
// scripts, a page for people.
//
//	m := &multi.Choose{
//		Choices: []multi.Choice{{When: multi.ByScheme("Basic"), Handler: b.Handler}},
//		Default: page.Handler,
//	}
//	handler := m.Handler(app)
//
// It never looks at credentials and never tries a second method after a first: the first
// choice whose predicate holds decides. Its Paste ancestor is paste.auth.multi.
package multi

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// A Choice is a method and the requests that it is for.
type Choice struct {
	// When reports whether the method is for r. It must not read the body. Nil: it is for
	// every request.
	When func(r *http.Request) bool
	// Handler is the method's middleware. Nil: the request is left without a method.
	Handler func(next http.Handler) http.Handler
}

// Choose is the middleware. The zero value leaves every request as it is.
type Choose struct {
	// Choices are asked in order; the first that is for a request has it. Set before
	// Handler is called.
	Choices []Choice
	// Default has the requests that no choice is for. Nil: they go on without a method,
	// so put auth.Require behind this if they must not.
	Default func(next http.Handler) http.Handler
}

// Handler gives each request to one method, and past all of them if it has an identity
// already. Each method is wrapped around next once, now.
func (m *Choose) Handler(next http.Handler) http.Handler {
	wrap := func(h func(http.Handler) http.Handler) http.Handler {
		if h == nil {
			return next
		}
		return h(next)
	}
	choices := slices.Clone(m.Choices)
	handlers := make([]http.Handler, len(choices))
	for i, c := range choices {
		handlers[i] = wrap(c.Handler)
	}
	fallback := wrap(m.Default)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.From(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		for i, c := range choices {
			if c.When == nil || c.When(r) {
				handlers[i].ServeHTTP(w, r)
				return
			}
		}
		fallback.ServeHTTP(w, r)
	})
}

// ByQuery is for requests whose query has the parameter name with this value, exactly. An
// empty value: with any.
func ByQuery(name, value string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return slices.ContainsFunc(httpx.ParseQuery(r.URL.RawQuery), func(p httpx.Param) bool {
			return p.Key == name && (value == "" || p.Value == value)
		})
	}
}

// ByHeader is for requests that have the field name with this value in one of its lines,
// in any case. An empty value: with any.
func ByHeader(name, value string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		lines := r.Header.Values(name)
		if strings.EqualFold(name, "Host") {
			lines = []string{r.Host} // net/http moves it
		}
		return slices.ContainsFunc(lines, func(line string) bool {
			return value == "" || strings.EqualFold(strings.TrimSpace(line), value)
		})
	}
}

// ByScheme is for requests whose Authorization header has this scheme, in any case.
func ByScheme(scheme string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		got, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return got != "" && strings.EqualFold(got, scheme)
	}
}

// ByPath is for requests of the path prefix and all below it, as the handler sees them:
// without the mount point. "/a" has "/a" and "/a/b", not "/ab". Dots and double slashes are
// resolved first, so that "/x/../a" is no way around it.
func ByPath(prefix string) func(*http.Request) bool {
	prefix = path.Clean("/" + prefix)
	return func(r *http.Request) bool {
		p := path.Clean("/" + r.URL.Path)
		return p == prefix || strings.HasPrefix(p, strings.TrimSuffix(prefix, "/")+"/")
	}
}
