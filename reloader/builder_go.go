package reloader

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// progressAfter is how long a build may last before the packages still to compile
// are counted. Shorter builds end before the count would.
const progressAfter = time.Second

// GoBuilder builds with the go command. The zero value works. It is safe for
// concurrent use by builds with different folders.
type GoBuilder struct {
	// Start starts a command; nil means (*exec.Cmd).Start. The supervisor gives one
	// that ties the command's life to ours.
	Start func(*exec.Cmd) error
}

// Build runs go build -json in the module's folder. Scratch files go into req.Dir,
// so that a killed build leaves nothing elsewhere.
func (b GoBuilder) Build(ctx context.Context, req BuildRequest) (BuildOutcome, error) {
	run := &goBuild{builder: b, req: req, compiled: map[string]bool{}}
	tmp := filepath.Join(req.Dir, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return BuildOutcome{}, fmt.Errorf("build %s: %w", req.Package.Pattern, err)
	}
	defer os.RemoveAll(tmp)
	run.env = buildEnv(req.Env, tmp)
	out, err := run.build(ctx)
	if err != nil {
		return BuildOutcome{}, fmt.Errorf("build %s: %w", req.Package.Pattern, err)
	}
	return out, nil
}

// buildEnv sends the go command's scratch files to tmp unless the user chose a place.
func buildEnv(env []string, tmp string) []string {
	if env == nil {
		env = os.Environ()
	}
	if lookupEnv(env, "GOTMPDIR") != "" {
		return env
	}
	return append(env[:len(env):len(env)], "GOTMPDIR="+tmp)
}

// goBuild is one run of the go command.
type goBuild struct {
	builder GoBuilder
	req     BuildRequest
	env     []string

	mu       sync.Mutex
	compiled map[string]bool
	stale    []string // from go list; nil until known
}

func (g *goBuild) build(ctx context.Context) (BuildOutcome, error) {
	p := g.req.Package
	program := filepath.Join(g.req.Dir, p.programName())
	flags := buildFlags(p, g.req.Flags, g.req.DWARF)
	args := append([]string{"build", "-json", "-v", "-o", program}, flags...)
	cmd := exec.Command(cmp.Or(g.req.Go, "go"), append(args, p.ImportPath)...)
	cmd.Dir, cmd.Env = p.ModuleRoot, g.env
	var stderr limitedBuffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return BuildOutcome{}, err
	}
	log := newBuildLog(p.ModuleRoot, p.ModuleRoot)
	log.compiling = g.compiling
	if g.req.Diagnostic != nil {
		log.emit = g.req.Diagnostic
	}
	group, err := startGroup(cmd, g.builder.Start, g.req.Low)
	if err != nil {
		return BuildOutcome{}, err
	}
	stopWatch := group.killOnDone(ctx)
	counting := g.countLater(ctx, flags)
	log.read(stdout)
	waitErr := cmd.Wait()
	stopWatch()
	counting()
	if ctx.Err() != nil {
		return BuildOutcome{}, context.Cause(ctx)
	}
	log.stderr(stderr.String(), waitErr != nil)
	out := BuildOutcome{OK: waitErr == nil, Diagnostics: log.found, Output: log.output.String()}
	out.Done, out.Total = g.counts()
	if out.OK {
		out.Program = program
		for i := range out.Diagnostics { // what a C compiler says of a build that it finishes
			out.Diagnostics[i].Severity = inspect.SeverityWarning
		}
	} else if !hasError(out.Diagnostics) {
		d := inspect.Diagnostic{Severity: inspect.SeverityError, Code: codeCompile, Message: "go build: " + waitErr.Error()}
		out.Diagnostics = append(out.Diagnostics, d)
		log.emit(d)
	}
	return out, nil
}

func hasError(list []inspect.Diagnostic) bool {
	for _, d := range list {
		if d.Severity == inspect.SeverityError {
			return true
		}
	}
	return false
}

func (g *goBuild) compiling(pkg string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.compiled[pkg] {
		return
	}
	g.compiled[pkg] = true
	if g.req.Compiling != nil {
		g.req.Compiling(pkg)
	}
	g.report()
}

// report tells the progress. The caller holds mu, which keeps the calls in order.
func (g *goBuild) report() {
	if g.req.Progress != nil {
		g.req.Progress(g.countLocked())
	}
}

func (g *goBuild) counts() (done, total int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.countLocked()
}

// countLocked joins what has been compiled with what go list found to be stale at
// some moment of the build: together they are all there is to do.
func (g *goBuild) countLocked() (done, total int) {
	if g.stale == nil {
		return len(g.compiled), 0
	}
	total = len(g.compiled)
	for _, pkg := range g.stale {
		if !g.compiled[pkg] {
			total++
		}
	}
	return len(g.compiled), total
}

// countLater counts the stale packages once the build has lasted progressAfter. The
// returned function ends the counting and waits for it.
func (g *goBuild) countLater(ctx context.Context, flags []string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-ctx.Done():
			return
		case <-time.After(progressAfter):
		}
		stale, err := g.listStale(ctx, flags)
		if err != nil {
			return // progress without a total
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.stale = stale
		g.report()
	}()
	return func() {
		cancel()
		<-done
	}
}

func (g *goBuild) listStale(ctx context.Context, flags []string) ([]string, error) {
	args := append([]string{"list", "-e", "-deps", "-json=ImportPath,Stale"}, flags...)
	cmd := exec.Command(cmp.Or(g.req.Go, "go"), append(args, g.req.Package.ImportPath)...)
	cmd.Dir, cmd.Env = g.req.Package.ModuleRoot, g.env
	var out bytes.Buffer
	cmd.Stdout = &out
	group, err := startGroup(cmd, g.builder.Start, true)
	if err != nil {
		return nil, err
	}
	stop := group.killOnDone(ctx)
	err = cmd.Wait()
	stop()
	if err != nil {
		return nil, err
	}
	stale := []string{}
	for dec := json.NewDecoder(&out); dec.More(); {
		var p struct {
			ImportPath string
			Stale      bool
		}
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		if p.Stale && p.ImportPath != "unsafe" {
			stale = append(stale, p.ImportPath)
		}
	}
	return stale, nil
}

// limitedBuffer keeps the first maxBuildOutput bytes written to it.
type limitedBuffer struct{ b bytes.Buffer }

// Write never fails.
func (l *limitedBuffer) Write(p []byte) (int, error) {
	if room := maxBuildOutput - l.b.Len(); room > 0 {
		l.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// String returns what was kept.
func (l *limitedBuffer) String() string { return l.b.String() }
