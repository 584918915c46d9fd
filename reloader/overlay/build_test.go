package overlay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// tiny is a program that says where it listens and what was built into it.
const tiny = `package main

import (
	"fmt"
	"net"
	"example.com/tiny/word"
)

var linked = "no"

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println(ln.Addr(), err, linked, word.Word)
}
`

// tinyModule is a module with that program in its folder cmd.
func tinyModule() map[string]string {
	return map[string]string{
		"go.mod":       "module example.com/tiny\n\ngo 1.25\n",
		"cmd/main.go":  tiny,
		"word/word.go": "package word\n\nconst Word = \"plain\"\n",
		"word/tag.go":  "//go:build special\n\npackage word\n\nfunc init() { println(\"special\") }\n",
	}
}

// adopted runs the program and reports what it says behind the address, and
// whether the agent was asked.
func adopted(t *testing.T, program string) (said string, asked bool) {
	t.Helper()
	h := new(host)
	p := start(t, program, h)
	out := p.rest()
	_, said, _ = strings.Cut(out, " ")
	h.mu.Lock()
	defer h.mu.Unlock()
	return said, len(h.log) == 2 && strings.HasPrefix(h.log[1], "listening ")
}

func TestBuildSettings(t *testing.T) {
	tests := []struct {
		name  string
		env   []string
		flags []string
		heavy bool // compiles a standard library of its own
		want  string
	}{
		{name: "none", want: "<nil> no plain"},
		{name: "GOFLAGS with tags and trimpath", env: []string{"GOFLAGS=-buildvcs=false -tags=special -trimpath"}, want: "<nil> no plain"},
		{name: "ldflags", flags: []string{"-ldflags=-w -X main.linked=yes"}, want: "<nil> yes plain"},
		{name: "optimisation off", flags: []string{"-gcflags=-N -l"}, want: "<nil> no plain"},
		{name: "cover", flags: []string{"-cover"}, want: "<nil> no plain"},
		{name: "cgo off", env: []string{"CGO_ENABLED=0"}, heavy: true, want: "<nil> no plain"},
		{name: "race", flags: []string{"-race"}, heavy: true, want: "<nil> no plain"},
		{name: "pie", flags: []string{"-buildmode=pie"}, heavy: true, want: "<nil> no plain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.heavy && testing.Short() {
				t.Skip("compiles a standard library of its own")
			}
			c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Flags: tt.flags}
			c.Env = append(toolchain(t, "local"), tt.env...)
			t.Setenv("GOCOVERDIR", t.TempDir()) // where a program built with -cover writes
			files(t, c.Dir, tinyModule())
			r, err := overlay.Make(t.Context(), c)
			if err != nil || len(r.Flags) == 0 {
				t.Fatalf("Make: %+v, %v", r, err)
			}
			if without := tt.name == "cover"; without != (len(r.Lost) > 0) { // the call tree
				t.Errorf("lost %v", r.Lost)
			}
			said, asked := adopted(t, build(t, r, c, "./cmd"))
			if said != tt.want || !asked {
				t.Errorf("says %q, want %q; agent asked: %t", said, tt.want, asked)
			}
		})
	}
}

func TestBuildLayouts(t *testing.T) {
	workspace := map[string]string{"go.work": "go 1.25\n\nuse ./app\n"}
	vendored := map[string]string{
		"go.mod":                         "module example.com/app\n\ngo 1.25\n\nrequire example.com/tiny v1.0.0\n",
		"vendor/modules.txt":             "# example.com/tiny v1.0.0\n## explicit; go 1.25\nexample.com/tiny/word\n",
		"vendor/example.com/tiny/word.w": "",
		"cmd/main.go":                    tiny,
	}
	for name, text := range tinyModule() {
		workspace["app/"+name] = text
		if strings.HasPrefix(name, "word/") {
			vendored["vendor/example.com/tiny/"+name] = text
		}
	}
	cgo := tinyModule()
	cgo["cmd/cgo.go"] = "package main\n\n// int one(void) { return 1; }\nimport \"C\"\n\nfunc init() { linked = string(rune('0' + C.one())) }\n"
	tests := []struct {
		name, dir, pkg, want string
		files                map[string]string
		env                  []string
	}{
		{"import path", "", "example.com/tiny/cmd", "<nil> no plain", tinyModule(), nil},
		{"folder of the program", "cmd", ".", "<nil> no plain", tinyModule(), nil},
		{"workspace", "", "./app/cmd", "<nil> no plain", workspace, []string{"GOWORK="}},
		{"module below", "app", "./cmd", "<nil> no plain", workspace, nil},
		{"vendored", "", "./cmd", "<nil> no plain", vendored, []string{"GOFLAGS=-buildvcs=false -mod=vendor"}},
		{"cgo", "", "./cmd", "<nil> 1 plain", cgo, []string{"CGO_ENABLED=1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "cgo" {
				if _, err := exec.LookPath("cc"); err != nil {
					t.Skip("no C compiler here")
				}
			}
			root := t.TempDir()
			files(t, root, tt.files)
			c := overlay.Config{Dir: filepath.Join(root, tt.dir), StateDir: t.TempDir(), Env: append(toolchain(t, "local"), tt.env...)}
			said, asked := adopted(t, build(t, instrument(t, c), c, tt.pkg))
			if said != tt.want || !asked {
				t.Errorf("says %q, want %q; agent asked: %t", said, tt.want, asked)
			}
		})
	}
}

