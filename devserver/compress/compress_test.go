package compress

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var mtime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

var long = strings.Repeat("all work and no play makes a dull page\n", 200)

func start(t *testing.T, m *Middleware, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(m.Handler(h))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

// ask sends a request whose answer is left encoded.
func ask(t *testing.T, method, url string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func decode(t *testing.T, res *http.Response) string {
	t.Helper()
	r := io.Reader(res.Body)
	switch res.Header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(long)))
	w.Header().Set("Etag", `"v1"`)
	_, _ = io.WriteString(w, long)
}

func TestEncodings(t *testing.T) {
	url := start(t, &Middleware{}, page)
	tests := []struct{ accept, want string }{
		{"", ""},
		{"identity", ""},
		{"gzip", "gzip"},
		{"GZIP;q=0.5", "gzip"},
		{"gzip;q=0", ""},
		{"deflate, br", ""},
		{"zstd", "zstd"},
		{"gzip, deflate, br, zstd", "zstd"},
		{"gzip;q=1, zstd;q=0.5", "gzip"},
		{"gzip;q=garbage, ;;", ""},
	}
	for _, tt := range tests {
		res := ask(t, "GET", url, "Accept-Encoding", tt.accept)
		if got := res.Header.Get("Content-Encoding"); got != tt.want {
			t.Errorf("%q: encoding %q, want %q", tt.accept, got, tt.want)
		}
		if d := cmp.Diff([]string{"Accept-Encoding"}, res.Header.Values("Vary")); d != "" {
			t.Errorf("%q: %s", tt.accept, d)
		}
		wantTag := `"v1"`
		if tt.want != "" {
			wantTag = `W/"v1"`
		}
		if got := res.Header.Get("Etag"); got != wantTag {
			t.Errorf("%q: Etag %s, want %s", tt.accept, got, wantTag)
		}
		if got := decode(t, res); got != long {
			t.Errorf("%q: %d bytes, want %d", tt.accept, len(got), len(long))
		}
		if tt.want == "" && res.ContentLength != int64(len(long)) {
			t.Errorf("%q: Content-Length %d", tt.accept, res.ContentLength)
		}
	}
}

func TestLeftAlone(t *testing.T) {
	set := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, long)
		}
	}
	tests := []struct {
		name   string
		h      http.HandlerFunc
		header []string
		want   string
		vary   string
	}{
		{"encoded already", set(200, "Content-Type", "text/html", "Content-Encoding", "br"), nil, long, ""},
		{"image", set(200, "Content-Type", "image/png"), nil, long, ""},
		{"event stream", set(200, "Content-Type", "text/event-stream"), nil, long, ""},
		{"206", set(206, "Content-Type", "multipart/byteranges; boundary=x"), nil, long, ""},
		{"206 with a range", set(206, "Content-Type", "text/plain", "Content-Range", "bytes 0-9/10"), nil, long, ""},
		{"204", set(204, "Content-Type", "text/plain"), nil, "", ""},
		{"304", set(304, "Content-Type", "text/plain"), nil, "", ""},
		{"no-transform", set(200, "Content-Type", "text/plain", "Cache-Control", "public, No-Transform"), nil, long, ""},
		{"no-transform asked for", set(200, "Content-Type", "text/plain"), []string{"Cache-Control", "no-transform"}, long, ""},
		{"small, announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", "3")
			fmt.Fprint(w, "abc")
		}, nil, "abc", ""},
		{"small, not announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, "abc")
		}, nil, "abc", "Accept-Encoding"},
		{"of no type, binary", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\x00\x01"+long) }, nil, "\x00\x01" + long, "Accept-Encoding"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, nil, "", ""},
		{"vary star", set(200, "Content-Type", "text/plain", "Vary", "*", "Cache-Control", "no-transform"), nil, long, "*"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &Middleware{Saved: func(*http.Request, int64, int64) { t.Error("told of a saving") }}
			encoding := ""
			if tt.name == "encoded already" {
				encoding = "br"
			}
			res := ask(t, "GET", start(t, m, tt.h), append(tt.header, "Accept-Encoding", "gzip, zstd")...)
			if got := res.Header.Get("Content-Encoding"); got != encoding {
				t.Errorf("encoding %q", got)
			}
			if got := strings.Join(res.Header.Values("Vary"), "|"); got != tt.vary {
				t.Errorf("Vary %q, want %q", got, tt.vary)
			}
			if b, err := io.ReadAll(res.Body); err != nil || string(b) != tt.want {
				t.Errorf("%d bytes, %v", len(b), err)
			}
		})
	}
}

