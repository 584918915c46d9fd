package accesslog

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// A log that is stuck holds up nobody; what does not fit is dropped, counted and told.
func TestStuckLogBlocksNobody(t *testing.T) {
	const n = 400 // 3 MB
	release := make(chan struct{})
	var written buffer
	troubles := make(chan error, n)
	m := &Middleware{
		Out:     writerFunc(func(p []byte) (int, error) { <-release; return written.Write(p) }),
		Trouble: func(err error) { troubles <- err },
	}
	h := m.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	agent := strings.Repeat("x", 8<<10)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range n / 4 {
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("User-Agent", agent)
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
	wg.Wait() // and none of them waited
	dropped := m.Dropped()
	if dropped == 0 || dropped >= n {
		t.Fatalf("dropped %d of %d", dropped, n)
	}
	close(release)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(written.String(), "\n"); int64(got) != n-dropped {
		t.Errorf("%d lines written, %d dropped of %d", got, dropped, n)
	}
	close(troubles)
	var told int64
	for err := range troubles {
		var lost int64
		if _, scan := fmt.Sscanf(err.Error(), "access log: %d lines dropped", &lost); scan != nil {
			t.Error(err)
		}
		told += lost
	}
	if told != dropped {
		t.Errorf("told of %d, dropped %d", told, dropped)
	}
}

func TestBrokenLogIsToldOnce(t *testing.T) {
	var told []error
	m := &Middleware{
		Out:     writerFunc(func([]byte) (int, error) { return 0, errors.New("no space left") }),
		Trouble: func(err error) { told = append(told, err) },
	}
	for range 3 {
		serve(m, httptest.NewRequest("GET", "/", nil), func(http.ResponseWriter, *http.Request) {})
	}
	if len(told) != 1 || told[0].Error() != "write the access log: no space left" {
		t.Error(told)
	}
}

func TestConcurrentLinesStayWhole(t *testing.T) {
	var out buffer
	m := &Middleware{Out: &out}
	h := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", fmt.Sprintf("/%d/%d", i, j), nil))
			}
		})
	}
	wg.Wait()
	_ = m.Close()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 400 {
		t.Fatal(len(lines))
	}
	for _, l := range lines {
		if !strings.HasPrefix(l, "192.0.2.1 - - [") || !strings.HasSuffix(l, `"-" "-"`) {
			t.Error(l)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("GET", "/", "ua", "u", "1.2.3.4")
	f.Add("G\nT", "/\x1b\xff", "\"\\", "a b\u2029", "\n")
	f.Add("", "\u0085\u009b", "\x00", "\u202e", "::1%eth0")
	f.Fuzz(func(t *testing.T, method, uri, agent, user, addr string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = addr
		e := &Entry{Time: india, Remote: remote(r, nil), Method: method, URI: uri, UserAgent: agent, User: user, Proto: "HTTP/1.1", Host: uri, Status: 200}
		line := string(e.AppendCombined(nil, true))
		object := string(e.AppendJSON(nil))
		for _, s := range []string{line, object} {
			body, ok := strings.CutSuffix(s, "\n")
			if !ok {
				t.Fatalf("no newline: %q", s)
			}
			for _, c := range body {
				if c == unicode.ReplacementChar && !strings.Contains(method+uri+agent+user, "\ufffd") || !unicode.IsPrint(c) {
					t.Fatalf("%q in %q", c, s)
				}
			}
		}
		// Without the escaped ones there are exactly three pairs of quotes.
		plain := strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\"`, "")
		if strings.Count(plain, `"`) != 6 {
			t.Fatalf("quotes in %q", line)
		}
		if !json.Valid([]byte(object)) {
			t.Fatalf("not JSON: %q", object)
		}
	})
}
