package overlay

import (
	"cmp"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Maker calls [Make] before each build of one project, and repeats what has not
// changed since: reading and editing the standard library takes longer than compiling a
// small program, and of the program's own files most stay as they are. Its zero value
// is ready. It is safe for concurrent use.
type Maker struct {
	mu    sync.Mutex
	from  basis
	std   *library
	calls rewriter
	last  *Result
}

// basis is what a library depends on, beside the Config, which stays the same.
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
	if user != nil || m.from != from || m.std == nil || !m.std.stands(c) { // files of user's may change
		m.std = nil
	}
	if m.last != nil && !m.last.stands(c) {
		m.last, m.calls = nil, rewriter{}
	}
	var calls rewriting
	var failed error
	var beside sync.WaitGroup
	if c.timesCalls(env) {
		beside.Go(func() { calls, failed = m.calls.rewrite(ctx, c, env, user) })
	}
	if m.std == nil {
		m.std, err = c.make(env, user)
		m.from = from
	}
	beside.Wait()
	if err := cmp.Or(err, failed); err != nil {
		return nil, err
	}
	r, err := m.std.with(c, env, calls)
	if err != nil {
		return nil, err
	}
	if m.last == nil || !slices.Equal(m.last.Flags, r.Flags) || !slices.Equal(m.last.Lost, r.Lost) || m.last.Rewritten != r.Rewritten {
		m.last = r
	}
	return m.last, nil
}

// with joins the standard library and the program's own functions.
func (l *library) with(c Config, env goEnv, calls rewriting) (*Result, error) {
	r := l.Result
	switch {
	case !l.timing:
		return &r, nil
	case counts(c, env):
		r.Lost = append(slices.Clone(r.Lost), Lost{c.callsFeature(), "-cover counts the statements of the program, to which it would add"})
		return &r, nil
	}
	r.Rewritten = calls.count
	if len(calls.replace) == 0 {
		return &r, nil
	}
	replace := maps.Clone(l.replace)
	maps.Copy(replace, calls.replace)
	file, err := storeOverlay(c.StateDir, replace)
	r.Flags = []string{"-overlay=" + file}
	return &r, err
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