func TestVaryOfTheHandlerStays(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Cookie, accept-encoding")
		page(w, r)
	})
	res := ask(t, "GET", url, "Accept-Encoding", "gzip")
	if d := cmp.Diff([]string{"Cookie, accept-encoding"}, res.Header.Values("Vary")); d != "" {
		t.Error(d)
	}
}

func TestSaved(t *testing.T) {
	told := make(chan [2]int64, 1)
	m := &Middleware{Saved: func(r *http.Request, before, after int64) {
		if r.URL.Path != "/p" {
			t.Error(r.URL)
		}
		told <- [2]int64{before, after}
	}}
	res := ask(t, "GET", start(t, m, page)+"/p", "Accept-Encoding", "gzip")
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := <-told, [2]int64{int64(len(long)), int64(len(b))}; got != want {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestHEAD(t *testing.T) {
	res := ask(t, "HEAD", start(t, &Middleware{}, page), "Accept-Encoding", "gzip")
	if res.Header.Get("Vary") != "Accept-Encoding" || res.Header.Get("Content-Encoding") != "" || res.ContentLength != int64(len(long)) {
		t.Error(res.Header)
	}
}

// A client that has our weak tag gets it back.
func TestNotModifiedKeepsTheWeakTag(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		http.ServeContent(w, r, "a.txt", mtime, strings.NewReader(long))
	})
	first := ask(t, "GET", url, "Accept-Encoding", "gzip")
	tag := first.Header.Get("Etag")
	if got := decode(t, first); tag != `W/"v1"` || got != long {
		t.Fatal(tag, len(got))
	}
	for _, have := range []string{tag, `"v1"`} {
		res := ask(t, "GET", url, "Accept-Encoding", "gzip", "If-None-Match", have)
		if res.StatusCode != 304 || res.Header.Get("Etag") != have {
			t.Errorf("%s: %d %s", have, res.StatusCode, res.Header.Get("Etag"))
		}
	}
	res := ask(t, "GET", url, "Accept-Encoding", "gzip", "Range", "bytes=0-2")
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 206 || string(b) != long[:3] || res.Header.Get("Etag") != `"v1"` {
		t.Error(res.StatusCode, string(b), res.Header)
	}
}

// readFromRecorder notes that the short way was taken.
type readFromRecorder struct {
	*httptest.ResponseRecorder
	took bool
}

func (r *readFromRecorder) ReadFrom(src io.Reader) (int64, error) {
	r.took = true
	return io.Copy(r.ResponseRecorder, src)
}

func TestFilesKeepTheShortWay(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(name, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]bool{"image/png": true, "text/plain": false} {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		w := &readFromRecorder{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		(&Middleware{}).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typ)
			if n, err := w.(io.ReaderFrom).ReadFrom(f); n != int64(len(long)) || err != nil {
				t.Error(n, err)
			}
		})).ServeHTTP(w, r)
		f.Close()
		if w.took != want {
			t.Errorf("%s: short way %v", typ, w.took)
		}
	}
}

func TestCompressible(t *testing.T) {
	for typ, want := range map[string]bool{
		"text/html; charset=utf-8": true, "Application/JSON": true, "application/problem+json": true, "image/svg+xml": true,
		"application/wasm": true, "font/woff2": false, "image/png": false, "video/mp4": false, "application/zip": false,
		"application/octet-stream": false, "text/event-stream; x": false, "": false, ";": false,
	} {
		if got := Compressible(typ); got != want {
			t.Errorf("%q: %v", typ, got)
		}
	}
}

func FuzzAcceptEncoding(f *testing.F) {
	for _, s := range []string{"", "gzip", "zstd;q=0.1,gzip;q=x", ";q=", "*", "gzip;q=NaN", "gzip;q=-1,\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Accept-Encoding"] = []string{accept}
		w := httptest.NewRecorder()
		(&Middleware{}).Handler(http.HandlerFunc(page)).ServeHTTP(w, r)
		if got := decode(t, w.Result()); got != long {
			t.Errorf("%q: %d bytes of %s", accept, len(got), w.Header().Get("Content-Encoding"))
		}
	})
}

type discard struct {
	h http.Header
	bytes.Buffer
}

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
