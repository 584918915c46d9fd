package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/pastedev/pastedev/inspect"
)

// TestProgramSocket speaks to the program of a mount through TLS: in pages, which see that
// it was HTTPS, and by a WebSocket, both ways.
func TestProgramSocket(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir := t.TempDir()
	live, err := os.ReadFile("demo/live.go")
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{
		"app/go.mod":  "module example.com/app\n\ngo 1.25\n",
		"app/live.go": string(live),
		"app/main.go": `package main

import "net/http"

func main() {
	http.HandleFunc("/socket", socket)
	http.HandleFunc("/events", events)
	http.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) { r.Header.Write(w) })
	http.ListenAndServe("localhost:8080", nil)
}
`,
	})
	addr := freeAddr(t)
	in := start(t, dir, "https://"+addr+"/", "serve", "--ui=log", "--tls", "--addr="+addr, "--mount=/app=run:./app")
	in.await("/app/headers", "X-Forwarded-Proto: https")
	in.programs(func(all map[string]inspect.Program) bool { return running(all["/app"]) })
	client := trusting(t, filepath.Join(dir, ".pastedev", "tls-cert.pem"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	id := inspect.NewID()
	c, _, err := websocket.Dial(ctx, "wss://"+addr+"/app/socket", &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: http.Header{"Traceparent": {id.TraceParent()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for _, text := range []string{"hello", "and again"} {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(ctx); err != nil || string(got) != "you said: "+text {
			t.Fatalf("heard %q, %v", got, err)
		}
	}
	_ = c.Close(websocket.StatusNormalClosure, "") // the app ends it its own way
	ex := in.exchange(id, nil)
	if ex.Kind != inspect.KindWebSocket || ex.Status != http.StatusSwitchingProtocols || ex.Mount != "/app" || !strings.HasPrefix(ex.URL, "wss:") && !strings.HasPrefix(ex.URL, "https:") {
		t.Errorf("%+v", ex.Summary)
	}
	if ex.RequestSize == 0 || ex.ResponseSize == 0 {
		t.Errorf("%d bytes to the app, %d from it", ex.RequestSize, ex.ResponseSize)
	}
}

// trusting is a client that trusts the certificate in a file, and no other.
func trusting(tb testing.TB, file string) *http.Client {
	tb.Helper()
	pem, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		tb.Fatalf("%s holds no certificate", file)
	}
	t := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	tb.Cleanup(t.CloseIdleConnections)
	return &http.Client{Transport: t}
}
