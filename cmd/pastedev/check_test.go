package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestCheckNothing: a folder without pages is a wrong use, in every form.
func TestCheckNothing(t *testing.T) {
	for _, form := range []string{"--errors", "--json", "--sarif", "--github"} {
		var out, err bytes.Buffer
		dir := t.TempDir()
		if code := run(t.Context(), []string{"check", form, dir}, stdio{out: &out, err: &err}); code != exitUsage {
			t.Errorf("%s ends with %d, want %d", form, code, exitUsage)
		}
		want := "pastedev: nothing to check: no .html, .htm or .xhtml file in " + dir + "\nhint: name the folder where the pages are, a file, a URL, or - for the standard input\n"
		if err.String() != want {
			t.Errorf("%s says %q, want %q", form, err.String(), want)
		}
	}
}

// TestCheckErrorPage: who mistyped a URL is not told that the page is without errors, and no more.
func TestCheckErrorPage(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
		}
		io.WriteString(w, "<!DOCTYPE html><html lang=en><title>a</title><h1>b</h1>")
	}))
	defer srv.Close()
	for path, want := range map[string]string{
		"/":     "",
		"/none": "pastedev: " + srv.URL + "/none answered 404 Not Found: this is the check of its error page\n",
	} {
		var out, err bytes.Buffer
		if code := run(t.Context(), []string{"check", srv.URL + path}, stdio{out: &out, err: &err}); code != 0 {
			t.Errorf("%s ends with %d", path, code)
		}
		if said, _, _ := strings.Cut(err.String(), "no errors in"); said != want || out.Len() > 0 {
			t.Errorf("%s: %q and %q, want %q", path, err.String(), out.String(), want)
		}
	}
}
