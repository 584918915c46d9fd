package compress

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// Each flush reaches the client, compressed; a flush of the head alone too.
func TestFlush(t *testing.T) {
	for _, headFirst := range []bool{false, true} {
		next := make(chan struct{})
		url := start(t, &Middleware{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusAccepted)
			c := http.NewResponseController(w)
			if headFirst {
				if err := c.Flush(); err != nil {
					t.Error(err)
				}
				<-next
			}
			for i := range 3 {
				fmt.Fprintf(w, "line %d\n", i)
				if err := c.Flush(); err != nil {
					t.Error(err)
				}
				<-next
			}
		})
		res := ask(t, "GET", url, "Accept-Encoding", "gzip")
		if res.StatusCode != http.StatusAccepted {
			t.Error(res.StatusCode)
		}
		if headFirst {
			next <- struct{}{} // the head has come
		}
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(z)
		for i := range 3 { // the handler waits for us each time
			if l, err := lines.ReadString('\n'); err != nil || l != fmt.Sprintf("line %d\n", i) {
				t.Fatalf("%q, %v", l, err)
			}
			next <- struct{}{}
		}
		if _, err := lines.ReadByte(); err != io.EOF {
			t.Error(err)
		}
	}
}

func TestTruncatedStaysTruncated(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", strconv.Itoa(len(long)+1))
		_, _ = io.WriteString(w, long)
	})
	for _, accept := range []string{"", "gzip", "zstd"} {
		res := ask(t, "GET", url, "Accept-Encoding", accept)
		if _, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v", accept, err)
		}
	}
}

func TestTooLongIsAnError(t *testing.T) {
	for _, accept := range []string{"", "gzip"} {
		got := make(chan error, 1)
		url := start(t, &Middleware{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", strconv.Itoa(len(long)))
			_, _ = io.WriteString(w, long)
			_, err := io.WriteString(w, "x")
			got <- err
		})
		res := ask(t, "GET", url, "Accept-Encoding", accept)
		if s := decode(t, res); s != long {
			t.Error(len(s))
		}
		if err := <-got; !errors.Is(err, http.ErrContentLength) {
			t.Errorf("%q: %v", accept, err)
		}
	}
}

func TestAbortIsNotCompleted(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, long)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	res := ask(t, "GET", url, "Accept-Encoding", "gzip")
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("looks whole")
	}
}

func TestInformationalTrailerAndUpgrade(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhi")
			c.Close()
			return
		}
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Trailer", "X-Sum")
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, long)
		w.Header().Set("X-Sum", "1")
	})
	res := ask(t, "GET", url, "Accept-Encoding", "gzip")
	if got := decode(t, res); got != long || res.Trailer.Get("X-Sum") != "1" || res.StatusCode != 200 {
		t.Error(len(got), res.Trailer, res.StatusCode)
	}
	res = ask(t, "GET", url, "Accept-Encoding", "gzip", "Connection", "Upgrade", "Upgrade", "x")
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 101 || string(b) != "hi" {
		t.Error(res.StatusCode, string(b))
	}
}

func TestHijackWithoutUpgrade(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprint(c, "HTTP/1.0 200 OK\r\n\r\nraw")
		c.Close()
	})
	res := ask(t, "GET", url, "Accept-Encoding", "gzip")
	if b, _ := io.ReadAll(res.Body); string(b) != "raw" {
		t.Error(string(b))
	}
}

// TestHeadFlushedFirst: an answer of known length is compressed also when its head is flushed
// before its first byte, as a proxy does or does not, by chance.
func TestHeadFlushedFirst(t *testing.T) {
	url := start(t, &Middleware{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(long)))
		w.WriteHeader(http.StatusAccepted)
		c := http.NewResponseController(w)
		if err := c.Flush(); err != nil {
			t.Error(err)
		}
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, long)
		}
	})
	for _, method := range []string{"GET", "HEAD"} {
		res := ask(t, method, url, "Accept-Encoding", "gzip")
		if res.StatusCode != http.StatusAccepted {
			t.Error(method, res.StatusCode)
		}
		if method == "GET" && (res.Header.Get("Content-Encoding") != "gzip" || decode(t, res) != long) {
			t.Error(res.Header)
		}
	}
}

// TestHeadAhead: an answer of unknown length is compressed also when its head is flushed
// before its first byte; in the encoding that it would have had, and whole whatever follows.
func TestHeadAhead(t *testing.T) {
	var saved atomic.Int64
	m := &Middleware{Saved: func(_ *http.Request, before, _ int64) { saved.Add(before) }}
	url := start(t, m, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", r.URL.Query().Get("type"))
		h.Set("Etag", `"v1"`)
		h.Set("Accept-Ranges", "bytes")
		h.Set("Trailer", "X-End")
		w.WriteHeader(http.StatusTeapot)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		h.Set("Content-Encoding", "br") // too late, as it would be without us
		h.Set("Content-Type", "image/png")
		h.Set("Content-Length", "1")
		switch r.URL.Path {
		case "/long":
			_, _ = io.WriteString(w, long)
		case "/short":
			for range 3 {
				_, _ = io.WriteString(w, "x")
			}
		}
		h.Set("X-End", "end")
	})
	for _, tt := range []struct{ path, accept, typ, encoding, want string }{
		{"/long", "gzip", "text/html; charset=utf-8", "gzip", long},
		{"/long", "gzip;q=0.1, zstd", "application/json", "zstd", long},
		{"/long", "br", "text/html", "", long},
		{"/long", "gzip", "image/png", "", long},
		{"/short", "gzip", "text/html", "gzip", "xxx"},
		{"/short", "zstd", "text/html", "zstd", "xxx"},
		{"/none", "gzip", "text/html", "gzip", ""},
		{"/none", "zstd", "text/html", "zstd", ""},
	} {
		saved.Store(0)
		res := ask(t, "GET", url+tt.path+"?type="+neturl.QueryEscape(tt.typ), "Accept-Encoding", tt.accept)
		if got := res.Header.Get("Content-Encoding"); got != tt.encoding || res.StatusCode != http.StatusTeapot {
			t.Errorf("%v: %d, encoding %q", tt, res.StatusCode, got)
		}
		if got := res.Header.Get("Content-Type"); got != tt.typ {
			t.Errorf("%v: type %q", tt, got)
		}
		if got := decode(t, res); got != tt.want {
			t.Errorf("%v: %d bytes", tt, len(got))
		}
		if got := res.Trailer.Get("X-End"); got != "end" {
			t.Errorf("%v: trailer %q", tt, got)
		}
		tag, ranges := `"v1"`, "bytes"
		if tt.encoding != "" {
			tag, ranges = `W/"v1"`, ""
		}
		if res.Header.Get("Etag") != tag || res.Header.Get("Accept-Ranges") != ranges {
			t.Errorf("%v: %v", tt, res.Header)
		}
	}
	if res := ask(t, "HEAD", url+"/none?type=text/html", "Accept-Encoding", "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error(res.Header)
	}
}
