package devserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// TestHop holds a request until the program is there, goes to its first address only, and
// says what is wrong when there is none.
func TestHop(t *testing.T) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "app "+r.URL.Path)
	}))
	defer app.Close()
	var build, refused atomic.Int64
	var said atomic.Value
	h := NewHop(HopOptions{
		Exchange: func(*http.Request) inspect.ID { return inspect.NewID() },
		Admitted: func(_ context.Context, b int, _ time.Duration) { build.Store(int64(b)) },
		Refused: func(_ *http.Request, why string) {
			refused.Add(1)
			said.Store(why)
		},
	})
	front := httptest.NewServer(h)
	defer front.Close()
	defer h.Close()

	answer := make(chan string, 1)
	go func() { answer <- hopGet(t, front.URL+"/x") }()
	h.Reset(7)
	if err := h.SetBackend("[::]:8080", app.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if err := h.SetBackend("[::]:6060", "127.0.0.1:1"); err != nil { // a second listener
		t.Fatal(err)
	}
	h.SetState(inspect.StateRunning, nil, "")
	if got := <-answer; got != "200 app /x" {
		t.Errorf("held: %q", got)
	}
	if build.Load() != 7 {
		t.Errorf("build %d", build.Load())
	}
	hopGet(t, front.URL+"/gone")
	if why, _ := said.Load().(string); !strings.HasPrefix(why, "the program ended the connection without an answer") {
		t.Errorf("said of a program that hung up: %q", why)
	}
	h.SetState(inspect.StateFailed, &inspect.Build{Number: 8}, "no")
	if got := hopGet(t, front.URL+"/x"); !strings.HasPrefix(got, "500 ") || refused.Load() != 2 {
		t.Errorf("failed build: %q, %d refused", got, refused.Load())
	}
}

func hopGet(t *testing.T, url string) string {
	res, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.Status[:4] + string(b)
}

// TestTLS ends TLS in front of the recorder, for HTTP/1.1 and HTTP/2.
func TestTLS(t *testing.T) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	app := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto+" "+r.Header.Get("X-Forwarded-Proto"))
	}))
	app.Config.Protocols = protocols
	app.Start()
	defer app.Close()
	f := New(Options{TLS: testTLS(t)})
	defer f.Close(t.Context())
	public, err := f.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetBackend(public.String(), app.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	f.SetState(inspect.StateRunning, nil, "")
	for _, http2 := range []bool{false, true} {
		tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: http2}
		res, err := (&http.Client{Transport: tr}).Get("https://" + public.String() + "/")
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		tr.CloseIdleConnections()
		want := "HTTP/1.1 https"
		if http2 {
			want = "HTTP/2.0 https"
		}
		if string(b) != want {
			t.Errorf("HTTP/2 %v: %q, want %q", http2, b, want)
		}
	}
	if urls := f.Listeners(); len(urls) != 1 || !strings.HasPrefix(urls[0], "https://") {
		t.Errorf("listeners %q", urls)
	}
	res, err := http.Get("http://" + public.String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %d", res.StatusCode)
	}
}

// testTLS makes a certificate that nobody checks.
func testTLS(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
