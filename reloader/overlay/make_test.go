package overlay_test

import (
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/reloader/overlay"
)

func readOverlay(t *testing.T, r *overlay.Result) map[string]string {
	t.Helper()
	text, err := os.ReadFile(strings.TrimPrefix(r.Flags[0], "-overlay="))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Replace
}

func TestMakeFitsEverySupportedGo(t *testing.T) {
	for _, name := range toolchains {
		t.Run(name, func(t *testing.T) {
			c := overlay.Config{Dir: t.TempDir(), Env: toolchain(t, name), StateDir: t.TempDir()}
			r := instrument(t, c)
			if r.GoVersion != name {
				t.Errorf("GoVersion is %q, want %q", r.GoVersion, name)
			}
			for from, to := range readOverlay(t, r) {
				edited, err := os.ReadFile(to)
				if err != nil {
					t.Fatal(err)
				}
				if filepath.Ext(to) != ".go" {
					continue // assembly, which builds of programs try
				}
				if _, err := parser.ParseFile(token.NewFileSet(), to, edited, 0); err != nil {
					t.Errorf("%s: %v", from, err)
				}
				original, err := os.ReadFile(from)
				if err != nil {
					continue // a file that joins the package
				}
				if bytes.Count(edited, []byte("\n")) != bytes.Count(original, []byte("\n")) {
					t.Errorf("%s: the number of lines has changed", from)
				}
				if bytes.Equal(edited, original) {
					t.Errorf("%s: replaced without a change", from)
				}
			}
		})
	}
}

func TestMakeIsRepeatable(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), Env: toolchain(t, "local"), StateDir: t.TempDir()}
	first, second := instrument(t, c), instrument(t, c)
	if d := cmp.Diff(first, second); d != "" {
		t.Errorf("second Make (-first +second):\n%s", d)
	}
	for from, to := range readOverlay(t, first) {
		info, err := os.Stat(to)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s: mode %o, want 600", from, mode)
		}
		dir, err := os.Stat(filepath.Dir(to))
		if err != nil {
			t.Fatal(err)
		}
		if mode := dir.Mode().Perm(); mode != 0o700 {
			t.Errorf("folder of %s: mode %o, want 700", from, mode)
		}
	}
}

// Several instances of pastedev may share a state directory.
func TestMakeTogether(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), Env: toolchain(t, toolchains[0]), StateDir: t.TempDir()}
	var made [8]*overlay.Result
	var failed [8]error
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() { made[i], failed[i] = overlay.Make(t.Context(), c) })
	}
	wg.Wait()
	for i := range made {
		if failed[i] != nil {
			t.Fatal(failed[i])
		}
		if d := cmp.Diff(made[0], made[i]); d != "" {
			t.Errorf("Make %d differs from the first:\n%s", i, d)
		}
	}
	left, err := filepath.Glob(filepath.Join(c.StateDir, "overlay", "*", ".new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMakeRemovesOldOverlays(t *testing.T) {
	state := t.TempDir()
	c := overlay.Config{Dir: t.TempDir(), Env: toolchain(t, "local"), StateDir: state, Hooks: overlay.DefaultHooks()[:1]}
	for i := range 20 {
		write(t, filepath.Join(c.Dir, "overlay.json"), `{"Replace":{"x`+strings.Repeat("x", i)+`.go":""}}`)
		c.Flags = []string{"-overlay", "overlay.json"}
		instrument(t, c)
	}
	entries, err := os.ReadDir(filepath.Join(state, "overlay"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 16 {
		t.Errorf("%d overlays are kept, want 16", len(entries))
	}
}

func TestMakeLosesFeatures(t *testing.T) {
	env := toolchain(t, "local")
	hook := overlay.DefaultHooks()[0]
	anchor := func(anchor string) []overlay.Hook {
		h := hook
		h.Edits = append([]overlay.Edit{}, h.Edits...)
		h.Edits[0].Anchor = anchor
		return []overlay.Hook{h}
	}
	signature := hook
	signature.Edits = append([]overlay.Edit{}, signature.Edits...)
	signature.Edits[0].Want = "func()"
	missing := hook
	missing.Package = "net/nowhere"
	tests := []struct {
		name  string
		env   []string
		hooks []overlay.Hook
		want  string
	}{
		{"no such function", nil, anchor("(*sysListener).listenQUIC"), "(*sysListener).listenQUIC is declared 0 times, expected once"},
		{"function of another receiver", nil, anchor("sysListener.listenTCPProto"), "declared 0 times"},
		{"other signature", nil, []overlay.Hook{signature}, `expected "func()"`},
		{"no such package", nil, []overlay.Hook{missing}, "no such file"},
		{"twice the same", nil, []overlay.Hook{hook, hook}, "two hooks change one place"},
		{"system without agent", []string{"GOOS=windows"}, nil, "the agent does not run on windows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := overlay.Make(t.Context(), overlay.Config{
				Dir: t.TempDir(), StateDir: t.TempDir(), Env: append(env[:len(env):len(env)], tt.env...), Hooks: tt.hooks,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Lost) == 0 || len(r.Lost) > 1 && tt.hooks != nil || !strings.Contains(r.Lost[0].String(), tt.want) {
				t.Errorf("lost %v, want one with %q", r.Lost, tt.want)
			}
			if both := len(tt.hooks) == 2; both != (len(r.Flags) > 0) {
				t.Errorf("flags %q", r.Flags)
			}
		})
	}
}

func TestMakeFails(t *testing.T) {
	env := toolchain(t, "local")
	tests := []struct {
		name, want string
		config     overlay.Config
	}{
		{"no go command", "executable file not found", overlay.Config{Go: "no-such-go"}},
		{"not a go command", "env: ", overlay.Config{Go: "false"}},
		{"overlay of the user's is missing", "-overlay: open", overlay.Config{Flags: []string{"-overlay=gone.json"}}},
		{"overlay of the user's is not JSON", "-overlay", overlay.Config{Flags: []string{"-overlay=bad.json"}}},
		{"GOFLAGS", "unterminated", overlay.Config{Env: append(env[:len(env):len(env)], "GOFLAGS='-tags")}},
		{"state folder is a file", "overlay: mkdir", overlay.Config{StateDir: "/dev/null"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.config
			c.Dir = t.TempDir()
			write(t, filepath.Join(c.Dir, "bad.json"), "no")
			if c.Env == nil {
				c.Env = env
			}
			if c.StateDir == "" {
				c.StateDir = t.TempDir()
			}
			if r, err := overlay.Make(t.Context(), c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Make: %v, %v; want an error with %q", r, err, tt.want)
			}
		})
	}
}
