//go:build unix

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestPrograms serves two programs, one that does not build yet, and a folder, in one
// sitting.
func TestPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	in := startPrograms(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *instance)
	}{
		{"standing", stepStanding},
		{"broken build", stepBrokenBuild},
		{"samples", stepMountSamples},
		{"rolling", stepMountRolling},
		{"without agent", stepMountForeign},
		{"choice", stepChoice},
		{"goroutines", stepMountGoroutines},
		{"slow", stepMountSlow},
		{"call trees", stepMountCalls},
		{"panic", stepMountPanic},
		{"edit", stepMountEdit},
		{"restart", stepMountRestart},
		{"killed", stepMountKilled},
	} {
		t.Run(step.name, func(t *testing.T) {
			in.tb = t
			step.run(t, in)
		})
	}
	in.tb = t
	pids := in.pids()
	if code := in.stop(os.Interrupt); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	for mount, pid := range pids {
		if alive(pid) {
			t.Errorf("the program of %s is left", mount)
		}
	}
}

// startPrograms serves the apps calls and panics, and one with a mistake.
func startPrograms(tb testing.TB) *instance {
	tb.Helper()
	dir := tb.TempDir()
	for _, app := range []string{"calls", "panics"} {
		if err := os.CopyFS(filepath.Join(dir, app), os.DirFS(filepath.Join("..", "..", "fixtures", "apps", app))); err != nil {
			tb.Fatal(err)
		}
	}
	writeFiles(tb, dir, map[string]string{
		"dist/index.html": "<!doctype html><title>front</title>",
		"bad/go.mod":      "module example.com/bad\n\ngo 1.25\n",
		"bad/main.go":     "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\"127.0.0.1:8080\", nowhere) }\n",
		"plain/go.mod":    "module example.com/plain\n\ngo 1.25\n",
		"plain/main.go": "package main\n\nimport (\n\t\"net/http\"\n\t_ \"net/http/pprof\"\n\t\"os\"\n)\n\n" +
			"func main() { http.ListenAndServe(\"127.0.0.1:\"+os.Getenv(\"PORT\"), nil) }\n",
	})
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "plain.exe"), ".")
	build.Dir = filepath.Join(dir, "plain")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	addr := freeAddr(tb)
	return start(tb, dir, "http://"+addr+"/", "serve", "--ui=log", "--addr="+addr, "--slow=2s", "--profile",
		"--mount=/=./dist", "--mount=/panics=run:./panics 127.0.0.1:8080", "--mount=/calls=run:./calls 127.0.0.1:8080", "--mount=/bad=run:./bad", "--mount=/plain=run:./plain.exe")
}

func (in *instance) pids() map[string]int {
	pids := map[string]int{}
	for mount, p := range in.programs(func(map[string]inspect.Program) bool { return true }) {
		if p.PID != 0 {
			pids[mount] = p.PID
		}
	}
	return pids
}

// alive reports whether a process is there that is no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !os.IsNotExist(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// stepStanding: each program stands for itself, and exchanges, builds and doctor name it.
func stepStanding(t *testing.T, in *instance) {
	in.await("/", "front") // the programs do not hold it up
	in.await("/panics/", "panics, version 1")
	in.await("/calls/", "calls, version 1")
	all := in.programs(func(all map[string]inspect.Program) bool {
		return running(all["/calls"]) && running(all["/panics"]) && all["/bad"].State == inspect.StateFailed
	})
	for mount, p := range all {
		if mount == "/plain" {
			continue
		}
		if p.Build == nil || p.Build.Mount != mount || !strings.Contains(p.Target, strings.Trim(mount, "/")) || p.CallTree != true {
			t.Errorf("%s: %+v", mount, p)
		}
	}
	for path, mount := range map[string]string{"/": "/", "/calls/": "/calls", "/panics/": "/panics"} {
		ex := in.exchange(in.ask(path).id, nil)
		want := 0
		if p, ok := all[mount]; ok {
			want = p.Build.Number
		}
		if ex.Mount != mount || ex.Build != want {
			t.Errorf("%s: mount %q, build %d, want %d", path, ex.Mount, ex.Build, want)
		}
	}
	builds, err := in.client().Builds(t.Context(), 10)
	if err != nil || len(builds) < 3 || slices.ContainsFunc(builds, func(b inspect.Build) bool { return b.Mount == "" }) {
		t.Errorf("builds: %v %+v", err, builds)
	}
	if out, _ := in.command("doctor"); !strings.Contains(out, "/calls: ./calls 127.0.0.1:8080, running, build ") {
		t.Errorf("doctor: %s", out)
	}
}

