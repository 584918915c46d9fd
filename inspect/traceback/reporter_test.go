package traceback

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func testReport(headline string) *Report {
	t := inspect.Trace{Language: "go", Message: headline, Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	Finish(&t, Roots{}, "")
	return &Report{Trace: t, Request: &Request{Method: "GET", URL: "http://localhost/"}}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	log, lines := &LogFile{Path: filepath.Join(dir, "errors.log")}, &JSONLines{Path: filepath.Join(dir, "errors.jsonl")}
	pages := &Dir{Path: filepath.Join(dir, "pages")}
	for _, msg := range []string{"first", "second"} {
		for _, r := range []Reporter{log, lines, pages} {
			if err := r.Report(t.Context(), testReport(msg)); err != nil {
				t.Fatal(err)
			}
		}
	}
	text, err := os.ReadFile(log.Path)
	if err != nil || strings.Count(string(text), "GET http://localhost/") != 2 || !strings.Contains(string(text), "second") {
		t.Errorf("%v: %s", err, text)
	}
	b, err := os.ReadFile(lines.Path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for l := range strings.Lines(string(b)) {
		var v struct{ Trace inspect.Trace }
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatal(err)
		}
		got = append(got, v.Trace.Headline)
	}
	if d := cmp.Diff([]string{"first", "second"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	files, err := filepath.Glob(pages.Path + "/*.html")
	if err != nil || len(files) != 2 {
		t.Errorf("%v %v", files, err)
	}
	if err := (&LogFile{Path: filepath.Join(dir, "no", "such", "dir")}).Report(t.Context(), testReport("x")); err == nil {
		t.Error("a log file that cannot be made is no error")
	}
}

func TestWebhook(t *testing.T) {
	status := http.StatusNoContent
	var body []byte
	var auth string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		auth = r.Header.Get("Authorization")
		w.WriteHeader(status)
	}))
	defer srv.Close()
	h := &Webhook{URL: srv.URL, Header: http.Header{"Authorization": {"Bearer x"}}}
	if err := h.Report(t.Context(), testReport("boom")); err != nil || !bytes.Contains(body, []byte(`"headline":"boom"`)) || auth != "Bearer x" {
		t.Errorf("%v %q %s", err, auth, body)
	}
	status = http.StatusBadGateway
	if err := h.Report(t.Context(), testReport("boom")); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("an answer of 502 gives %v", err)
	}
}

// mailServer is a small SMTP server (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954).
type mailServer struct {
	addr string
	cert tls.Certificate
	pool *x509.CertPool
	got  chan received
}

type received struct {
	from, auth string
	to         []string
	tls        bool
	data       []byte
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{addr: l.Addr().String(), cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool: x509.NewCertPool(), got: make(chan received, 4)}
	s.pool.AddCert(cert)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(c)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return s
}

func (s *mailServer) serve(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	var m received
	r := bufio.NewReader(c)
	say := func(lines ...string) { fmt.Fprintf(c, "%s\r\n", strings.Join(lines, "\r\n")) }
	say("220 mail.test")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, arg, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			if m.tls {
				say("250-mail.test", "250 AUTH PLAIN")
			} else {
				say("250-mail.test", "250 STARTTLS")
			}
		case "STARTTLS":
			say("220 go on")
			tc := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			c, r, m.tls = tc, bufio.NewReader(tc), true
		case "AUTH":
			b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(arg, "PLAIN "))
			m.auth = strings.ReplaceAll(string(b), "\x00", "|")
			say("235 welcome")
		case "MAIL":
			m.from = arg
			say("250 ok")
		case "RCPT":
			if strings.Contains(arg, "nobody") {
				say("550 no such mailbox")
				continue
			}
			m.to = append(m.to, arg)
			say("250 ok")
		case "DATA":
			say("354 go on")
			m.data, _ = textproto.NewReader(r).ReadDotBytes()
			say("250 queued")
			s.got <- m
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 what")
		}
	}
}

func TestSMTP(t *testing.T) {
	s := newMailServer(t)
	m := &SMTP{Addr: s.addr, To: []string{"ann@example.com", "Bob <bob@example.com>"}, Prefix: "[shop] ", Username: "shop", Password: "pw", StartTLS: true, TLS: &tls.Config{RootCAs: s.pool}}
	evil := "one line\r\nBcc: all@example.com\n\nand ünïcode <b>"
	if err := m.Report(t.Context(), testReport(evil)); err != nil {
		t.Fatal(err)
	}
	got := <-s.got
	if !got.tls || got.auth != "|shop|pw" || !strings.Contains(got.from, "errors@localhost") || len(got.to) != 2 {
		t.Errorf("%+v", got)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "[shop] E-") || !strings.HasSuffix(subject, " one line") || msg.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, %v, header %v", subject, err, msg.Header)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if err != nil || !strings.HasPrefix(p.Header.Get("Content-Type"), want) || !bytes.Contains(body, []byte("ünïcode")) {
			t.Errorf("%v %v: %.200s", err, p.Header, body)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("a third part: %v", err)
	}
}

func TestSMTPFails(t *testing.T) {
	s := newMailServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := l.Addr().String()
	l.Close()
	tests := []struct {
		name string
		m    SMTP
		want string
	}{
		{"down", SMTP{Addr: down, To: []string{"a@example.com"}}, "refused"},
		{"refused recipient", SMTP{Addr: s.addr, To: []string{"nobody@example.com"}, TLS: &tls.Config{RootCAs: s.pool}}, "550"},
		{"unknown certificate", SMTP{Addr: s.addr, To: []string{"a@example.com"}}, "certificate"},
		{"no recipient", SMTP{Addr: s.addr}, "hint:"},
		{"recipient with a line end", SMTP{Addr: s.addr, To: []string{"a@example.com\r\nDATA"}, TLS: &tls.Config{RootCAs: s.pool}}, "recipient"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.m.Report(context.Background(), testReport("x"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
			// The page is served all the same and says so.
			rec := ask(&Catcher{Debug: true, Reporters: []Reporter{&tt.m}, Log: io.Discard}, nilMap)
			if rec.Code != 500 || !strings.Contains(rec.Body.String(), "the report could not be sent by *traceback.SMTP") {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		})
	}
}
