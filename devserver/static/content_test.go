package static_test

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/static"
)

// TestStaticRanges holds the checks of paste.fileapp for ranges.
func TestStaticRanges(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"ten": "0123456789"}))}
	for _, c := range []struct {
		header string
		status int
		body   string
		at     string
	}{
		{"bytes=0-0", 206, "0", "bytes 0-0/10"}, {"bytes=-3", 206, "789", "bytes 7-9/10"}, {"bytes=5-", 206, "56789", "bytes 5-9/10"},
		{"bytes=9-", 206, "9", "bytes 9-9/10"}, {"bytes=5-100", 206, "56789", "bytes 5-9/10"}, {"bytes=-100", 206, "0123456789", "bytes 0-9/10"},
		{"bytes=10-", 416, "", "bytes */10"}, {"bytes=10-11", 416, "", "bytes */10"}, {"BYTES=0-1", 206, "01", "bytes 0-1/10"},
		{"bytes=0-1,3-4", 200, "0123456789", ""}, {"bytes=0-,0-,0-,0-", 200, "0123456789", ""},
		{"items=0-1", 200, "0123456789", ""}, {"bytes", 200, "0123456789", ""}, {"bytes=", 200, "0123456789", ""},
		{"bytes=a-b", 200, "0123456789", ""}, {"bytes=5-2", 200, "0123456789", ""}, {"bytes=-", 200, "0123456789", ""},
		{"bytes=+1-2", 200, "0123456789", ""}, {"bytes=99999999999999999999-", 200, "0123456789", ""}, {"bytes=1-2;x", 200, "0123456789", ""},
	} {
		res := get(t, f, "GET", "/ten", "Range", c.header)
		got := body(t, res)
		if res.StatusCode != c.status || c.status != 416 && got != c.body || res.Header.Get("Content-Range") != c.at {
			t.Errorf("%s: %d %q %q, want %d %q %q", c.header, res.StatusCode, got, res.Header.Get("Content-Range"), c.status, c.body, c.at)
		}
		if res.StatusCode != 416 && res.Header.Get("Content-Length") != strconv.Itoa(len(got)) {
			t.Errorf("%s: Content-Length %s of %d", c.header, res.Header.Get("Content-Length"), len(got))
		}
	}
	if res := get(t, f, "HEAD", "/ten", "Range", "bytes=0-0"); res.StatusCode != 200 || res.Header.Get("Content-Length") != "10" {
		t.Errorf("HEAD knows no ranges: %d", res.StatusCode)
	}
	if res := get(t, f, "GET", "/ten", "Range", "bytes=0-0", "Range", "bytes=1-1"); res.StatusCode != 206 || body(t, res) != "0" {
		t.Errorf("two fields: %d", res.StatusCode)
	}
}

func TestStaticMultipartRanges(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	f := &static.Files{FS: open(t, tree(t, map[string]string{"long.txt": long}))}
	res := get(t, f, "GET", "/long.txt", "Range", "bytes=0-3, 9990-")
	kind, params, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != 206 || kind != "multipart/byteranges" || err != nil {
		t.Fatalf("%d %s", res.StatusCode, kind)
	}
	mr := multipart.NewReader(res.Body, params["boundary"])
	var got []string
	for {
		p, err := mr.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(p)
		got = append(got, p.Header.Get("Content-Range")+" "+string(b))
	}
	if s := strings.Join(got, "; "); s != "bytes 0-3/10000 0123; bytes 9990-9999/10000 0123456789" {
		t.Error(s)
	}
	if res := get(t, f, "GET", "/long.txt", "Range", "bytes="+strings.Repeat("0-0,", 100)); res.StatusCode != 200 {
		t.Errorf("a hundred parts: %d", res.StatusCode)
	}
}

