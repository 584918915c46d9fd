package cgi_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/httpx"
)

func TestDir(t *testing.T) {
	needUnix(t)
	bin, _ := filepath.Abs("testdata/bin")
	d := &cgi.Dir{Root: "testdata/bin", Handler: cgi.Handler{Done: func(cgi.Report) {}}}
	for _, tc := range []struct {
		path     string
		status   int
		want     string // in the body
		location string
	}{
		{path: "/app/run.sh", status: 200, want: "/bin/app/run.sh  " + bin + "/app"},
		{path: "/app/run.sh/a/b", status: 200, want: "/bin/app/run.sh /a/b " + bin + "/app"},
		{path: "/app//run.sh/", status: 200, want: "/bin/app/run.sh / "},
		{path: "/sub", status: 301, location: "/bin/sub/"},
		{path: "/sub?q=%20x", status: 301, location: "/bin/sub/?q=%20x"},
		{path: "/sub/", status: 200, want: "index /bin/sub/index.cgi  /bin/sub/"},
		{path: "/sub/index.cgi/x", status: 200, want: "index /bin/sub/index.cgi /x"},
		{path: "/", status: 404},
		{path: "", status: 404},
		{path: "/app", status: 404},
		{path: "/app/", status: 404},
		{path: "/none.cgi", status: 404},
		{path: "/data.txt", status: 404},
		{path: "/.hidden.cgi", status: 404},
		{path: "/sub/../ok.cgi", status: 404},
		{path: "/sub%2findex.cgi", status: 404},
		{path: "/..%2f..%2fenv_test.go", status: 404},
		{path: "/%2e%2e/x", status: 404},
		{path: "/ok.cgi%00", status: 404},
		{path: "/mode.cgi", status: 500, want: "mode.cgi: is not executable (mode 06"},
	} {
		r := httptest.NewRequest("GET", "http://example.com/bin"+tc.path, nil)
		r.RequestURI = r.URL.RequestURI()
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httpx.WithMount(r, "/bin"))
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) || w.Header().Get("Location") != tc.location {
			t.Errorf("%s: %d %s %v", tc.path, w.Code, w.Body, w.Header())
		}
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	if err := (&cgi.Dir{Root: "testdata/none"}).Check(); err == nil || err.Error() != "open the folder of programs testdata/none: no such file or directory" {
		t.Error(err)
	}
}

// Security defect 9, for programs: links out of the folder.
func TestDirDoesNotFollowLinksOut(t *testing.T) {
	needUnix(t)
	ok, _ := filepath.Abs("testdata/bin/ok.cgi")
	bin := filepath.Dir(ok)
	root := t.TempDir()
	for name, target := range map[string]string{"file.cgi": ok, "folder": bin, "up": ".."} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(ok)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "own.cgi"), text, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("own.cgi", filepath.Join(root, "inside.cgi")); err != nil {
		t.Fatal(err)
	}
	d := &cgi.Dir{Root: root, Handler: cgi.Handler{Done: func(cgi.Report) {}}}
	for path, want := range map[string]int{"/file.cgi": 404, "/folder/ok.cgi": 404, "/up/x": 404, "/own.cgi": 200, "/inside.cgi": 200} {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestDirIndex(t *testing.T) {
	needUnix(t)
	w := httptest.NewRecorder()
	d := &cgi.Dir{Root: "testdata/bin", Index: []string{"none.cgi", "ok.cgi"}, Handler: cgi.Handler{Done: func(cgi.Report) {}}}
	d.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || w.Body.String() != "This is the body" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A Location with a path and without a status is served here.
func TestLocalRedirect(t *testing.T) {
	needUnix(t)
	type seen struct{ method, path, query, mount, uri, body, typ string }
	var got seen
	var report cgi.Report
	there := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = seen{r.Method, r.URL.Path, r.URL.RawQuery, httpx.MountPoint(r.Context()), r.RequestURI, "", r.Header.Get("Content-Type")}
		w.WriteHeader(299)
	})
	h := &cgi.Handler{Path: "testdata/bin/local.cgi", Redirect: there, Done: func(p cgi.Report) { report = p }}
	for method, want := range map[string]string{"GET": "GET", "POST": "GET", "HEAD": "HEAD"} {
		r := httptest.NewRequest(method, "/cgi-bin/local.cgi?q=1", strings.NewReader("posted"))
		r.Header.Set("Content-Type", "text/plain")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httpx.WithMount(r, "/cgi-bin/local.cgi"))
		if w.Code != 299 || w.Header().Get("Set-Cookie") != "seen=1" || got != (seen{want, "/there/page", "x=1", "", "", "", ""}) || report.Redirect != "/there/page?x=1" || report.Status != 0 {
			t.Errorf("%s: %d %v %+v %+v", method, w.Code, w.Header(), got, report)
		}
	}
}

func TestLocalRedirectsInACircle(t *testing.T) {
	needUnix(t)
	runs := 0
	d := &cgi.Dir{Root: "testdata/bin"}
	d.Handler.Redirect, d.Handler.Done = d, func(cgi.Report) { runs++ }
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", "/circle.cgi", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), `10 local redirects, the last to "/circle.cgi"`) || runs != 11 {
		t.Errorf("%d after %d runs: %s", w.Code, runs, w.Body)
	}
}
