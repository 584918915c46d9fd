package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/reloader/link"
)

// switcher opens a second port when the file second is there, and its first one only
// when the file named by the version is.
const switcher = `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

const version = "1"

func await(name string) {
	for {
		if _, err := os.Stat(name); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func main() {
	await("go-" + version)
	go func() {
		await("second")
		if version != "1" {
			return
		}
		l, err := net.Listen("tcp", os.Args[2])
		fmt.Println("second port:", err == nil && l.Addr().String() == os.Args[2])
		http.Serve(l, nil)
	}()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "version "+version+"<") })
	l, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	if version != "1" { // the old one has it, privately
		if _, err := net.Listen("tcp", os.Args[2]); err != nil {
			panic(err)
		}
	}
	http.Serve(l, nil)
}
`

// TestAside: the agent reads Public as an address with a port.
func TestAside(t *testing.T) {
	for _, tt := range []struct {
		network, address string
		want             link.Answer
	}{
		{"tcp", "127.0.0.1:80", link.Answer{Private: "127.0.0.1:0", Public: "127.0.0.1:80"}},
		{"tcp", ":80", link.Answer{Private: "127.0.0.1:0", Public: "[::]:80"}},
		{"tcp4", ":80", link.Answer{Private: "127.0.0.1:0", Public: "0.0.0.0:80"}},
		{"tcp6", ":80", link.Answer{Private: "[::1]:0", Public: "[::]:80"}},
		{"tcp", "127.0.0.1:0", link.Answer{}},
	} {
		if got := aside(tt.network, tt.address); got != tt.want {
			t.Errorf("%s %s: %+v, want %+v", tt.network, tt.address, got, tt.want)
		}
	}
}

// TestGateOldSecondPort lets the old process open another port while the new one has
// not listened yet: the old one goes on answering, and the new one gets both ports.
func TestGateOldSecondPort(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	touch := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	touch("go.mod", "module example.com/switcher\n\ngo 1.24\n")
	touch("main.go", switcher)
	touch("go-1", "")
	in := start(t, dir, "http://"+addr+"/", "run", "--ui=log", "--gate=old", ".", addr, freeAddr(t))
	in.await("/", "version 1")
	in.awaitRecording()
	in.edit("main.go", `version = "1"`, `version = "2"`)
	in.awaitState("starting")
	touch("second", "")
	in.awaitLog("second port: true")
	if status, body, err := get(t.Context(), in.url, nil); err != nil || !strings.Contains(body, "version 1<") {
		t.Errorf("during the switch: %d %s %v", status, body, err)
	}
	in.awaitState("starting")
	touch("go-2", "")
	in.await("/", "version 2<")
	in.awaitState("running")
}

// awaitLog waits until pastedev or the app has said text.
func (in *instance) awaitLog(text string) {
	in.tb.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(in.log.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			in.tb.Fatalf("nobody says %q", text)
		}
	}
}

// awaitState waits until the target is in the state.
func (in *instance) awaitState(want string) {
	in.tb.Helper()
	state := ""
	for deadline := time.Now().Add(patience); state != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			in.tb.Fatalf("state %q, want %q", state, want)
		}
		if client, err := dial(in.dir, ""); err == nil {
			if st, err := client.Status(in.tb.Context()); err == nil {
				state = string(st.State)
			}
			client.Close()
		}
	}
}
