package devserver_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// paste.md 6.3: the first read of the body triggers 100 Continue, an answer without one
// does not. So no middleware reads a body that its handler does not want.
func TestToolkitExpectContinue(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refuse" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}
	eachLayer(t, handler, func(t *testing.T, _, url string, _ map[string]int, ended <-chan struct{}) {
		for path, want := range map[string][]int{"/refuse": {413}, "/read": {100, 200}} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.SetDeadline(time.Now().Add(patience))
			// An octet-stream, for the body of a form is the login page's to read.
			_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: "+conn.RemoteAddr().String()+"\r\nContent-Type: application/octet-stream\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
			br := bufio.NewReader(conn)
			for _, status := range want {
				res, err := http.ReadResponse(br, nil)
				if err != nil || res.StatusCode != status {
					t.Fatal(path, res, err, "want", status)
				}
				if status == http.StatusContinue {
					_, _ = io.WriteString(conn, "body")
				} else if b, err := io.ReadAll(res.Body); err != nil || status == http.StatusOK && string(b) != "body" {
					t.Errorf("%s: %q, %v", path, b, err)
				}
			}
			_ = conn.Close()
			<-ended
		}
	})
}