// TestStaticConditions holds the checks of paste.fileapp for conditional requests.
func TestStaticConditions(t *testing.T) {
	dir := tree(t, map[string]string{"ten": "0123456789"})
	when := time.Date(2024, 5, 6, 7, 8, 9, 123, time.UTC)
	os.Chtimes(filepath.Join(dir, "ten"), when, when)
	f := &static.Files{FS: open(t, dir)}
	first := get(t, f, "GET", "/ten")
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if !strings.HasPrefix(tag, `"`) || modified != "Mon, 06 May 2024 07:08:09 GMT" {
		t.Fatalf("ETag %s, Last-Modified %s", tag, modified)
	}
	for _, c := range []struct {
		name   string
		fields []string
		status int
	}{
		{"match", []string{"If-None-Match", tag}, 304}, {"list", []string{"If-None-Match", `"x", ` + tag}, 304},
		{"any", []string{"If-None-Match", "*"}, 304}, {"weak", []string{"If-None-Match", "W/" + tag}, 304},
		{"mismatch", []string{"If-None-Match", `"x"`}, 200},
		{"mismatch and fresh date", []string{"If-None-Match", `"x"`, "If-Modified-Since", modified}, 200},
		{"date", []string{"If-Modified-Since", modified}, 304},
		{"older date", []string{"If-Modified-Since", "Mon, 06 May 2024 07:08:08 GMT"}, 200},
		{"bad date", []string{"If-Modified-Since", "yesterday"}, 200},
		{"date with length", []string{"If-Modified-Since", modified + "; length=10"}, 200},
		{"future date", []string{"If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"}, 304},
		{"If-Match", []string{"If-Match", tag}, 200}, {"If-Match other", []string{"If-Match", `"x"`}, 412}, {"If-Match weak", []string{"If-Match", "W/" + tag}, 412},
		{"If-Unmodified-Since", []string{"If-Unmodified-Since", "Mon, 06 May 2024 07:08:08 GMT"}, 412},
		{"If-Range tag", []string{"If-Range", tag, "Range", "bytes=0-1"}, 206}, {"If-Range other", []string{"If-Range", `"x"`, "Range", "bytes=0-1"}, 200},
		{"If-Range weak", []string{"If-Range", "W/" + tag, "Range", "bytes=0-1"}, 200},
		{"If-Range date", []string{"If-Range", modified, "Range", "bytes=0-1"}, 206},
		{"If-Range old date", []string{"If-Range", "Mon, 06 May 2024 07:08:08 GMT", "Range", "bytes=0-1"}, 200},
	} {
		res := get(t, f, "GET", "/ten", c.fields...)
		if got := body(t, res); res.StatusCode != c.status || (c.status == 304 || c.status == 412) && got != "" || c.status == 200 && got != "0123456789" {
			t.Errorf("%s: %d %q, want %d", c.name, res.StatusCode, got, c.status)
		}
		if c.status == 304 && (res.Header.Get("Content-Length") != "" || res.Header.Get("ETag") != tag) {
			t.Errorf("%s: fields of 304: %v", c.name, res.Header)
		}
	}
	later := when.Add(time.Nanosecond)
	os.Chtimes(filepath.Join(dir, "ten"), later, later)
	if get(t, f, "GET", "/ten").Header.Get("ETag") == tag {
		t.Error("a change within the same second keeps the ETag")
	}
	os.WriteFile(filepath.Join(dir, "ten"), []byte(strings.Repeat("x", 100_000)), 0o644)
	if res := get(t, f, "GET", "/ten", "If-None-Match", tag); res.StatusCode != 200 || len(body(t, res)) != 100_000 {
		t.Errorf("grown: %d", res.StatusCode)
	}
}

func TestStaticEmptyFile(t *testing.T) {
	f := &static.Files{FS: open(t, tree(t, map[string]string{"e": "", "e.css": ""}))}
	for _, target := range []string{"/e", "/e.css"} {
		for _, rng := range []string{"", "bytes=0-", "bytes=-1"} {
			res := get(t, f, "GET", target, "Range", rng)
			if res.StatusCode != 200 && rng == "" || res.Header.Get("Content-Length") != "0" && rng == "" || body(t, res) != "" && res.StatusCode != 416 {
				t.Errorf("%s %q: %d %v", target, rng, res.StatusCode, res.Header)
			}
		}
	}
}

