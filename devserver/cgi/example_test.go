package cgi_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/pastedev/pastedev/devserver/cgi"
)

func Example() {
	git := &cgi.Handler{
		Path: "/usr/lib/git-core/git-http-backend",
		Set:  []string{"GIT_PROJECT_ROOT=/srv/git", "GIT_HTTP_EXPORT_ALL=1"},
		Done: func(p cgi.Report) {
			fmt.Println(p.Request.URL.Path, p.Status, p.ExitCode, p.Duration)
			for _, line := range p.Stderr {
				fmt.Printf("%q\n", line.Text)
			}
		},
	}
	if err := git.Check(); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8000", git))
}