// stepBrokenBuild: what does not build says so at its mount only.
func stepBrokenBuild(t *testing.T, in *instance) {
	a := in.ask("/bad/", "Accept: text/html")
	if a.status != http.StatusInternalServerError || !strings.Contains(a.body, "undefined: nowhere") {
		t.Errorf("%d %s", a.status, a.body)
	}
	in.edit("bad/main.go", "nowhere", "http.NotFoundHandler()")
	if a := in.ask("/bad/"); a.status != http.StatusNotFound || !strings.Contains(a.body, "404 page not found") {
		t.Errorf("mended: %d %s", a.status, a.body)
	}
	in.programs(func(all map[string]inspect.Program) bool { return running(all["/bad"]) })
}

// stepMountSamples: a profile of an exchange is of the program that has answered it.
func stepMountSamples(t *testing.T, in *instance) {
	a := in.ask("/calls/burn")
	in.exchange(a.id, nil)
	c := in.client()
	p, err := c.Profile(t.Context(), inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: a.id, Replay: true, Samples: 20, Seconds: 30})
	if err != nil {
		t.Fatal(err)
	}
	if p.Mount != "/calls" || p.Route != "GET /calls/burn" || p.Samples < 20 || p.Replays == 0 || len(p.Walls) != p.Replays {
		t.Errorf("%+v", p)
	}
	rows, err := c.ProfileTop(t.Context(), p.ID, 100)
	if err != nil || !slices.ContainsFunc(rows, func(r inspect.ProfileRow) bool { return r.Function == "main.burnMine" }) {
		t.Errorf("%v %+v", err, rows)
	}
	tree, _, _ := in.calls("/calls/burn", nil)
	if _, took := node(t, tree, "main.burnMine"); took <= 0 {
		t.Errorf("main.burnMine took %v", took)
	}
}

// stepMountRolling: with --profile the samples of each program are there already.
func stepMountRolling(t *testing.T, in *instance) {
	c := in.client()
	ctx, cancel := context.WithTimeout(t.Context(), inTime)
	defer cancel()
	for {
		ex := in.exchange(in.ask("/calls/burn").id, nil)
		p, err := c.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: ex.ID})
		if err == nil && p.Mount == "/calls" && p.Replays == 0 && p.Samples > 0 {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%v %+v", err, p)
		}
	}
}

// stepMountForeign: a command that serves /debug/pprof is asked there.
func stepMountForeign(t *testing.T, in *instance) {
	a := in.ask("/plain/debug/pprof/cmdline")
	in.exchange(a.id, nil)
	c := in.client()
	p, err := c.Profile(t.Context(), inspect.ProfileRequest{Kind: inspect.ProfileHeap, Exchange: a.id, Replay: true, Seconds: 1})
	if err != nil || p.Mount != "/plain" || p.Replays == 0 {
		t.Errorf("%v %+v", err, p)
	}
	if _, err := c.Goroutines(t.Context(), a.id); err == nil || !strings.Contains(err.Error(), "agent of pastedev") {
		t.Errorf("goroutines without an agent: %v", err)
	}
}

// stepChoice: who profiles a whole program says which.
func stepChoice(t *testing.T, in *instance) {
	c := in.client()
	record := func(req inspect.ProfileRequest) (string, error) {
		req.Kind = inspect.ProfileGoroutine
		p, err := c.Profile(t.Context(), req)
		return p.Mount, err
	}
	for range 10 {
		in.ask("/calls/")
	}
	for name, tt := range map[string]struct {
		req  inspect.ProfileRequest
		want string
	}{
		"named":          {inspect.ProfileRequest{Mount: "/panics"}, "/panics"},
		"without slash":  {inspect.ProfileRequest{Mount: "panics/"}, "/panics"},
		"route":          {inspect.ProfileRequest{Route: "GET /calls/burn"}, "/calls"},
		"the busiest":    {inspect.ProfileRequest{}, "/calls"},
		"named by route": {inspect.ProfileRequest{Mount: "/calls", Route: "GET /calls/burn"}, "/calls"},
	} {
		if got, err := record(tt.req); err != nil || got != tt.want {
			t.Errorf("%s: %q, want %q: %v", name, got, tt.want, err)
		}
	}
	_, err := record(inspect.ProfileRequest{Mount: "/none"})
	if err == nil || !strings.Contains(err.Error(), `no program is mounted at "/none"`) || !strings.Contains(err.Error(), "/panics, /calls, /bad, /plain") {
		t.Errorf("a mount that is not there: %v", err)
	}
	for _, req := range []inspect.ProfileRequest{{Route: "GET /else"}, {Exchange: in.exchange(in.ask("/").id, nil).ID, Replay: true}} {
		if _, err := record(req); err == nil || !strings.Contains(err.Error(), "/panics, /calls, /bad, /plain") {
			t.Errorf("%+v: %v", req, err)
		}
	}
	out, code := in.command("profile", "--kind=cpu")
	if code != exitUsage || !strings.Contains(out, "--mount /panics or --mount /calls or --mount /bad or --mount /plain") {
		t.Errorf("nothing named: %d %s", code, out)
	}
	if out, code := in.command("profile", "--mount=/calls", "--seconds=1"); code != exitOK || !strings.Contains(out, "all of /calls") {
		t.Errorf("named: %d %s", code, out)
	}
}

