package overlay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// goEnv is what matters of go env.
type goEnv struct {
	GOROOT, GOVERSION, GOMODCACHE, GOFLAGS string
	GOOS, GOARCH, CGO_ENABLED              string
	GOMOD, GOWORK                          string
}

func readGoEnv(ctx context.Context, c Config) (goEnv, error) {
	var env goEnv
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, c.Go, "env", "-json",
		"GOROOT", "GOVERSION", "GOMODCACHE", "GOFLAGS", "GOOS", "GOARCH", "CGO_ENABLED", "GOMOD", "GOWORK")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, c.environ(), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return env, fmt.Errorf("%s env: %w: %s", c.Go, err, text)
		}
		return env, fmt.Errorf("%s env: %w", c.Go, err)
	}
	if err := json.Unmarshal(stdout.Bytes(), &env); err != nil {
		return env, fmt.Errorf("%s env: %w", c.Go, err)
	}
	if env.GOROOT == "" || env.GOVERSION == "" {
		return env, fmt.Errorf("%s env: no GOROOT", c.Go)
	}
	return env, nil
}

// environ is the environment of the build. Left to package os/exec, it would hold
// another PWD, after which the go command calls folders when links lead to them.
func (c Config) environ() []string {
	if c.Env == nil {
		return os.Environ()
	}
	return c.Env
}

// linkRoot returns the path by which the standard library is to be used. The go
// command accepts no overlay on files inside the module cache, where a toolchain
// that go.mod asked for lives; a link to it elsewhere is accepted.
func linkRoot(stateDir string, env goEnv) (string, error) {
	if !within(env.GOROOT, env.GOMODCACHE) {
		return env.GOROOT, nil
	}
	dir := filepath.Join(stateDir, "overlay", "goroot")
	if err := makePrivate(dir); err != nil {
		return "", err
	}
	name := filepath.Join(dir, filepath.Base(env.GOROOT))
	if to, err := os.Readlink(name); err == nil && to == env.GOROOT {
		return name, nil
	}
	err := replaceFile(name, func(temp string) error { return os.Symlink(env.GOROOT, temp) })
	return name, err
}

// within reports whether path is below dir, by its text, as the go command does.
func within(path, dir string) bool {
	if dir == "" {
		return false
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// splitFlags splits GOFLAGS as the go command does: at spaces, with single or
// double quotes around whole words.
func splitFlags(s string) ([]string, error) {
	var flags []string
	for {
		s = strings.TrimLeft(s, " \t\n\r")
		if s == "" {
			return flags, nil
		}
		if quote := s[0]; quote == '"' || quote == '\'' {
			word, rest, found := strings.Cut(s[1:], string(quote))
			if !found {
				return nil, fmt.Errorf("GOFLAGS: unterminated %c string", quote)
			}
			flags, s = append(flags, word), rest
			continue
		}
		end := strings.IndexAny(s, " \t\n\r")
		if end < 0 {
			end = len(s)
		}
		flags, s = append(flags, s[:end]), s[end:]
	}
}
