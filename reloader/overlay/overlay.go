// Package overlay instruments a Go program without a change to its source: it
// makes a file for the go command's -overlay flag in which the agent and a few
// hooks join the standard library that this one build sees.
//
// Call [Make] and pass the flags and the environment of its [Result] to go build.
//
// A hook is found on the syntax tree of the installed library, never by line
// number. Every line keeps its number and every package its place in GOROOT, so
// compiler messages and tracebacks read as they do without us. The instrumented
// packages are the same for all projects and are compiled once per Go version.
//
// The functions of the program's own modules are rewritten in the overlay so that
// entry and exit are timed, see [Calls]. All that was there keeps its file, line and
// column, and a function that no request reaches costs one atomic load a call. What the
// compiler inlines is left alone, as is whatever a call would break.
//
// The package writes into the state directory and nowhere else. It never builds,
// and it never guesses: a hook whose anchor is not what it expects is left out,
// and the Result says which feature is lost.
//
// It has no ancestor in Paste, which could wrap the application object.
package overlay

import (
	"context"
	"fmt"
	"go/version"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/agent"
)

// oldestGo begins the Go versions whose standard library the hooks were tried on.
// There is no newest: the anchors are checked.
const oldestGo = "go1.25"

// agentDir is where the agent goes, below GOROOT/src: a folder that holds no Go
// file of its own. It has to be there on disk, since go vet visits it.
const agentDir = "internal/syscall"

// systems have an agent: the socket to it is inherited.
var systems = []string{"linux", "darwin", "freebsd"}

// Config says what to instrument. Dir and StateDir are needed.
type Config struct {
	Go       string   // the go command; empty means "go"
	Dir      string   // where the build will run; decides the Go version and the settings
	Env      []string // the environment of the build; nil means that of this process
	Flags    []string // the user's build flags, looked at for an -overlay to merge
	StateDir string   // absolute; everything is written below it
	Hooks    []Hook   // nil means DefaultHooks
	Without  []string // names of hooks to leave out, see Names
	Calls    Calls    // which of the program's own functions are timed
}

// Result says how to build. Without Flags the build is a plain one.
type Result struct {
	// Go is the go command to use. It differs from the one asked for when the
	// toolchain was chosen by go.mod or GOTOOLCHAIN.
	Go string
	// Flags go after the user's own: of two -overlay flags the last one counts, and
	// this one holds the user's.
	Flags []string
	// Env is to be added at the end of the build's environment. It is not for the
	// target.
	Env       []string
	GoVersion string    // "go1.26.8"
	Lost      []Lost    // the features that are off
	Rewritten Rewritten // of the program's own source
}

// Lost is a feature that the build will not have.
type Lost struct {
	Feature string
	Reason  string
}

// String is the line that users see.
func (l Lost) String() string { return l.Feature + " is off: " + l.Reason }

// Make writes the overlay. An error means that the go command or the state
// directory cannot be used; whatever else stands in the way of a hook becomes an
// entry of Lost. Equal input gives equal paths and contents. It may run in several
// processes on one state directory.
func Make(ctx context.Context, c Config) (*Result, error) {
	return new(Maker).Make(ctx, c)
}

// settle fills in what is empty, and asks the go command for its settings.
func (c Config) settle(ctx context.Context) (Config, goEnv, error) {
	if c.Hooks == nil {
		c.Hooks = DefaultHooks()
	}
	if c.Go == "" {
		c.Go = "go"
	}
	var err error
	if c.Hooks, err = without(c.Hooks, c.Without); err != nil {
		return c, goEnv{}, err
	}
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return c, goEnv{}, fmt.Errorf("overlay: %w", err)
	}
	env, err := readGoEnv(ctx, c)
	return c, env, err
}

// library is a Result for the standard library alone.
type library struct {
	Result
	replace map[string]string // what its overlay file says
	timing  bool              // package runtime has what times calls
}

// make writes the overlay for a Go installation and the user's own overlay.
func (c Config) make(env goEnv, user map[string]string) (*library, error) {
	r := &library{Result: Result{Go: c.Go, GoVersion: env.GOVERSION}}
	if reason := unsupported(env); reason != "" {
		r.lose(c.Hooks, reason)
		return r, nil
	}
	root, err := linkRoot(c.StateDir, env)
	if err != nil {
		return nil, err
	}
	t := &tree{root: root, env: env, user: user, files: make(map[string][]byte)}
	if err := t.vacant(agentDir); err != nil {
		r.lose(c.Hooks, err.Error())
		return r, nil
	}
	r.Lost = t.instrument(c.Hooks)
	if len(t.files) == 0 {
		return r, nil
	}
	if err := t.addAgent(); err != nil {
		return nil, err
	}
	file, replace, err := t.write(c.StateDir)
	if err != nil {
		return nil, err
	}
	r.Flags, r.replace = []string{"-overlay=" + file}, replace
	if feature := c.callsFeature(); feature != "" {
		r.timing = t.times() && !slices.ContainsFunc(r.Lost, func(l Lost) bool { return l.Feature == feature })
	}
	if root != env.GOROOT {
		r.Go = filepath.Join(root, "bin", "go")
		r.Env = []string{"GOROOT=" + root, "GOTOOLCHAIN=local"}
	}
	return r, nil
}

// addAgent adds the files of the agent. Their names say whose they are in a
// traceback.
func (t *tree) addAgent() error {
	source, err := agent.Source()
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	for name, text := range source {
		t.files[agentDir+"/pastedev_"+name] = text
	}
	t.files[agentDir+"/pastedev_start.go"] = []byte(startSource)
	return nil
}

// lose takes all hooks off for one reason.
func (r *Result) lose(hooks []Hook, reason string) {
	for _, h := range hooks {
		r.Lost = append(r.Lost, Lost{h.Feature, reason})
	}
}

// unsupported says why nothing can be instrumented; it is empty when something
// can.
func unsupported(env goEnv) string {
	switch {
	case !slices.Contains(systems, env.GOOS):
		return fmt.Sprintf("the agent does not run on %s", env.GOOS)
	case version.IsValid(baseVersion(env.GOVERSION)) && version.Compare(baseVersion(env.GOVERSION), oldestGo) < 0:
		return fmt.Sprintf("%s is older than %s, the oldest version that pastedev instruments", env.GOVERSION, oldestGo)
	}
	return ""
}

// baseVersion is what package go/version can read of a GOVERSION: experiments and
// the mark of an unreleased toolchain follow after it.
func baseVersion(v string) string {
	v = strings.TrimPrefix(v, "devel ")
	v, _, _ = strings.Cut(v, " ")
	v, _, _ = strings.Cut(v, "-")
	return v
}
