package devserver_test

import (
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/pastedev/pastedev/devserver/accesslog"
	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/become"
	"github.com/pastedev/pastedev/devserver/auth/cas"
	"github.com/pastedev/pastedev/devserver/auth/digest"
	"github.com/pastedev/pastedev/devserver/auth/form"
	"github.com/pastedev/pastedev/devserver/auth/grantip"
	"github.com/pastedev/pastedev/devserver/auth/multi"
	"github.com/pastedev/pastedev/devserver/auth/signed"
	"github.com/pastedev/pastedev/devserver/auth/ticket"
	"github.com/pastedev/pastedev/devserver/cascade"
	"github.com/pastedev/pastedev/devserver/chaos"
	"github.com/pastedev/pastedev/devserver/compress"
	"github.com/pastedev/pastedev/devserver/errordoc"
	"github.com/pastedev/pastedev/devserver/httperr"
	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/recursive"
	"github.com/pastedev/pastedev/devserver/session"
	"github.com/pastedev/pastedev/devserver/urlmap"
	"github.com/pastedev/pastedev/inspect/prints"
	"github.com/pastedev/pastedev/inspect/profile"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// wrap puts a middleware around a handler.
type wrap func(t *testing.T, next http.Handler) http.Handler

// layers are the middlewares of the toolkit, and the filters that programs import, each at work: what has a rule lets the request
// pass. All of them have these in common: what is between client and handler is as if it
// were not there.
func layers() map[string]wrap {
	return map[string]wrap{
		"nothing":   func(_ *testing.T, next http.Handler) http.Handler { return next },
		"accesslog": logged,
		"compress":  func(_ *testing.T, next http.Handler) http.Handler { return new(compress.Middleware).Handler(next) },
		"errordoc": func(_ *testing.T, next http.Handler) http.Handler {
			return (&errordoc.Middleware{Pages: map[int]string{404: "/none"}, All: true}).Handler(next)
		},
		"recursive":    func(_ *testing.T, next http.Handler) http.Handler { return new(recursive.Middleware).Handler(next) },
		"forwarded":    forwarded,
		"httperr":      func(_ *testing.T, next http.Handler) http.Handler { return new(httperr.Middleware).Handler(next) },
		"httperr.Func": httperrFunc,
		"chaos":        func(_ *testing.T, next http.Handler) http.Handler { return chaos.Chaos{Latency: 1}.Handler(next) },
		"chaos, narrow": func(_ *testing.T, next http.Handler) http.Handler {
			return chaos.Chaos{Bandwidth: 1 << 30}.Handler(next)
		},
		"httpx.Capture": captured,
		"httpx.Tee":     tee,
		"session":       sessions(session.Options{}),
		"session, put":  sessionPut,
		"cascade, first": cascaded(func(next http.Handler) []http.Handler {
			return []http.Handler{next, http.NotFoundHandler()}
		}),
		"cascade, between": cascaded(func(next http.Handler) []http.Handler {
			return []http.Handler{http.NotFoundHandler(), next, http.NotFoundHandler()}
		}),
		"cascade, last": cascaded(func(next http.Handler) []http.Handler {
			return []http.Handler{http.NotFoundHandler(), http.NotFoundHandler(), next}
		}),
		"urlmap": mapped,
		"auth.Require": func(_ *testing.T, next http.Handler) http.Handler {
			h := new(auth.Require).Handler(next)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, auth.With(r, auth.Identity{User: "bob"})) })
		},
		"basic": func(_ *testing.T, next http.Handler) http.Handler { return (&basic.Auth{Optional: true}).Handler(next) },
		"digest": func(_ *testing.T, next http.Handler) http.Handler {
			return (&digest.Auth{Optional: true}).Handler(next)
		},
		"signed":        func(_ *testing.T, next http.Handler) http.Handler { return new(signed.Cookie).Handler(next) },
		"signed, login": remembered(func(next http.Handler) http.Handler { return new(signed.Cookie).Handler(next) }),
		"ticket":        func(_ *testing.T, next http.Handler) http.Handler { return new(ticket.Cookie).Handler(next) },
		"ticket, login": remembered(func(next http.Handler) http.Handler { return new(ticket.Cookie).Handler(next) }),
		"form":          func(_ *testing.T, next http.Handler) http.Handler { return (&form.Login{Recall: bob}).Handler(next) },
		"form.Logout":   func(_ *testing.T, next http.Handler) http.Handler { return new(form.Logout).Handler(next) },
		"cas": func(_ *testing.T, next http.Handler) http.Handler {
			return (&cas.Client{Server: "http://s/", Service: "http://a", Recall: bob}).Handler(next)
		},
		"multi":           multiple,
		"grantip":         granted,
		"become":          func(_ *testing.T, next http.Handler) http.Handler { return new(become.Picker).Handler(next) },
		"prints":          func(_ *testing.T, next http.Handler) http.Handler { return new(prints.Capture).Handler(next) },
		"traceback":       func(_ *testing.T, next http.Handler) http.Handler { return new(traceback.Catcher).Handler(next) },
		"profile":         func(_ *testing.T, next http.Handler) http.Handler { return new(profile.Profiler).Handler(next) },
		"all of them":     stacked,
		"all of them too": func(t *testing.T, next http.Handler) http.Handler { return stacked(t, stacked(t, next)) },
	}
}

