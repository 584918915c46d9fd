package traceback

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestAddSource: only source, only inside the roots, links resolved.
func TestAddSource(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(path string) string {
		if err := os.WriteFile(path, []byte("one\ntwo\nthree\nfour\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	in, out := write(filepath.Join(dir, "in.go")), write(filepath.Join(outside, "out.go"))
	env, dot := write(filepath.Join(dir, "secret.env")), write(filepath.Join(dir, ".env"))
	link, hidden := filepath.Join(dir, "link.go"), filepath.Join(dir, "env.go")
	for _, l := range [][2]string{{out, link}, {dot, hidden}} {
		if err := os.Symlink(l[0], l[1]); err != nil {
			t.Skip(err)
		}
	}
	tests := []struct {
		name, path string
		line, want int
	}{
		{"inside", in, 2, 3}, {"first line", in, 1, 2}, {"past the end", in, 99, 0}, {"outside", out, 2, 0},
		{"through a link", link, 2, 0}, {"a link to another kind", hidden, 2, 0}, {"an environment file", env, 2, 0}, {"a dot file", dot, 2, 0},
		{"up and out", dir + "/../" + filepath.Base(outside) + "/out.go", 2, 0}, {"relative", "in.go", 2, 0}, {"missing", filepath.Join(dir, "no.go"), 1, 0}, {"no line", in, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := inspect.Trace{Frames: []inspect.Frame{{Location: inspect.Location{Path: tt.path, Line: tt.line}, Origin: inspect.FrameApp}}}
			AddSource(&tr, Roots{Dir: dir}, 1, nil)
			if got := len(tr.Frames[0].Source); got != tt.want {
				t.Errorf("%d lines, want %d: %v", got, tt.want, tr.Frames[0].Source)
			}
		})
	}
}
