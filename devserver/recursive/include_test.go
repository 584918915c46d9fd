package recursive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestInclude(t *testing.T) {
	h := app(&Middleware{}, map[string]http.HandlerFunc{
		"/page":  include("/echo?a=b"),
		"/anon":  include("/echo", Anonymous(), Header("Accept", "x/y")),
		"/only":  include("/postonly"),
		"/sent":  include("/echo", Body("text/x", strings.NewReader("own"))),
		"/none":  include("/nosuch"),
		"/nest":  include("/page"),
		"/empty": include("/nothing"),
		"/head":  include("/echo", Method("HEAD")),
		"/short": include("/liar"),
		"/echo":  echo,
		"/postonly": func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "POST" {
				w.Header().Set("Allow", "POST")
				w.WriteHeader(405)
			}
		},
		"/nothing": func(http.ResponseWriter, *http.Request) {},
		"/liar": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			fmt.Fprint(w, "abc")
		},
	})
	tests := []struct{ path, want string }{
		{"/page", `[200 GET /echo?a=b "" cookie=c=1 auth=Basic x accept= type= inm= <nil>]`},
		{"/anon", `[200 GET /echo "" cookie= auth= accept=x/y type= inm= <nil>]`},
		{"/only", `[405  <nil>]`},
		{"/sent", `[200 POST /echo "own" cookie=c=1 auth=Basic x accept= type=text/x inm= <nil>]`},
		{"/none", "[404 404 page not found\n <nil>]"},
		{"/nest", `[200 [200 GET /echo?a=b "" cookie=c=1 auth=Basic x accept= type= inm= <nil>] <nil>]`},
		{"/empty", "[200  <nil>]"},
		{"/head", "[200  <nil>]"},
		{"/short", "[200 abc unexpected EOF]"},
	}
	for _, tt := range tests {
		w := do(h, "POST", tt.path, "sent", "Cookie", "c=1", "Authorization", "Basic x", "Accept", "a/b", "Content-Type", "text/plain", "If-None-Match", `"1"`)
		if got := w.Body.String(); got != tt.want {
			t.Errorf("%s: %q\nwant %q", tt.path, got, tt.want)
		}
	}
}

// The included body arrives while it is written.
func TestIncludeStreams(t *testing.T) {
	next := make(chan struct{})
	h := app(&Middleware{}, map[string]http.HandlerFunc{
		"/": func(w http.ResponseWriter, r *http.Request) {
			res, err := Include(r.Context(), "/slow")
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			b := make([]byte, 1)
			for range 3 {
				if _, err := io.ReadFull(res.Body, b); err != nil {
					t.Error(err)
				}
				fmt.Fprintf(w, "%s", b)
				next <- struct{}{}
			}
			if n, err := res.Body.Read(b); n != 0 || err != io.EOF {
				t.Error(n, err)
			}
		},
		"/slow": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			for i := range 3 {
				fmt.Fprint(w, i)
				<-next
			}
		},
	})
	if w := do(h, "GET", "/", ""); w.Body.String() != "012" {
		t.Error(w.Body)
	}
}

// What an including handler leaves running ends with it.
func TestIncludeEndsWithItsRequest(t *testing.T) {
	ended := make(chan error, 2)
	cancelled := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "head")
		<-r.Context().Done()
		_, err := fmt.Fprint(w, "more")
		ended <- err
	}
	for _, leave := range []bool{true, false} {
		h := app(&Middleware{}, map[string]http.HandlerFunc{"/": func(_ http.ResponseWriter, r *http.Request) {
			res, err := Include(r.Context(), "/part")
			if err != nil {
				t.Error(err)
			} else if !leave {
				res.Body.Close()
			}
		}, "/part": cancelled})
		do(h, "GET", "/", "")
		select {
		case err := <-ended: // it has ended when the request has
			if err == nil {
				t.Error("written to nobody")
			}
		default:
			t.Error("still running")
		}
	}
	// And so does Include itself with its context.
	h := app(&Middleware{}, map[string]http.HandlerFunc{"/": func(_ http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
		defer cancel()
		if _, err := Include(ctx, "/part"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}, "/part": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	do(h, "GET", "/", "")
}

func TestPanics(t *testing.T) {
	var log strings.Builder
	boom := errors.New("boom")
	h := app(&Middleware{Log: slog.New(slog.NewTextHandler(&log, nil))}, map[string]http.HandlerFunc{
		"/": func(_ http.ResponseWriter, r *http.Request) {
			_, err := Include(r.Context(), "/early")
			var p *PanicError
			if !errors.As(err, &p) || !errors.Is(err, boom) || len(p.Stack) == 0 {
				t.Error(err)
			}
			res, err := Include(r.Context(), "/late")
			if err != nil {
				t.Error(err)
				return
			}
			if b, err := io.ReadAll(res.Body); string(b) != "half" || !errors.Is(err, boom) {
				t.Errorf("%s %v", b, err)
			}
		},
		"/early": func(http.ResponseWriter, *http.Request) { panic(boom) },
		"/late": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "half")
			panic(boom)
		},
	})
	do(h, "GET", "/", "")
	if strings.Count(log.String(), "boom") < 2 {
		t.Error(log.String())
	}
}

// What is below the Middleware knows where a request comes from: what the inspector nests.
func TestFrom(t *testing.T) {
	type key struct{}
	var mu sync.Mutex
	var told []string
	inner := (&Middleware{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, ok := From(r.Context())
		if line := "client's"; ok {
			line = fmt.Sprintf("%s < %s included=%t why=%v", d.Parent.URL.Path, r.URL.Path, d.Included, d.Parent.Context().Value(key{}))
			mu.Lock()
			told = append(told, line)
			mu.Unlock()
		}
		switch r.URL.Path {
		case "/page":
			ctx := context.WithValue(r.Context(), key{}, "for the page")
			res, err := Include(ctx, "/a")
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
			forward("/b")(w, r.WithContext(ctx))
		case "/a":
			forward("/c")(w, r)
		}
	}))
	app := (&Middleware{}).Handler(inner) // what is below two of them is no client's either
	if _, ok := From(context.Background()); ok {
		t.Error("a request that has passed none descends from another")
	}
	do(inner, "GET", "/page", "")
	want := []string{"/page < /a included=true why=for the page", "/a < /c included=false why=<nil>", "/page < /b included=false why=for the page"}
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
	told = nil
	do(app, "GET", "/page", "")
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
}
