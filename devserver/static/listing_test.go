package static_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/static"
)

func TestListing(t *testing.T) {
	dir := tree(t, map[string]string{"b.txt": "12345", "A.txt": "", "<i>&\"'.txt": "x", "a b#?%.txt": "x", "javascript:alert(1)": "x", ".hidden": "", "sub/x": "", "Zoo/x": ""})
	when := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	for _, name := range []string{"b.txt", "A.txt", "<i>&\"'.txt", "a b#?%.txt", "javascript:alert(1)", "sub", "Zoo"} {
		os.Chtimes(filepath.Join(dir, name), when, when)
	}
	os.Symlink("../../etc/passwd", filepath.Join(dir, "out"))
	os.Symlink("sub", filepath.Join(dir, "to-sub"))
	f := &static.Files{FS: open(t, dir), Listing: true}
	mounted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.ServeHTTP(w, httpx.WithMount(r, "/m")) })

	var l static.Listing
	res := get(t, mounted, "GET", "/m/", "Accept", "application/json")
	if err := json.Unmarshal([]byte(body(t, res)), &l); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range l.Entries {
		names = append(names, e.Name)
	}
	want := []string{"sub", "to-sub", "Zoo", "<i>&\"'.txt", "a b#?%.txt", "A.txt", "b.txt", "javascript:alert(1)"}
	if d := cmp.Diff(want, names); d != "" || l.Path != "/m/" || l.Entries[6].Size != 5 || !l.Entries[6].Modified.Equal(when) || !l.Entries[1].Dir {
		t.Errorf("%s %+v", d, l)
	}

	res = get(t, mounted, "GET", "/m/")
	page := body(t, res)
	if res.Header.Get("Content-Type") != "text/html; charset=utf-8" || res.Header.Get("Vary") != "Accept" || res.Header.Get("Cache-Control") != "no-store" || strings.Contains(page, "<i>") {
		t.Errorf("%v %s", res.Header, page)
	}
	for _, href := range links(t, page) { // each link leads to what it names
		if !strings.HasPrefix(href, "./") {
			t.Errorf("link %q", href)
		}
		if res := get(t, mounted, "GET", "/m/"+strings.TrimPrefix(href, "./")); res.StatusCode != 200 {
			t.Errorf("link %q: %d", href, res.StatusCode)
		}
	}
	if n := len(links(t, page)); n != len(want) {
		t.Errorf("%d links", n)
	}
	if got := links(t, body(t, get(t, f, "GET", "/sub/"))); cmp.Diff([]string{"../", "./x"}, got) != "" {
		t.Errorf("%q", got)
	}
	if res := get(t, f, "HEAD", "/sub/"); res.StatusCode != 200 || body(t, res) != "" || res.Header.Get("Content-Length") == "" {
		t.Errorf("HEAD %v", res.Header)
	}
	for _, target := range []string{"/nope/", "/out/", "/.hidden/"} {
		if res := get(t, f, "GET", target); res.StatusCode != 404 {
			t.Errorf("%s: %d", target, res.StatusCode)
		}
	}
}

// links returns the hrefs of a page.
func links(t *testing.T, page string) (list []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" {
				list = append(list, a.Val)
			}
		}
	}
	return list
}

func TestListingEmptyAndLarge(t *testing.T) {
	many := fstest.MapFS{"empty/.keep": {}}
	for i := range 5100 {
		many["many/"+strings.Repeat("x", i%200+1)+string(rune('a'+i/200))] = &fstest.MapFile{}
	}
	f := &static.Files{FS: many, Listing: true}
	if got := body(t, get(t, f, "GET", "/empty/")); !strings.Contains(got, "Nothing to serve") {
		t.Error(got)
	}
	var l static.Listing
	json.Unmarshal([]byte(body(t, get(t, f, "GET", "/many/", "Accept", "application/json"))), &l)
	if len(l.Entries) != 5000 || !l.More {
		t.Errorf("%d entries, more %v", len(l.Entries), l.More)
	}
}

func TestBytes(t *testing.T) {
	for size, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1550: "1.6 kB", 9949: "9.9 kB", 9960: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB", 12_345_678: "12 MB", 5e9: "5.0 GB", 1 << 62: "4612 PB"} {
		if got := (static.Entry{Size: size}).Bytes(); got != want {
			t.Errorf("%d: %s, want %s", size, got, want)
		}
	}
}
