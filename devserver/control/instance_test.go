package control

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFind(t *testing.T) {
	root := shortTempDir(t)
	t.Setenv("XDG_STATE_HOME", filepath.Join(root, "xdg"))
	deep := filepath.Join(root, "mod", "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(deep); !errors.Is(err, ErrNoInstance) || !strings.Contains(err.Error(), "hint: start it with `pastedev run ./myapp`") {
		t.Errorf("nothing runs: %v", err)
	}
	i := startInstance(t, func(o *ServerOptions) { o.StateDir = filepath.Join(root, "mod", StateDirName) })
	got, err := Find(deep)
	if err != nil {
		t.Fatal(err)
	}
	want := i.Instance()
	if got.Started = want.Started; !cmp.Equal(want, got) {
		t.Errorf("found (-want +got):\n%s", cmp.Diff(want, got))
	}
	for _, dir := range []string{filepath.Join(root, "mod"), filepath.Join(root, "mod", StateDirName)} {
		if _, err := FindIn(dir); err != nil {
			t.Errorf("--state %s: %v", dir, err)
		}
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{socketName, instanceName} {
		if _, err := os.Lstat(filepath.Join(root, "mod", StateDirName, name)); !os.IsNotExist(err) {
			t.Errorf("%s is left behind: %v", name, err)
		}
	}

	fallback, err := FallbackStateDir(filepath.Join(root, "mod"))
	if err != nil || !strings.HasPrefix(fallback, filepath.Join(root, "xdg", "pastedev")) || len(filepath.Base(fallback)) != 16 {
		t.Errorf("fallback %s, %v", fallback, err)
	}
	j := startInstance(t, func(o *ServerOptions) { o.StateDir = fallback })
	if got, err := Find(deep); err != nil || got.StateDir != j.Instance().StateDir {
		t.Errorf("in the fallback: %+v, %v", got, err)
	}
}

func TestFindPassesTheDead(t *testing.T) {
	root := shortTempDir(t)
	t.Setenv("XDG_STATE_HOME", filepath.Join(root, "xdg"))
	inner := filepath.Join(root, "inner")
	stateDir := filepath.Join(inner, StateDirName)
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	dead := Instance{PID: os.Getpid(), StateDir: stateDir, Socket: filepath.Join(stateDir, socketName)} // the pid lives, the socket does not
	if err := dead.write(); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(inner); !errors.Is(err, ErrNoInstance) || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("only a dead one: %v", err)
	}
	if _, err := FindIn(stateDir); !errors.Is(err, ErrNoInstance) || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("--state of a dead one: %v", err)
	}
	i := startInstance(t, func(o *ServerOptions) { o.StateDir = filepath.Join(root, StateDirName) })
	if got, err := Find(inner); err != nil || got.StateDir != i.Instance().StateDir {
		t.Errorf("a live one above: %+v, %v", got, err)
	}
}

func TestDamagedInstanceFile(t *testing.T) {
	dir := shortTempDir(t)
	path := filepath.Join(dir, instanceName)
	for _, content := range []string{"", "{", `{"pid":"x"}`, `{}`, `{"urls":["::"]}`, `{"urls":["http://127.0.0.1:1/#token=%zz"]}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := FindIn(dir); !errors.Is(err, ErrNoInstance) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestSecondInstanceIsRefused(t *testing.T) {
	i := startInstance(t)
	_, err := Listen(t.Context(), i.svc, ServerOptions{StateDir: i.opt.StateDir})
	if err == nil || !strings.Contains(err.Error(), "another pastedev runs here: pid ") || !strings.Contains(err.Error(), "hint:") {
		t.Fatalf("second instance: %v", err)
	}
	if !i.Instance().Alive() {
		t.Error("the refused one disturbed the first")
	}
}

// What a killed pastedev leaves is taken over.
func TestLeftoversAreReplaced(t *testing.T) {
	dir := shortTempDir(t)
	first := startInstance(t, func(o *ServerOptions) { o.StateDir = dir })
	socket := readFile(t, filepath.Join(dir, instanceName))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// a socket file without a listener, as kill -9 leaves one
	l, err := listenSocket(filepath.Join(dir, socketName))
	if err != nil {
		t.Skipf("no unix sockets here: %v", err)
	}
	l.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false)
	l.Close()
	if err := os.WriteFile(filepath.Join(dir, instanceName), []byte(socket), 0o600); err != nil {
		t.Fatal(err)
	}
	again := startInstance(t, func(o *ServerOptions) { o.StateDir = dir })
	if again.Instance().Socket == "" || !again.Instance().Alive() {
		t.Errorf("after leftovers: %+v; log: %s", again.Instance(), again.logged())
	}
}

func TestWithoutASocket(t *testing.T) {
	long := filepath.Join(shortTempDir(t), strings.Repeat("d", maxSocketPath))
	i := startInstance(t, func(o *ServerOptions) { o.StateDir = long })
	if i.Instance().Socket != "" || !strings.Contains(i.logged(), "no unix socket") {
		t.Errorf("instance %+v, log %s", i.Instance(), i.logged())
	}
	inst, err := FindIn(long)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(inst)
	defer c.Close()
	if st, err := c.Status(t.Context()); err != nil || st.Target != "./myapp" {
		t.Errorf("over the port: %+v, %v", st, err)
	}
}

func TestSocketPathInTheWay(t *testing.T) {
	dir := shortTempDir(t)
	if err := os.WriteFile(filepath.Join(dir, socketName), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := startInstance(t, func(o *ServerOptions) { o.StateDir = dir })
	if i.Instance().Socket != "" || readFile(t, filepath.Join(dir, socketName)) != "mine" {
		t.Error("a user's file was replaced by the socket")
	}
}

func TestStateDirNotWritable(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		file := filepath.Join(shortTempDir(t), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Listen(t.Context(), NewService(Options{}), ServerOptions{StateDir: file}); err == nil || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("a file for a state dir: %v", err)
		}
		return
	}
	dir := shortTempDir(t)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), NewService(Options{}), ServerOptions{StateDir: filepath.Join(dir, "x")}); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("a folder that cannot be made: %v", err)
	}
}