func TestStaticContentTypes(t *testing.T) {
	files := map[string]string{"x.tar.gz": "z", "X.HTML": "h", "a.js": "", "a.mjs": "", "a.css": "", "a.json": "", "a.wasm": "", "a.svg": "", "a.txt": "", "plain": "text", "page": "<html>", "a.own": ""}
	f := &static.Files{FS: open(t, tree(t, files)), Types: map[string]string{".own": "text/x-own"}}
	for target, want := range map[string]string{
		"/x.tar.gz": "application/gzip", "/X.HTML": "text/html; charset=utf-8", "/a.js": "text/javascript; charset=utf-8",
		"/a.mjs": "text/javascript; charset=utf-8", "/a.css": "text/css; charset=utf-8", "/a.json": "application/json", "/a.wasm": "application/wasm",
		"/a.svg": "image/svg+xml", "/a.txt": "text/plain; charset=utf-8", "/plain": "text/plain; charset=utf-8", "/page": "text/html; charset=utf-8", "/a.own": "text/x-own",
	} {
		res := get(t, f, "GET", target, "Accept-Encoding", "gzip")
		if got := res.Header.Get("Content-Type"); got != want || res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %q %q, want %q", target, got, res.Header.Get("Content-Encoding"), want)
		}
	}
}

func TestStaticPrecompressed(t *testing.T) {
	dir := tree(t, map[string]string{"a.js": "plain", "a.js.br": "br!", "a.js.zst": "zst", "a.js.gz": "gz",
		"old.js": "new", "old.js.gz": "stale", "x.tar": "tar", "x.tar.gz": "targz", "only.css.gz": "z", "dir.css": "d", "dir.css.br/x": "",
		"long.js": strings.Repeat("x", 3000), "long.js.br": strings.Repeat("b", 2000)})
	stale := time.Now().Add(-time.Hour)
	os.Chtimes(filepath.Join(dir, "old.js.gz"), stale, stale)
	f := &static.Files{FS: open(t, dir)}
	for _, c := range []struct{ target, accept, want, coding string }{
		{"/a.js", "", "plain", ""}, {"/a.js", "gzip, deflate, br, zstd", "br!", "br"}, {"/a.js", "gzip", "gz", "gzip"}, {"/a.js", "x-gzip", "gz", "gzip"},
		{"/a.js", "gzip;q=1, br;q=0.5", "gz", "gzip"}, {"/a.js", "br;q=0, *", "zst", "zstd"}, {"/a.js", "gzip;q=0", "plain", ""},
		{"/a.js", "identity;q=1, gzip;q=0.5", "plain", ""}, {"/a.js", "identity;q=0.5, gzip;q=1", "gz", "gzip"}, {"/a.js", "br;q=nope", "plain", ""},
		{"/a.js", "BR", "br!", "br"}, {"/a.js", "notbr", "plain", ""},
		{"/old.js", "gzip", "new", ""}, {"/x.tar", "gzip", "tar", ""}, {"/x.tar.gz", "gzip", "targz", ""}, {"/dir.css", "br", "d", ""}, {"/only.css.gz", "gzip", "z", ""},
	} {
		res := get(t, f, "GET", c.target, "Accept-Encoding", c.accept)
		if got := body(t, res); got != c.want || res.Header.Get("Content-Encoding") != c.coding || res.Header.Get("Content-Length") != strconv.Itoa(len(c.want)) {
			t.Errorf("%s, %s: %q %q length %s", c.target, c.accept, got, res.Header.Get("Content-Encoding"), res.Header.Get("Content-Length"))
		}
		if vary := res.Header.Get("Vary"); (vary == "Accept-Encoding") != (strings.HasSuffix(c.target, ".js") || strings.HasSuffix(c.target, ".css")) {
			t.Errorf("%s: Vary %q", c.target, vary)
		}
	}
	if res := get(t, f, "GET", "/only.css", "Accept-Encoding", "gzip"); res.StatusCode != 404 {
		t.Errorf("without the original: %d", res.StatusCode)
	}
	br := get(t, f, "GET", "/a.js", "Accept-Encoding", "br")
	tag := br.Header.Get("ETag")
	if tag == get(t, f, "GET", "/a.js").Header.Get("ETag") || br.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("ETag %s, type %s", tag, br.Header.Get("Content-Type"))
	}
	if res := get(t, f, "GET", "/a.js", "Accept-Encoding", "br", "If-None-Match", tag); res.StatusCode != 304 || res.Header.Get("Content-Length") != "" {
		t.Errorf("304: %d %v", res.StatusCode, res.Header)
	}
	if res := get(t, f, "GET", "/a.js", "Accept-Encoding", "br", "If-Match", `"x"`); res.StatusCode != 412 || res.Header.Get("Content-Length") != "" {
		t.Errorf("412: %d %v", res.StatusCode, res.Header)
	}
	if res := get(t, f, "GET", "/a.js", "Accept-Encoding", "br", "Range", "bytes=1-1"); res.StatusCode != 206 || body(t, res) != "r" {
		t.Errorf("range: %d", res.StatusCode)
	}
	if res := get(t, f, "GET", "/a.js", "Accept-Encoding", "br", "Range", "bytes=9-"); res.StatusCode != 416 || res.Header.Get("Content-Encoding") != "" {
		t.Errorf("416: %d %v", res.StatusCode, res.Header)
	}
	if res := get(t, f, "GET", "/long.js", "Accept-Encoding", "br", "Range", "bytes=0-0,-1"); res.StatusCode != 200 || res.ContentLength != 2000 {
		t.Errorf("several ranges of a coded file: %d %v", res.StatusCode, res.Header)
	}
	if res := get(t, f, "GET", "/long.js", "Range", "bytes=0-0,-1"); res.StatusCode != 206 || res.Header.Get("Content-Encoding") != "" {
		t.Errorf("several ranges of a file: %d %v", res.StatusCode, res.Header)
	}
	f.NoPrecompressed = true
	if res := get(t, f, "GET", "/a.js", "Accept-Encoding", "br"); body(t, res) != "plain" || res.Header.Get("Vary") != "" {
		t.Error("NoPrecompressed")
	}
}