func bob(*http.Request) (auth.Identity, bool) { return auth.Identity{User: "bob"}, true }

func logged(t *testing.T, next http.Handler) http.Handler {
	m := &accesslog.Middleware{Out: io.Discard}
	t.Cleanup(func() { _ = m.Close() })
	return m.Handler(next)
}

func forwarded(_ *testing.T, next http.Handler) http.Handler {
	return new(recursive.Middleware).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, sub := recursive.From(r.Context()); sub {
			next.ServeHTTP(w, r)
		} else if err := recursive.Forward(w, r, r.URL.Path+"?again", recursive.Keep()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
}

func httperrFunc(_ *testing.T, next http.Handler) http.Handler {
	return httperr.Handler(func(w http.ResponseWriter, r *http.Request) error { next.ServeHTTP(w, r); return nil })
}

func captured(_ *testing.T, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := httpx.NewCapture(w, func(int, http.Header) io.Writer { return nil })
		next.ServeHTTP(c, r)
		c.Finish()
	})
}

func tee(_ *testing.T, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := httpx.NewTee(w, func(int, http.Header) io.Writer { return nil })
		next.ServeHTTP(c, r)
		c.Finish()
	})
}

func sessions(o session.Options) wrap {
	return func(t *testing.T, next http.Handler) http.Handler {
		m, err := session.New(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Close() })
		return m.Handler(next)
	}
}

func sessionPut(t *testing.T, next http.Handler) http.Handler {
	m, err := session.New(session.Options{Dir: filepath.Join(t.TempDir(), "s"), Serial: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "k", "v")
		next.ServeHTTP(w, r)
	}))
}

func cascaded(list func(http.Handler) []http.Handler) wrap {
	return func(t *testing.T, next http.Handler) http.Handler {
		c, err := cascade.New(list(next)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func mapped(t *testing.T, next http.Handler) http.Handler {
	m := new(urlmap.Map)
	if err := m.Add("/", next); err != nil {
		t.Fatal(err)
	}
	return m
}

// remembered signs somebody in on the way, so that there is a cookie to send.
func remembered(keeper func(http.Handler) http.Handler) wrap {
	return func(t *testing.T, next http.Handler) http.Handler {
		return keeper(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := auth.Remember(r.Context(), auth.Identity{User: "bob"}); err != nil {
				t.Error(err)
			}
			next.ServeHTTP(w, r)
		}))
	}
}

func multiple(_ *testing.T, next http.Handler) http.Handler {
	return (&multi.Choose{Choices: []multi.Choice{{Handler: (&basic.Auth{Optional: true}).Handler}}}).Handler(next)
}

func granted(_ *testing.T, next http.Handler) http.Handler {
	g := &grantip.Grant{Rules: []grantip.Rule{{From: grantip.MustParseRange("127.0.0.1"), User: "bob"}}}
	return g.Handler(next)
}

// stacked is all of the toolkit, one around the other.
func stacked(t *testing.T, next http.Handler) http.Handler {
	all := layers()
	for _, name := range []string{"become", "grantip", "basic", "session", "cascade, between", "urlmap", "recursive", "httperr", "errordoc", "signed, login", "ticket", "chaos", "compress", "accesslog"} {
		next = all[name](t, next)
	}
	return next
}
