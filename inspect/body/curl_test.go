package body

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// runCurl runs a command line with a shell in which curl prints its arguments, each
// between brackets, and what it reads where it is told to.
func runCurl(t *testing.T, line string) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	script := `curl() { for a; do printf '[%s]' "$a"; done; case "$*" in *"--data-binary @-"*) cat;; esac; }` + "\n" + line
	out, err := exec.Command(sh, "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
	return string(out)
}

func TestCurl(t *testing.T) {
	nasty := `it's "$(id)" ` + "`x`" + ` \n %s !x` + "\nline\té"
	binary := "\x00\x01%d\\'\r\n\xff"
	tests := []struct {
		name string
		ex   inspect.Exchange
		want string
	}{
		{"get", inspect.Exchange{Summary: inspect.Summary{Method: "GET", URL: "http://h/?a=1&b=[x]", Host: "h"}},
			"[curl][-g][http://h/?a=1&b=[x]]"},
		{"head", inspect.Exchange{Summary: inspect.Summary{Method: "HEAD", URL: "http://h/a/../b"}}, "[curl][--path-as-is][-I][http://h/a/../b]"},
		{"headers", inspect.Exchange{Summary: inspect.Summary{Method: "GET", URL: "http://h/", Host: "other"},
			Request: inspect.Message{Header: inspect.Header{"X-B": {"it's", "$HOME"}, "Accept-Encoding": {"gzip"}, "X-Empty": {""}, "Content-Length": {"5"}, "Connection": {"close"}, "Host": {"other"}}}},
			"[curl][http://h/][-H][Host: other][-H][Accept-Encoding: gzip][--compressed][-H][X-B: it's][-H][X-B: $HOME][-H][X-Empty;]"},
		{"text body", inspect.Exchange{Summary: inspect.Summary{Method: "POST", URL: "http://h/"},
			Request: inspect.Message{Header: inspect.Header{"Content-Type": {"text/plain"}}, Body: inspect.Body{Data: []byte(nasty)}}},
			"[curl][-X][POST][http://h/][-H][Content-Type: text/plain][--data-raw][" + nasty + "]"},
		{"at", inspect.Exchange{Summary: inspect.Summary{Method: "PUT", URL: "http://h/"}, Request: inspect.Message{Body: inspect.Body{Data: []byte("@file")}}},
			"[curl][-X][PUT][http://h/][-H][Content-Type:][--data-raw][@file]"},
		{"binary body", inspect.Exchange{Summary: inspect.Summary{Method: "POST", URL: "http://h/"},
			Request: inspect.Message{Header: inspect.Header{"Content-Type": {"x"}}, Body: inspect.Body{Size: 100, Truncated: true, Data: []byte(binary)}}},
			"[curl][-X][POST][http://h/][-H][Content-Type: x][--data-binary][@-]" + binary},
		{"method", inspect.Exchange{Summary: inspect.Summary{Method: "X;id", URL: "http://h/"}}, "[curl][-X][X;id][http://h/]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := Curl(&tt.ex)
			if strings.Contains(line, "# only") != tt.ex.Request.Body.Truncated {
				t.Errorf("%s", line)
			}
			if d := cmp.Diff(tt.want, "[curl]"+runCurl(t, line)); d != "" {
				t.Errorf("%s\n%s", line, d)
			}
		})
	}
}
