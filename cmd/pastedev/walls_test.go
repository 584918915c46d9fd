package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/pastedev/pastedev"

// A wall forbids packages under From (relative to the module) to import anything
// under To: a path of ours when it begins with "./", else any import path. Only
// names the packages that may all the same.
type wall struct {
	from, to, only string
	reason         string
}

var walls = []wall{
	{"inspect$", "./", "", "the record types are the leaf everyone shares: they import nothing of ours"},
	{"inspect/", "./devserver", "", "a filter is usable without the dev server"},
	{"inspect/", "./reloader", "", "a filter is usable without the reloader"},
	{"inspect/", "./tui", "", "a filter does not draw"},
	{"inspect/", "./inspect/", "", "filters do not know their siblings; they meet in cmd"},
	{"inspect/agent", "./", "", "the agent lands in the user's binary"},
	{"inspect/agent", "net/http", "", "the agent must not grow the user's binary"},
	{"inspect/agent", "encoding/json", "", "the agent must not grow the user's binary"},
	{"reloader", "./devserver", "", "the reloader knows nothing of HTTP"},
	{"reloader", "./tui", "", "the reloader does not draw"},
	{"reloader", "net/http", "", "the reloader knows nothing of HTTP"},
	{"devserver/", "./devserver/", "devserver/control", "the toolkit's middlewares stand alone; they meet in cmd"},
	{"devserver", "./reloader", "", "the dev server does not know who starts the target"},
	{"devserver", "./tui", "", "the dev server does not draw"},
	{"tui", "./devserver", "", "the terminal UI asks tui.Source and nobody else"},
	{"tui", "./reloader", "", "the terminal UI asks tui.Source and nobody else"},
	{"tui", "net/http", "", "the terminal UI does no I/O of its own"},
	{"tui", "os/exec", "", "the terminal UI does no I/O of its own"},
	{"", "charm.land/", "tui", "only the terminal UI draws in a terminal"},
	{"", "github.com/fsnotify/", "reloader", "only the reloader watches files"},
	{"", "modernc.org/sqlite", "inspect/store", "only the history knows where it is kept"},
	{"", "github.com/spf13/", "cmd/pastedev", "flags are read in cmd and nowhere else"},
	{"", "github.com/pelletier/go-toml", "cmd/pastedev", "configuration is read in cmd and nowhere else"},
	{"", "./cmd", "", "nothing imports cmd"},
}

type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
}

// TestWalls holds the import table of ARCHITECTURE.md against the tree.
func TestWalls(t *testing.T) {
	for _, p := range goList(t) {
		rel := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, imp := range p.Imports {
			for _, w := range walls {
				if w.broken(rel, imp) {
					t.Errorf("%s imports %s: %s", rel, imp, w.reason)
				}
			}
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", rel)
		}
	}
}

func (w wall) broken(rel, imp string) bool {
	exact, isExact := strings.CutSuffix(w.from, "$")
	switch {
	case isExact && rel != exact:
		return false
	case !isExact && !within(rel, w.from):
		return false
	case w.only != "" && within(rel, w.only):
		return false
	}
	if ours, ok := strings.CutPrefix(w.to, "./"); ok {
		target, ok := strings.CutPrefix(imp, module+"/")
		return ok && within(target, ours) && !ownPart(rel, target)
	}
	return within(imp, w.to)
}

// ownPart reports whether target lies in the same room (inspect/x, devserver/x) as rel, or
// is what the rooms of the dev server share.
func ownPart(rel, target string) bool {
	part := strings.SplitN(rel, "/", 3)
	if len(part) < 2 {
		return false
	}
	if part[0] == "devserver" && (target == "devserver/httpx" || target == "devserver/flame") {
		return true
	}
	return (part[0] == "inspect" || part[0] == "devserver") && within(target, part[0]+"/"+part[1])
}

// within reports whether path is prefix or lies below it. A prefix that ends in a
// slash leaves out the prefix itself; the empty prefix holds everything.
func within(path, prefix string) bool {
	if prefix == "" || strings.HasSuffix(prefix, "/") {
		return strings.HasPrefix(path, prefix)
	}
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func TestWallBroken(t *testing.T) {
	tests := []struct {
		rel, imp string
		want     bool
	}{
		{"inspect", module + "/inspect/store", true},
		{"inspect", "time", false},
		{"inspect/store", module + "/inspect/query", true},
		{"inspect/store", module + "/inspect", false},
		{"inspect/htmlcheck", module + "/inspect/htmlcheck/parse", false},
		{"inspect/htmlcheck/grammar", module + "/inspect/htmlcheck/parse", false},
		{"inspect/htmlcheck/grammar", module + "/inspect/store", true},
		{"tui/theme", "net/http", true},
		{"tui", "net/http/httptrace", true},
		{"devserver/control", module + "/reloader/link", true},
		{"devserver/control", module + "/inspect/query", false},
		{"devserver/cascade", module + "/devserver/httpx", false},
		{"devserver/cascade", module + "/devserver/urlmap", true},
		{"devserver/auth/basic", module + "/devserver/auth", false},
		{"inspect/store", "modernc.org/sqlite", false},
		{"devserver", "modernc.org/sqlite", true},
	}
	for _, tt := range tests {
		got := false
		for _, w := range walls {
			got = got || w.broken(tt.rel, tt.imp)
		}
		if got != tt.want {
			t.Errorf("%s importing %s: broken = %v, want %v", tt.rel, tt.imp, got, tt.want)
		}
	}
}

func goList(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}
