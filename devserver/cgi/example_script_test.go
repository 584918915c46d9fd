//go:build unix

package cgi_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/pastedev/pastedev/devserver/cgi"
)

func ExampleHandler() {
	dir, err := os.MkdirTemp("", "cgi")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "hello")
	const text = "#!/bin/sh\necho 'Content-Type: text/plain'\necho\necho \"hello $QUERY_STRING, $(cat)\"\necho 'a note' >&2\nexit 3\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		fmt.Println(err)
		return
	}

	hello := &cgi.Handler{
		Path: script,
		Done: func(p cgi.Report) {
			fmt.Printf("exit code %d, %d bytes in, %d out, stderr %q\n", p.ExitCode, p.Input, p.Output, p.Stderr[0].Text)
		},
	}
	w := httptest.NewRecorder()
	hello.ServeHTTP(w, httptest.NewRequest("POST", "/?world", strings.NewReader("and you")))
	fmt.Printf("%d %s", w.Code, w.Body)
	// Output:
	// exit code 3, 7 bytes in, 21 out, stderr "a note"
	// 200 hello world, and you
}
