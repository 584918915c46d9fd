package cgi_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// cgitPath is where distributions put cgit.
const cgitPath = "/usr/lib/cgit/cgit.cgi"

// mounted is serve with the program at /app.
func mounted(t *testing.T, h *cgi.Handler) (address string, reports chan cgi.Report) {
	t.Helper()
	needUnix(t)
	reports = make(chan cgi.Report, 100)
	h.Done = func(p cgi.Report) { reports <- p }
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r2 := httpx.WithMount(r, "/app")
		u := *r.URL
		r2.URL = &u
		r2.URL.Path = strings.TrimPrefix(u.Path, "/app")
		h.ServeHTTP(w, r2)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/app", reports
}

// A browser of repositories: links that begin with SCRIPT_NAME, PATH_INFO, queries, files of
// every kind, its own 404.
func TestCgit(t *testing.T) {
	if _, err := os.Stat(cgitPath); err != nil {
		t.Skip("needs the package cgit")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir := t.TempDir()
	repo := filepath.Join(dir, "shop")
	run(t, dir, "init", "-q", "-b", "main", "shop")
	const text = "one line\nand <another>\n"
	if err := os.WriteFile(filepath.Join(repo, "a file.txt"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, repo, "add", ".")
	run(t, repo, "commit", "-q", "-m", "the first of all")
	config := filepath.Join(dir, "cgitrc")
	rc := fmt.Sprintf("css=/app-css/cgit.css\nsnapshots=tar.gz\nrepo.url=shop\nrepo.path=%s/.git\nrepo.desc=Sells things\n", repo)
	if err := os.WriteFile(config, []byte(rc), 0o644); err != nil {
		t.Fatal(err)
	}
	address, reports := mounted(t, &cgi.Handler{Path: cgitPath, Set: []string{"CGIT_CONFIG=" + config, "HOME=" + dir}})
	for _, tc := range []struct {
		path     string
		status   int
		kind     string
		contains string
	}{
		{"/", 200, "text/html; charset=UTF-8", "href='/app/shop/'"},
		{"/shop/", 200, "text/html; charset=UTF-8", "Sells things"},
		{"/shop/log/?qt=grep&q=first", 200, "text/html; charset=UTF-8", "the first of all"},
		{"/shop/tree/a%20file.txt", 200, "text/html; charset=UTF-8", "and &lt;another&gt;"},
		{"/shop/plain/a%20file.txt", 200, "text/plain; charset=UTF-8", text},
		{"/shop/snapshot/shop-main.tar.gz", 200, "application/x-gzip; charset=UTF-8", "\x1f\x8b\x08"},
		{"/none/", 404, "text/html; charset=UTF-8", "No repositories found"},
	} {
		res, body := get(t, address+tc.path)
		p := <-reports
		if res.StatusCode != tc.status || res.Header.Get("Content-Type") != tc.kind || !strings.Contains(body, tc.contains) {
			t.Errorf("%s: %d %v %.2000q", tc.path, res.StatusCode, res.Header, body)
		}
		if p.Failure != nil || p.ExitCode != 0 || len(p.Warnings) > 0 || len(p.Stderr) > 0 {
			t.Errorf("%s: %+v", tc.path, p)
		}
	}
}

// upload makes a form with a file.
func upload(t *testing.T, address string, content []byte) *http.Request {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	form.WriteField("name", "a b&c")
	file, err := form.CreateFormFile("f", "up.bin")
	if err != nil {
		t.Fatal(err)
	}
	file.Write(content)
	form.Close()
	r, _ := http.NewRequest("POST", address, &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

// libraryChecks asks a program that is written with a library or language for CGI: the
// query, a form, an upload with and without a length, cookies, a redirect, a status.
func libraryChecks(t *testing.T, path string) {
	t.Helper()
	address, reports := mounted(t, &cgi.Handler{Path: path})
	content := bytes.Repeat([]byte("0123456789\r\n\x00\xff"), 10_000)
	chunked := func(r *http.Request) *http.Request {
		r.Body, r.ContentLength = io.NopCloser(r.Body), -1
		return r
	}
	request := func(method, target, body string) *http.Request {
		r, _ := http.NewRequest(method, address+target, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return r
	}
	for _, tc := range []struct {
		name     string
		request  *http.Request
		status   int
		location string
		body     string
	}{
		{"query", request("GET", "/deep/x%20y?name=a+b%26c", ""), 200, "", "name=a b&c info=/deep/x y upload=0\n"},
		{"form", request("POST", "", "name=a+b%26c"), 200, "", "name=a b&c info= upload=0\n"},
		{"upload", upload(t, address, content), 200, "", fmt.Sprintf("name=a b&c info= upload=%d\n", len(content))},
		{"chunked upload", chunked(upload(t, address, content)), 200, "", fmt.Sprintf("name=a b&c info= upload=%d\n", len(content))},
		{"redirect", request("GET", "?redirect=1", ""), 302, "http://elsewhere.test/x", ""},
		{"status", request("GET", "?status=1", ""), 410, "", "gone\n"},
	} {
		res, body := do(t, tc.request)
		p := <-reports
		if res.StatusCode != tc.status || res.Header.Get("Location") != tc.location || body != tc.body {
			t.Errorf("%s: %d %v %.500q", tc.name, res.StatusCode, res.Header, body)
		}
		if tc.status == 200 && len(res.Cookies()) != 2 {
			t.Errorf("%s: cookies %v", tc.name, res.Cookies())
		}
		if p.Failure != nil || p.ExitCode != 0 || len(p.Warnings) > 0 {
			t.Errorf("%s: %+v", tc.name, p)
		}
	}
}

func TestPerlCGI(t *testing.T) {
	needUnix(t)
	if exec.Command("perl", "-MCGI", "-e1").Run() != nil {
		t.Skip("needs Perl's module CGI")
	}
	libraryChecks(t, write(t, `#!/usr/bin/env perl
use CGI;
my $q = CGI->new;
if ($q->param('redirect')) { print $q->redirect('http://elsewhere.test/x'); exit }
if ($q->param('status')) { print $q->header(-status => '410 Gone', -type => 'text/plain'), "gone\n"; exit }
my ($size, $fh) = (0, $q->upload('f'));
if ($fh) { binmode $fh; local $/; $size = length(<$fh>) }
print $q->header(-type => 'text/plain', -cookie => [$q->cookie(-name => 'a', -value => '1'), $q->cookie(-name => 'b', -value => '2')]);
print 'name=', scalar $q->param('name'), ' info=', $q->path_info, " upload=$size\n";
`))
}

func TestPHP(t *testing.T) {
	needUnix(t)
	if _, err := exec.LookPath("php-cgi"); err != nil {
		t.Skip("needs php-cgi")
	}
	libraryChecks(t, write(t, `#!/usr/bin/env php-cgi
<?php
if (isset($_GET['redirect'])) { header('Location: http://elsewhere.test/x'); exit; }
header('Content-Type: text/plain');
if (isset($_GET['status'])) { http_response_code(410); echo "gone\n"; exit; }
setcookie('a', '1'); setcookie('b', '2');
$size = isset($_FILES['f']) ? filesize($_FILES['f']['tmp_name']) : 0;
echo 'name=', $_REQUEST['name'], ' info=', $_SERVER['PATH_INFO'] ?? '', " upload=$size\n";
`))
}

func TestPython(t *testing.T) {
	needUnix(t)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("needs python3")
	}
	libraryChecks(t, write(t, `#!/usr/bin/env python3
import os, sys, email, urllib.parse
query = urllib.parse.parse_qs(os.environ["QUERY_STRING"])
body = sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0))
kind, size = os.environ.get("CONTENT_TYPE", ""), 0
if kind.startswith("multipart/"):
    for part in email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body).get_payload():
        name, data = part.get_param("name", header="Content-Disposition"), part.get_payload(decode=True)
        if name == "f": size = len(data)
        else: query[name] = [data.decode()]
elif body:
    query.update(urllib.parse.parse_qs(body.decode()))
if "redirect" in query:
    print("Status: 302 Found\r\nLocation: http://elsewhere.test/x\r\n\r")
elif "status" in query:
    print("Status: 410 Gone\r\nContent-Type: text/plain\r\n\r\ngone")
else:
    print("Content-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r")
    print("name=%s info=%s upload=%d" % (query["name"][0], os.environ.get("PATH_INFO", ""), size))
`))
}
