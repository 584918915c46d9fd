package cascade

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type key struct{}

func TestLoserLeavesNoTrace(t *testing.T) {
	loser := func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Set-Cookie", "loser=1")
		h.Set("Before", "overwritten")
		h.Set("Trailer", "T")
		w.WriteHeader(103)
		*r = *r.WithContext(context.WithValue(r.Context(), key{}, "loser"))
		r.Header.Set("X-Loser", "1")
		r.URL.Path = "/loser"
		r.SetPathValue("loser", "1")
		_ = r.ParseForm()
		http.Error(w, "lost", 404)
		h.Set("T", "late")
	}
	winner := func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(key{}) != nil || r.Header.Get("X-Loser") != "" || r.URL.Path != "/p" || r.Form != nil || r.PathValue("loser") != "" {
			t.Errorf("the winner sees %+v", r)
		}
		_, _ = io.WriteString(w, "won")
	}
	for name, c := range map[string]*Cascade{"last": cascade(t, loser, winner), "between": cascade(t, loser, loser, winner, loser)} {
		s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Before", "kept")
			c.ServeHTTP(w, r)
		}))
		early := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { early++; return nil }})
		resp, body := do(t, request(t, ctx, "POST", s.URL+"/p?a=1", strings.NewReader("b=2")))
		resp.Header.Del("Date")
		want := http.Header{"Before": {"kept"}, "Content-Length": {"3"}, "Content-Type": {"text/plain; charset=utf-8"}}
		if diff := cmp.Diff(want, resp.Header); diff != "" || body != "won" || len(resp.Trailer) > 0 || early > 0 {
			t.Errorf("%s: %s, %q, %d informational", name, diff, body, early)
		}
	}
}

func TestWinnersInformationalAndTrailers(t *testing.T) {
	winner := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(103)
		w.Header().Set("Trailer", "T")
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "x")
		w.Header().Set("T", "end")
	}
	for name, c := range map[string]*Cascade{"first": cascade(t, winner, status(404, "")), "last": cascade(t, status(404, ""), winner)} {
		early := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { early++; return nil }})
		resp, _ := do(t, request(t, ctx, "GET", serve(t, c).URL, nil))
		if early != 1 || resp.Trailer.Get("T") != "end" {
			t.Errorf("%s: %d informational, trailer %v", name, early, resp.Trailer)
		}
	}
}

func TestWinnerStreams(t *testing.T) {
	for _, first := range []bool{true, false} {
		more := make(chan struct{})
		stream := func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "first")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			if _, ok := w.(http.Flusher); !ok {
				t.Error("no Flusher")
			}
			<-more
			_, _ = io.WriteString(w, "second")
		}
		c := cascade(t, stream, status(404, ""))
		if !first {
			c = cascade(t, status(404, ""), stream)
		}
		resp, err := http.Get(serve(t, c).URL)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 5)
		_, err = io.ReadFull(resp.Body, b)
		close(more)
		rest, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(b) != "first" || string(rest) != "second" {
			t.Errorf("%q, %v, %q", b, err, rest)
		}
	}
}

func TestWinnerDuplex(t *testing.T) {
	talk := func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		w.WriteHeader(200)
		_ = rc.Flush()
		br := bufio.NewReader(r.Body)
		for {
			line, err := br.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = io.WriteString(w, "echo "+line)
			_ = rc.Flush()
		}
	}
	s := serve(t, cascade(t, status(404, ""), talk, status(404, "")))
	pr, pw := io.Pipe()
	resp, err := http.DefaultClient.Do(request(t, t.Context(), "POST", s.URL, pr))
	if err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(resp.Body)
	for _, line := range []string{"a\n", "b\n"} {
		_, _ = io.WriteString(pw, line)
		if got, err := br.ReadString('\n'); got != "echo "+line || err != nil {
			t.Fatal(got, err)
		}
	}
	_ = pw.Close()
	_, _ = io.Copy(io.Discard, br)
	_ = resp.Body.Close()
}

func TestHijack(t *testing.T) {
	upgrade := func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		_, _ = io.CopyN(conn, rw, 5)
	}
	for name, c := range map[string]*Cascade{"first": cascade(t, upgrade, panics("asked")), "last": cascade(t, status(404, ""), upgrade)} {
		conn, err := net.Dial("tcp", serve(t, c).Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello")
		br := bufio.NewReader(conn)
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != 101 {
			t.Fatal(name, resp, err)
		}
		if got, _ := io.ReadAll(br); string(got) != "hello" {
			t.Errorf("%s: %q", name, got)
		}
		_ = conn.Close()
	}
}

func TestHead(t *testing.T) {
	file := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", zeroTime, strings.NewReader("content"))
	}
	for name, c := range map[string]*Cascade{"first": cascade(t, file, status(404, "")), "last": cascade(t, status(404, "lost"), file)} {
		resp, body := do(t, request(t, t.Context(), "HEAD", serve(t, c).URL, nil))
		if resp.StatusCode != 200 || resp.ContentLength != 7 || body != "" {
			t.Errorf("%s: %d, %d, %q", name, resp.StatusCode, resp.ContentLength, body)
		}
	}
}
