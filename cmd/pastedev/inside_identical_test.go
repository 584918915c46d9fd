package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestInsideIdentical compares the answers of an app that prints nothing with those of
// the same program without us: but for the one field that says which exchange it was,
// they are the same bytes.
func TestInsideIdentical(t *testing.T) {
	in := startApp(t, "hello", "--no-inject")
	in.await("/", "version 1")
	in.awaitRecording()

	bare := &instance{tb: t, url: "http://" + freeAddr(t) + "/"}
	program := filepath.Join(t.TempDir(), "hello")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = in.dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(program, bare.url[len("http://"):len(bare.url)-1])
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Process.Kill(); run.Wait() })
	bare.await("/", "version 1")

	for _, accept := range []string{"*/*", "text/html", "text/html, gzip"} {
		want, got := bare.ask("/", "Accept: "+accept), in.ask("/", "Accept: "+accept)
		if got.header.Get("Server-Timing") == "" {
			t.Errorf("Accept %s: the answer names no exchange", accept)
		}
		got.header.Del("Server-Timing")
		for _, h := range []http.Header{want.header, got.header} {
			if _, err := time.Parse(http.TimeFormat, h.Get("Date")); err != nil {
				t.Error(err)
			}
			h.Del("Date")
		}
		if d := cmp.Diff(want.header, got.header); d != "" || want.status != got.status || want.body != got.body {
			t.Errorf("Accept %s: %d %q, want %d %q\n%s", accept, got.status, got.body, want.status, want.body, d)
		}
	}
}