// stepMountGoroutines: the stacks of an exchange's goroutines come from its program.
func stepMountGoroutines(t *testing.T, in *instance) {
	a := in.ask("/calls/spawn")
	in.exchange(a.id, nil)
	text, err := in.client().Goroutines(t.Context(), a.id)
	if err != nil || !strings.Contains(text, "main.worker") {
		t.Errorf("%v %q", err, text)
	}
	in.ask("/calls/release")
	if text, err := in.client().Goroutines(t.Context(), in.ask("/").id); err != nil || text != "" {
		t.Errorf("of a file: %v %q", err, text)
	}
}

// stepMountSlow: --slow keeps the execution trace of a mount's exchange.
func stepMountSlow(t *testing.T, in *instance) {
	p := in.slowProfile(in.ask("/calls/late").id)
	if p.Kind != inspect.ProfileTrace || p.Mount != "/calls" || p.Trace == nil {
		t.Errorf("%+v", p)
	}
}

// stepMountCalls: the switch of the call tree is that of all programs.
func stepMountCalls(t *testing.T, in *instance) {
	c := in.client()
	nodes := func(path string, on bool) int {
		return in.exchange(in.ask(path).id, func(ex *inspect.Exchange) bool { return !on || ex.Sums.Nodes > 0 }).Sums.Nodes
	}
	for _, on := range []bool{false, true} {
		if err := c.SetCallTree(t.Context(), on); err != nil {
			t.Fatal(err)
		}
		if st, err := c.Status(t.Context()); err != nil || st.CallTree != on {
			t.Errorf("%v: %v is said, %v", on, st.CallTree, err)
		}
		for _, path := range []string{"/calls/cart", "/panics/recovered"} {
			if got := nodes(path, on) > 0; got != on {
				t.Errorf("%v: %s has calls: %v", on, path, got)
			}
		}
	}
}

// stepMountPanic: a panic in a mount has its locals.
func stepMountPanic(t *testing.T, in *instance) {
	trace, ex, a := in.traceOf("/panics/index")
	if a.status != http.StatusInternalServerError || ex.Mount != "/panics" {
		t.Errorf("%d at %q", a.status, ex.Mount)
	}
	if trace.NoLocals != "" {
		t.Skipf("no locals: %s", trace.NoLocals)
	}
	var names []string
	for _, f := range trace.Frames {
		for _, v := range f.Locals {
			names = append(names, v.Name)
		}
	}
	if !slices.Contains(names, "third") || !slices.Contains(names, "words") {
		t.Errorf("locals %q", names)
	}
}

// stepMountEdit: an edit restarts the program that it is of, and no other.
func stepMountEdit(t *testing.T, in *instance) {
	before := in.pids()
	in.edit("calls/main.go", "version 1", "version 2")
	if a := in.ask("/calls/"); !strings.Contains(a.body, "version 2") {
		t.Errorf("asked after the save: %+v", a)
	}
	after := in.pids()
	if before["/calls"] == after["/calls"] {
		t.Error("the program was not started anew")
	}
	before["/calls"] = after["/calls"]
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("others were (-before +after):\n%s", d)
	}
}

// stepMountRestart: what is asked to be started anew is, and nothing else.
func stepMountRestart(t *testing.T, in *instance) {
	before := in.pids()
	if out, code := in.command("restart", "--mount=/bad"); code != exitOK {
		t.Fatalf("%d %s", code, out)
	}
	in.programs(func(all map[string]inspect.Program) bool {
		return running(all["/bad"]) && all["/bad"].PID != before["/bad"]
	})
	after := in.pids()
	before["/bad"] = after["/bad"]
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("others were (-before +after):\n%s", d)
	}
	if out, code := in.command("restart", "--mount=/none"); code != exitFailure || !strings.Contains(out, "programs run at /panics, /calls, /bad, /plain") {
		t.Errorf("a mount that is not there: %d %s", code, out)
	}
	if err := in.client().Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.programs(func(all map[string]inspect.Program) bool {
		for mount, p := range all {
			if p.State != inspect.StateRunning || p.PID == after[mount] {
				return false
			}
		}
		return true
	})
}

// stepMountKilled: when one program dies, the others serve on.
func stepMountKilled(t *testing.T, in *instance) {
	pid := in.pids()["/panics"]
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	in.programs(func(all map[string]inspect.Program) bool { return all["/panics"].PID != pid })
	for path, text := range map[string]string{"/": "front", "/calls/": "version 2", "/bad/": "404 page not found"} {
		if a := in.ask(path); !strings.Contains(a.body, text) {
			t.Errorf("%s: %+v", path, a)
		}
	}
	if a := in.ask("/panics/", "Accept: text/html"); a.status == http.StatusBadGateway && !strings.Contains(a.body, "mounted at /panics") {
		t.Errorf("its page does not say which: %s", a.body)
	}
	in.await("/panics/", "panics, version 1") // it is started again
}
