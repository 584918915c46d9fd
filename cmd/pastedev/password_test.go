package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth/basic"
	"github.com/pastedev/pastedev/devserver/auth/digest"
)

// password runs the command with the text on its standard input.
func password(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(path, []byte(stdin), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append([]string{"password"}, args...), stdio{in: in, out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

// TestPasswordLines: what is printed lets the user in where it is pasted, and nobody else.
func TestPasswordLines(t *testing.T) {
	dir := t.TempDir()
	code, line, errs := password(t, "sésame: öffne dich\r\n", "ann")
	if code != exitOK || errs != "" || strings.Count(line, "\n") != 1 {
		t.Fatalf("ends with %d: %q, %q", code, line, errs)
	}
	file := filepath.Join(dir, "users")
	if err := os.WriteFile(file, []byte("# mine\n"+line), 0o600); err != nil {
		t.Fatal(err)
	}
	users, err := basic.OpenHtpasswd(file)
	if err != nil {
		t.Fatal(err)
	}
	for pass, want := range map[string]bool{"sésame: öffne dich": true, "sésame": false, "": false} {
		if _, ok := users.Check(context.Background(), "ann", pass); ok != want {
			t.Errorf("password %q is taken: %v", pass, ok)
		}
	}
	_, lines, _ := password(t, "sesame", "ann", "--digest", "--realm", "the: realm")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := digest.OpenHtdigest(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, alg := range []digest.Algorithm{digest.SHA256, digest.MD5} {
		ha1, ok := known.HA1(context.Background(), alg, "the: realm", "ann")
		if !ok || ha1 != digest.Hash(alg, "the: realm", "ann", "sesame") {
			t.Errorf("%s: %q, %v", alg, ha1, ok)
		}
	}
}

// TestPasswordServed: a file that the command has made is one that serve reads.
func TestPasswordServed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "my users")
	if code, out, errs := password(t, "sesame\n", "ann", "--users", file); code != exitOK || out != "" || !strings.Contains(errs, "ann is added") {
		t.Fatalf("ends with %d: %q, %q", code, out, errs)
	}
	h, err := new(session).askWho(http.NotFoundHandler(), []authConfig{{Path: "/", Kind: "basic", Users: "my users", base: dir}})
	if err != nil {
		t.Fatal(err)
	}
	for pass, want := range map[string]int{"sesame": http.StatusNotFound, "x": http.StatusUnauthorized} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("ann", pass)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("password %q: %d, want %d", pass, w.Code, want)
		}
	}
}

// TestPasswordUsers: a user has one entry, in its old place, and all else stays.
func TestPasswordUsers(t *testing.T) {
	f := passwordFlags{}
	lines := []passwordLine{{Line: "ann:new"}}
	d := passwordFlags{digest: true, realm: "r"}
	two := []passwordLine{{Line: "ann:r:1"}, {Line: "ann:r:2"}}
	for _, tt := range []struct {
		name     string
		f        passwordFlags
		lines    []passwordLine
		old, now string
	}{
		{"nothing yet", f, lines, "", "ann:new\n"},
		{"no end of line", f, lines, "bob:x", "bob:x\nann:new\n"},
		{"in its place", f, lines, "# staff\nann:old:her comment\n\nbob:x\nann:older\n", "# staff\nann:new\n\nbob:x\n"},
		{"a longer name", f, lines, "anna:x\n", "anna:x\nann:new\n"},
		{"other realms", d, two, "ann:s:3\nann:r:4\nann:r:5\nann:r:t:6\n", "ann:s:3\nann:r:1\nann:r:2\nann:r:t:6\n"},
	} {
		if now, _ := tt.f.replaced(tt.old, "ann", tt.lines); now != tt.now {
			t.Errorf("%s: %q, want %q", tt.name, now, tt.now)
		}
	}
}

// TestPasswordFile: a link stays a link, the mode stays, and a file of another kind is left
// alone, before anybody is asked.
func TestPasswordFile(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "users"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("# mine\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("users", link); err != nil {
		t.Skip(err)
	}
	if code, _, errs := password(t, "one\n", "ann", "--users", link); code != exitOK {
		t.Fatal(errs)
	}
	if code, _, errs := password(t, "two\n", "ann", "--users", link); code != exitOK || !strings.Contains(errs, "ann has a new password") {
		t.Fatal(errs)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "# mine\nann:$2y$") || strings.Count(string(text), "ann") != 1 {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is %v, %v", info, err)
	}
	code, _, errs := password(t, "two\n", "ann", "--users", file, "--digest", "--realm", "r")
	if after, _ := os.ReadFile(file); code != exitFailure || !strings.Contains(errs, "line 2: ") || !bytes.Equal(after, text) {
		t.Errorf("a file of basic for digest: ends with %d: %s", code, errs)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 2 {
		t.Errorf("left behind: %q", left)
	}
}

func TestPasswordRefusals(t *testing.T) {
	for _, tt := range []struct {
		stdin, args, want string
	}{
		{"x", "", "needs the name of a user"},
		{"x", "ann hunter2", "the password itself is asked for"},
		{"x", "a:b", "cannot be the name"},
		{"x", "#ann", "cannot be the name"},
		{"x", "ann --digest", "--digest needs the realm"},
		{"x", "ann --realm r", "no meaning without --digest"},
		{"x", "ann --json --users f", "leave one of them out"},
		{"", "ann", "the password is empty"},
		{"\n", "ann", "the password is empty"},
		{"a\nb\n", "ann", "more than one line"},
		{strings.Repeat("x", pipedLimit+1), "ann", "more than one line"},
		{"a\tb", "ann", "control character"},
		{"p\xe4ss", "ann", "not UTF-8"},
		{strings.Repeat("ö", 37), "ann", "has 74 bytes, and bcrypt takes 72"},
	} {
		code, out, errs := password(t, tt.stdin, strings.Fields(tt.args)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, tt.want) || !strings.Contains(errs, "hint:") {
			t.Errorf("%s: ends with %d: %q %s", tt.args, code, out, errs)
		}
		if strings.Contains(errs, "hunter2") {
			t.Errorf("%s: repeats the password: %s", tt.args, errs)
		}
	}
}

func TestPasswordJSON(t *testing.T) {
	_, out, errs := password(t, "x", "ann", "--json", "--digest", "--realm", "r")
	dec := json.NewDecoder(strings.NewReader(out))
	for _, want := range []string{"SHA-256", "MD5"} {
		var l passwordLine
		if err := dec.Decode(&l); err != nil {
			t.Fatalf("%v in %s %s", err, out, errs)
		}
		if l.Algorithm != want || l.User != "ann" || l.Realm != "r" || l.Line != "ann:r:"+l.Hash {
			t.Errorf("%+v", l)
		}
	}
}

func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{"users.htpasswd": "users.htpasswd", "": "''", "my realm": "'my realm'", "it's": `'it'\''s'`, "$x": "'$x'"} {
		if got := shellWord(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
