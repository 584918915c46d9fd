package cgi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// run runs git without anybody's configuration.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// gitServer serves the repositories of a folder below /git.
func gitServer(t *testing.T, root string) (address string, reports func() []cgi.Report) {
	t.Helper()
	needUnix(t)
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	backend := filepath.Join(run(t, root, "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("needs git http-backend")
	}
	var mu sync.Mutex
	var all []cgi.Report
	h := &cgi.Handler{Path: backend, Set: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "HOME=" + t.TempDir()},
		Env: []string{"GIT_CONFIG_NOSYSTEM"}, Done: func(p cgi.Report) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, p)
		}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, httpx.WithMount(r, "/git"))
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/git", func() []cgi.Report {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// A real git clones and pushes: streamed answers, gzipped and chunked requests, stderr.
func TestGit(t *testing.T) {
	for _, version := range []string{"0", "2"} {
		t.Run("protocol "+version, func(t *testing.T) {
			root := t.TempDir()
			address, reports := gitServer(t, root)
			run(t, root, "init", "-q", "--bare", "-b", "main", "shop.git")
			run(t, filepath.Join(root, "shop.git"), "config", "http.receivepack", "true")
			protocol := "protocol.version=" + version

			first := filepath.Join(t.TempDir(), "first")
			run(t, root, "-c", protocol, "clone", "-q", address+"/shop.git", first)
			// Larger than git posts with a Content-Length (http.postBuffer): chunked.
			big := make([]byte, 3<<20)
			for i := range big {
				big[i] = byte(i * i >> 7 * i)
			}
			if err := os.WriteFile(filepath.Join(first, "big"), big, 0o644); err != nil {
				t.Fatal(err)
			}
			run(t, first, "checkout", "-q", "-b", "main")
			run(t, first, "add", "big")
			run(t, first, "commit", "-q", "-m", "big")
			run(t, first, "-c", protocol, "-c", "http.postBuffer=65536", "-c", "core.compression=0", "push", "-q", "origin", "main")

			second := filepath.Join(t.TempDir(), "second")
			run(t, root, "-c", protocol, "clone", "-q", address+"/shop.git", second)
			if got, want := run(t, second, "rev-parse", "HEAD"), run(t, first, "rev-parse", "HEAD"); got != want {
				t.Errorf("cloned %s, pushed %s", got, want)
			}
			// Many small commits and a fetch of them: negotiation in gzipped requests.
			for i := range 5 {
				run(t, first, "commit", "-q", "--allow-empty", "-m", fmt.Sprint(i))
			}
			run(t, first, "-c", protocol, "push", "-q", "origin", "main")
			run(t, second, "-c", protocol, "pull", "-q", "--ff-only")
			if got, want := run(t, second, "rev-parse", "HEAD"), run(t, first, "rev-parse", "HEAD"); got != want {
				t.Errorf("pulled %s, pushed %s", got, want)
			}
			checkGitReports(t, reports(), version)
		})
	}
}

func checkGitReports(t *testing.T, reports []cgi.Report, version string) {
	t.Helper()
	chunked, spoken := false, false
	for _, p := range reports {
		if p.Failure != nil || p.ExitCode != 0 || p.Status != 200 {
			t.Errorf("%s %s: %d, %+v, exit %d, %+v", p.Request.Method, p.Request.URL, p.Status, p.Failure, p.ExitCode, p.Stderr)
		}
		chunked = chunked || p.Request.ContentLength < 0 && p.Input > 3<<20
		for _, entry := range p.Env {
			spoken = spoken || entry == "HTTP_GIT_PROTOCOL=version="+version
		}
	}
	if len(reports) < 8 || !chunked || spoken != (version != "0") {
		t.Errorf("%d requests, a chunked push: %v, the protocol named: %v", len(reports), chunked, spoken)
	}
}

// What is not there, and what may not be pushed to, is told by the program itself.
func TestGitRefuses(t *testing.T) {
	root := t.TempDir()
	address, _ := gitServer(t, root)
	run(t, root, "init", "-q", "--bare", "shop.git")
	for path, want := range map[string]int{"/none.git/info/refs?service=git-upload-pack": 404, "/shop.git/info/refs?service=git-receive-pack": 403,
		"/shop.git/info/refs?service=git-upload-pack": 200, "/shop.git/../../etc/passwd": 400} {
		r, _ := http.NewRequest("GET", address, nil)
		p, query, _ := strings.Cut(path, "?")
		r.URL.Path, r.URL.RawQuery = "/git"+p, query
		if res, body := do(t, r); res.StatusCode != want {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}