func TestUsersOwnOverlay(t *testing.T) {
	setting := func(t *testing.T, replace string) overlay.Config {
		c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
		files(t, c.Dir, tinyModule())
		write(t, filepath.Join(c.Dir, "theirs.go.txt"), "package word\n\nconst Word = \"theirs\"\n")
		write(t, filepath.Join(c.Dir, "their overlay.json"), replace)
		return c
	}
	const word = `{"Replace":{"word/word.go":"theirs.go.txt","word/tag.go":""}}`
	t.Run("flag", func(t *testing.T) {
		c := setting(t, word)
		c.Flags = []string{"--overlay", "their overlay.json"}
		if said, asked := adopted(t, build(t, instrument(t, c), c, "./cmd")); said != "<nil> no theirs" || !asked {
			t.Errorf("says %q; agent asked: %t", said, asked)
		}
	})
	t.Run("GOFLAGS", func(t *testing.T) {
		c := setting(t, word)
		c.Env = append(c.Env, "GOFLAGS=-buildvcs=false '-overlay=their overlay.json'")
		if said, asked := adopted(t, build(t, instrument(t, c), c, "./cmd")); said != "<nil> no theirs" || !asked {
			t.Errorf("says %q; agent asked: %t", said, asked)
		}
	})
	t.Run("conflict", func(t *testing.T) {
		env := toolchain(t, "local")
		out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(strings.TrimSpace(string(out)), "src", "net", "tcpsock_posix.go")
		c := setting(t, fmt.Sprintf(`{"Replace":{%q:%q}}`, file, file))
		c.Flags, c.Env = []string{"-overlay=their overlay.json"}, env
		r, err := overlay.Make(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Flags) == 0 || len(r.Lost) != 1 || !strings.Contains(r.Lost[0].Reason, "replaces net/tcpsock_posix.go") {
			t.Errorf("flags %q, lost %v", r.Flags, r.Lost)
		}
	})
}

// The standard library that one project compiled must serve all others.
func TestCacheIsShared(t *testing.T) {
	exports := make(map[string]bool)
	for range 2 {
		c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
		files(t, c.Dir, tinyModule())
		out, err := goRun(t.Context(), instrument(t, c), c, "list", "-export", "-f", "{{.ImportPath}} {{.Export}}", "net", "internal/syscall")
		if err != nil || strings.Count(out, "\n") != 1 {
			t.Fatalf("go list: %v\n%s", err, out)
		}
		exports[out] = true
	}
	if len(exports) != 1 {
		t.Errorf("each project compiles its own: %v", exports)
	}
}

func TestVetAndListAcceptTheOverlay(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
	files(t, c.Dir, tinyModule())
	r := instrument(t, c)
	if out, err := goRun(t.Context(), r, c, "vet", "./..."); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
	out, err := goRun(t.Context(), r, c, "list", "-deps", "./cmd")
	if err != nil || !strings.Contains(out, "internal/syscall\n") {
		t.Errorf("go list: %v\n%s", err, out)
	}
	if out, err := goRun(t.Context(), r, c, "vet", "net", "internal/syscall"); err != nil {
		t.Errorf("go vet of what joined the library: %v\n%s", err, out)
	}
}

// Errors in the program are reported with and without us in the same words.
func TestBuildErrorsStay(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
	}{
		{"type error", map[string]string{"cmd/main.go": "package main\n\nimport \"net\"\n\nfunc main() { net.Listen(1) }\n"}},
		{"only tests", map[string]string{"cmd/main.go": "", "cmd/main_test.go": "package main\n"}},
		{"build tags", map[string]string{"cmd/main.go": "//go:build never\n\npackage main\n"}},
		{"no main", map[string]string{"cmd/main.go": "package main\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
			files(t, c.Dir, tinyModule())
			files(t, c.Dir, tt.files)
			r := instrument(t, c)
			got, err := goRun(t.Context(), r, c, "build", "-o", t.TempDir(), "./cmd")
			want, plain := goRun(t.Context(), &overlay.Result{Go: "go"}, c, "build", "-o", t.TempDir(), "./cmd")
			if err == nil || plain == nil || got != want {
				t.Errorf("with pastedev (%v):\n%s\nwithout (%v):\n%s", err, got, plain, want)
			}
		})
	}
}

// The lines of the standard library in a traceback are those of GOROOT.
func TestPositionsStay(t *testing.T) {
	const program = `package main

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"syscall"
)

func main() {
	lc := net.ListenConfig{Control: func(string, string, syscall.RawConn) error {
		pcs := make([]uintptr, 32)
		frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
		for {
			f, more := frames.Next()
			if strings.Contains(f.File, "/net/") && !strings.Contains(f.File, "pastedev") {
				fmt.Println(f.File, f.Line)
			}
			if !more {
				return nil
			}
		}
	}}
	lc.SetMultipathTCP(false)
	lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
}
`
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
	files(t, c.Dir, map[string]string{"go.mod": "module example.com/tiny\n\ngo 1.25\n", "main.go": program})
	r := instrument(t, c)
	got := start(t, build(t, r, c, "."), new(host)).rest()
	want := start(t, build(t, &overlay.Result{Go: "go"}, c, "."), nil).rest()
	if got != want || !strings.Contains(want, "tcpsock_posix.go") {
		t.Errorf("with pastedev:\n%s\nwithout:\n%s", got, want)
	}
}

func TestListenTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"example.test"}, NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))

	address := start(t, buildProbe(t, "local"), new(host), "tls", "tcp", "127.0.0.1:0", certFile, keyFile).line(t)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, ServerName: "example.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.0\r\n\r\n")
	if all, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(all), "hello") {
		t.Errorf("answer %q, %v", all, err)
	}
}