// FuzzStaticHeaders: no range or condition makes it panic, fail or send more than the file.
func FuzzStaticHeaders(f *testing.F) {
	for _, s := range [][3]string{{"bytes=0-0", "", ""}, {"bytes=-3,0-", `"x"`, "br;q=1"}, {"items=1-", "*", "gzip"}, {"bytes=9223372036854775807-", "W/\"", "*"},
		{"bytes=0-0,0-0,0-0", "Mon, 06 May 2024 07:08:09 GMT", ""}, {"bytes=-9223372036854775808", "", ""}, {"bytes=1-2,,,,", "", ""}, {"bytes=0-1,20000-", "", ""}} {
		f.Add(s[0], s[1], s[2])
	}
	long := strings.Repeat("0123456789", 500)
	files := &static.Files{FS: open(f, tree(f, map[string]string{"ten.txt": long}))}
	f.Fuzz(func(t *testing.T, rng, cond, accept string) {
		r := httptest.NewRequest("GET", "/ten.txt", nil)
		r.Header = http.Header{"Range": {rng}, "If-None-Match": {cond}, "If-Range": {cond}, "If-Modified-Since": {cond}, "If-Match": {cond}, "Accept-Encoding": {accept}, "Accept": {accept}}
		for _, drop := range []string{"", "If-Match", "If-None-Match", "If-Range"} {
			r.Header.Del(drop)
			w := httptest.NewRecorder()
			files.ServeHTTP(w, r)
			switch w.Code {
			case 200, 206, 304, 412, 416:
			default:
				t.Fatalf("status %d", w.Code)
			}
			if w.Body.Len() > len(long) || w.Code == 200 && w.Body.String() != long {
				t.Fatalf("status %d: %d bytes of a file of %d", w.Code, w.Body.Len(), len(long))
			}
			if w.Code == 206 && !strings.HasPrefix(w.Header().Get("Content-Type"), "multipart/") && !strings.Contains(long, w.Body.String()) {
				t.Fatalf("not of the file: %q", w.Body.String())
			}
		}
	})
}
