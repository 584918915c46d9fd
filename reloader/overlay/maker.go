package overlay

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Maker calls [Make] before each build of one project, and repeats its last result
// while nothing that it depends on has changed: reading and editing the standard library
// takes longer than compiling a small program. Its zero value is ready. It is safe for
// concurrent use.
type Maker struct {
	mu   sync.Mutex
	from basis
	last *Result
}

// basis is what a result depends on, beside the Config, which stays the same.
type basis struct {
	env       goEnv
	installed time.Time // when the Go installation was put there
}

// Make is [Make]. Only the StateDir and the settings of the go command may differ from
// one call to the next.
func (m *Maker) Make(ctx context.Context, c Config) (*Result, error) {
	c, env, err := c.settle(ctx)
	if err != nil {
		return nil, err
	}
	user, err := readUserOverlay(c, env)
	if err != nil {
		return nil, err
	}
	from := basis{env: env}
	if fi, err := os.Stat(filepath.Join(env.GOROOT, "VERSION")); err == nil {
		from.installed = fi.ModTime()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if user == nil && m.last != nil && m.from == from && m.last.stands(c) {
		return m.last, nil
	}
	m.last = nil
	r, err := c.make(env, user)
	if err != nil {
		return nil, err
	}
	if user == nil { // whose files may change
		m.from, m.last = from, r
	}
	return r, nil
}

// stands reports whether the files of r are still there, in c's state dir: people
// delete that dir.
func (r *Result) stands(c Config) bool {
	return !slices.ContainsFunc(r.Flags, func(flag string) bool {
		file, is := strings.CutPrefix(flag, "-overlay=")
		if !is {
			return false
		}
		_, err := os.Stat(file)
		inside, relErr := filepath.Rel(c.StateDir, file)
		return err != nil || relErr != nil || !filepath.IsLocal(inside)
	})
}
