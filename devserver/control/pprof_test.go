package control

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	pb "github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/inspect"
)

// withProfile returns an instance that has one profile and one call tree.
func withProfile(t *testing.T) (*instance, *inspect.Exchange) {
	i := startInstance(t)
	kept, _ := i.profiling(t)
	kept.put(inspect.Profile{Kind: inspect.ProfileCPU}, sampled(t))
	return i, i.withTree("/cart", 6*time.Millisecond)
}

func TestPprofPages(t *testing.T) {
	i, ex := withProfile(t)
	nonced := regexp.MustCompile(`<(script|style) nonce="([A-Z2-7]+)"`)
	for _, tt := range []struct{ path, want string }{
		{"1/top", "main.total"},
		{"1/flamegraph", "main.cart"},
		{"1/flamegraph?f=total&si=samples", "main.total"},
		{"1/peek?f=total", "main.total"},
		{"calls-" + string(ex.ID) + "/flamegraph", "loadCart"},
		{"calls-" + string(ex.ID[:8]) + "/top", "loadCart"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			res, body := i.ask(t, "GET", "/pprof/"+tt.path, "", i.header())
			if res.StatusCode != 200 || !strings.Contains(body, tt.want) || strings.Contains(body, secret) || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				t.Fatalf("%d %s\n%s", res.StatusCode, res.Header.Get("Content-Type"), body)
			}
			csp := res.Header.Get("Content-Security-Policy")
			if strings.Contains(csp, "unsafe") || strings.Contains(csp, "connect-src") || strings.Contains(csp, "allow-popups") || res.Header.Get("Cross-Origin-Opener-Policy") != "" {
				t.Errorf("policy %q, opener policy %q", csp, res.Header.Get("Cross-Origin-Opener-Policy"))
			}
			tags := nonced.FindAllStringSubmatch(body, -1)
			if all := regexp.MustCompile(`<(script|style)[ >]`).FindAllString(body, -1); len(tags) != len(all) || len(tags) < 3 {
				t.Errorf("%d of %d scripts and styles may run", len(tags), len(all))
			}
			for _, m := range tags {
				if !strings.Contains(csp, m[1]+"-src 'nonce-"+m[2]+"'") {
					t.Errorf("the nonce %s is not in %q", m[2], csp)
				}
			}
			if h := res.Header; h.Get("X-Frame-Options") != "DENY" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("header %v", h)
			}
		})
	}
	res, body := i.ask(t, "GET", "/pprof/1/download", "", i.header())
	if p, err := pb.ParseData([]byte(body)); err != nil || len(p.Sample) != 3 || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("download: %v, %v", err, res.Header)
	}
	if res, _ := i.ask(t, "GET", "/pprof/1/", "", i.header()); res.StatusCode != 303 || res.Header.Get("Location") != "/pprof/1/flamegraph" {
		t.Errorf("the root: %d, to %q", res.StatusCode, res.Header.Get("Location"))
	}
	for _, path := range []string{"2/top", "x/top", "calls-ffff/top"} {
		if res, body := i.ask(t, "GET", "/pprof/"+path, "", i.header()); res.StatusCode != 404 {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	if res, body := i.ask(t, "GET", "/pprof/1/top?f=(", "", i.header()); res.StatusCode != 400 || !strings.Contains(body, "pprof: ") {
		t.Errorf("a wrong search: %d %s", res.StatusCode, body)
	}
}

// Neither the pages nor the driver read or write a file, and all of it is data.
func TestPprofRefuses(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	i, ex := withProfile(t)
	for _, id := range []string{"1", "calls-" + string(ex.ID)} {
		for _, page := range []string{"source?f=cart", "disasm?f=cart", "saveconfig?config=x", "deleteconfig?config=x", "flamegraph2", "none", "top/more", "..%2Ftop"} {
			res, body := i.ask(t, "GET", "/pprof/"+id+"/"+page, "", i.header())
			if res.StatusCode != 403 || strings.Contains(body, "root:") || !strings.Contains(body, "go tool pprof") {
				t.Errorf("GET %s/%s: %d %s", id, page, res.StatusCode, body)
			}
		}
		for _, page := range []string{"saveconfig?config=x", "deleteconfig?config=x", "top"} {
			if res, body := i.ask(t, "POST", "/pprof/"+id+"/"+page, "{}", i.header("Content-Type", jsonType)); res.StatusCode != 405 {
				t.Errorf("POST %s/%s: %d %s", id, page, res.StatusCode, body)
			}
			if res, body := i.ask(t, "DELETE", "/pprof/"+id+"/"+page, "", i.header()); res.StatusCode != 405 {
				t.Errorf("DELETE %s/%s: %d %s", id, page, res.StatusCode, body)
			}
		}
		if res, body := i.ask(t, "GET", "/pprof/"+id+"/top", "", nil); res.StatusCode != 401 || strings.Contains(body, "main.") {
			t.Errorf("without a token: %d %s", res.StatusCode, body)
		}
		if res, _ := i.ask(t, "GET", "/pprof/"+id+"/top", "", i.header("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")); res.StatusCode != 403 {
			t.Errorf("a link of another site: %d", res.StatusCode)
		}
		if res, _ := i.ask(t, "GET", "/pprof/"+id+"/top", "", i.header()); res.StatusCode != 200 {
			t.Errorf("top: %d", res.StatusCode)
		}
	}
	files, err := os.ReadDir(home)
	if err != nil || len(files) > 0 {
		t.Errorf("the driver left %v in the home folder, %v", files, err)
	}
}

func TestPprofGraph(t *testing.T) {
	i, _ := withProfile(t)
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if res, body := i.ask(t, "GET", "/pprof/1/graph", "", i.header()); res.StatusCode != 501 || !strings.Contains(body, "graphviz") {
		t.Errorf("without dot: %d %s", res.StatusCode, body)
	}
	// A dot that is taken in by a name must not make the page run it.
	script := "#!/bin/sh\necho '<svg id=\"graph0\"><script>alert(1)</script></svg>'\n"
	if err := os.WriteFile(filepath.Join(dir, "dot"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	res, body := i.ask(t, "GET", "/pprof/1/graph", "", i.header())
	if res.StatusCode != 200 || !strings.Contains(body, "<script>alert(1)") || strings.Contains(body, `"><script nonce`) {
		t.Errorf("with dot: %d %s", res.StatusCode, body)
	}
}

// Profiles are kept open, a few, the least used one goes first.
func TestPprofKeepsAFew(t *testing.T) {
	var u pprofUI
	open := func(n int) http.Handler {
		t.Helper()
		p, err := pb.ParseData(sampled(t))
		if err != nil {
			t.Fatal(err)
		}
		p.Comments = []string{fmt.Sprint(n)}
		var b strings.Builder
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		pages, err := u.handlers([]byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		return pages["/top"]
	}
	for n := range maxPprof + 2 {
		open(n)
		open(1)
	}
	if len(u.open) != maxPprof {
		t.Errorf("%d are open, want %d", len(u.open), maxPprof)
	}
	first := u.open[0].sum
	open(maxPprof)
	open(1)
	if u.open[0].sum != first || len(u.open) != maxPprof {
		t.Error("the one used most was closed")
	}
	if _, err := u.handlers([]byte("no profile")); err == nil {
		t.Error("what is no profile was opened")
	}
}

// Many look at many profiles at once: the driver is asked one by one, the pages are not.
func TestPprofTogether(t *testing.T) {
	i, _ := withProfile(t)
	kept := i.svc.opt.Profiles.(*fakeProfiles)
	for n := range maxPprof + 1 {
		p, err := pb.ParseData(sampled(t))
		if err != nil {
			t.Fatal(err)
		}
		p.Comments = []string{fmt.Sprint(n)}
		var b strings.Builder
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		kept.put(inspect.Profile{Kind: inspect.ProfileCPU}, []byte(b.String()))
	}
	var wg sync.WaitGroup
	for n := range 4 * len(kept.list) {
		wg.Go(func() {
			page := []string{"top", "flamegraph", "peek?f=total"}[n%3]
			if res, body := i.ask(t, "GET", fmt.Sprintf("/pprof/%d/%s", n%len(kept.list)+1, page), "", i.header()); res.StatusCode != 200 || !strings.Contains(body, "main.total") {
				t.Errorf("%s: %d %s", page, res.StatusCode, body)
			}
		})
	}
	wg.Wait()
}

func TestWithNonce(t *testing.T) {
	for in, want := range map[string]string{
		"<SCRIPT src=x>1<2</SCRIPT>":                           `<SCRIPT nonce="N" src=x>1<2</SCRIPT>`,
		"<style>a{}</style><p>":                                `<style nonce="N">a{}</style><p>`,
		"<head></head>":                                        `<head><style nonce="N">` + pprofStyle + `</style></head>`,
		"<svg><svg></svg><script></script></svg>":              "<svg><svg></svg><script></script></svg>",
		"<svg><style></style></svg><script></script>":          `<svg><style></style></svg><script nonce="N"></script>`,
		"<!-- <script> --><p title='<script>'>&lt;script></p>": "<!-- <script> --><p title='<script>'>&lt;script></p>",
		"<script>var s = '<style>';</script>":                  `<script nonce="N">var s = '<style>';</script>`,
	} {
		if got := string(withNonce([]byte(in), "N")); got != want {
			t.Errorf("%s gives %s, want %s", in, got, want)
		}
	}
}

// A nonce is all that is added, and never to what is not a tag of the page itself.
func FuzzWithNonce(f *testing.F) {
	for _, page := range []string{"<html><head><title>x</title><style>a</style></head><body><script>1</script></body></html>", "<svg><script>1</script></svg>",
		"<script", "<SCRIPT\x00>", "<style/><script/>", "<textarea><script></textarea>", "<!--<script>", "<svg/><script>", "</svg><svg><svg></svg><script>"} {
		f.Add(page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		const nonce = "FUZZED"
		got := string(withNonce([]byte(page), nonce))
		got = strings.ReplaceAll(got, `<style nonce="`+nonce+`">`+pprofStyle+"</style>", "")
		if got = strings.ReplaceAll(got, ` nonce="`+nonce+`"`, ""); got != page && !strings.Contains(page, nonce) {
			t.Errorf("%q has become %q", page, got)
		}
	})
}

func TestPprofPageTooLarge(t *testing.T) {
	w := httptest.NewRecorder()
	servePprof(w, httptest.NewRequest("GET", "/pprof/1/top", nil), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(make([]byte, maxPprofPage+1)); err == nil {
			t.Error("it was all taken")
		}
	}))
	if w.Code != 507 || !strings.Contains(w.Body.String(), "narrow it") {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
}
