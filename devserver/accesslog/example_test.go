package accesslog_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastedev/pastedev/devserver/accesslog"
)

func Example() {
	var out bytes.Buffer
	log := &accesslog.Middleware{Out: &out}
	h := log.Handler(http.NotFoundHandler())

	r := httptest.NewRequest("GET", "/a?b=c", nil)
	r.Header.Set("User-Agent", "evil \"\x1b[31m\n")
	h.ServeHTTP(httptest.NewRecorder(), r)

	_ = log.Close()
	_, line, _ := bytes.Cut(out.Bytes(), []byte("] "))
	fmt.Printf("%s", line)
	// Output:
	// "GET /a?b=c HTTP/1.1" 404 19 "-" "evil \"\x1b[31m\x0a"
}
