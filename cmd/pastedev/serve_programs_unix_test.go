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
	"time"

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
	})
	addr := freeAddr(tb)
	return start(tb, dir, "http://"+addr+"/", "serve", "--ui=log", "--addr="+addr, "--slow=2s",
		"--mount=/=./dist", "--mount=/panics=run:./panics 127.0.0.1:8080", "--mount=/calls=run:./calls 127.0.0.1:8080", "--mount=/bad=run:./bad")
}

func writeFiles(tb testing.TB, dir string, files map[string]string) {
	tb.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

// programs waits until ok holds for those of the status, by mount.
func (in *instance) programs(ok func(map[string]inspect.Program) bool) map[string]inspect.Program {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		st, err := c.Status(ctx)
		all := map[string]inspect.Program{}
		for _, p := range st.Programs {
			all[p.Mount] = p
		}
		if err == nil && ok(all) {
			return all
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("the programs never were as they should be: %v %+v", err, all)
		case <-time.After(20 * time.Millisecond): // the API has no event for each of them
		}
	}
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

// command runs pastedev in the folder of the instance.
func (in *instance) command(args ...string) (out string, code int) {
	in.tb.Helper()
	cmd := exec.Command(pastedevBinary(in.tb), args...)
	cmd.Dir = in.dir
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		in.tb.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func running(p inspect.Program) bool { return p.State == inspect.StateRunning && p.Recording }

// stepStanding: each program stands for itself, and exchanges, builds and doctor name it.
func stepStanding(t *testing.T, in *instance) {
	in.await("/", "front") // the programs do not hold it up
	in.await("/panics/", "panics, version 1")
	in.await("/calls/", "calls, version 1")
	all := in.programs(func(all map[string]inspect.Program) bool {
		return running(all["/calls"]) && running(all["/panics"]) && all["/bad"].State == inspect.StateFailed
	})
	for mount, p := range all {
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

// stepChoice: who profiles a whole program says which.
func stepChoice(t *testing.T, in *instance) {
	c := in.client()
	record := func(req inspect.ProfileRequest) (string, error) {
		req.Kind = inspect.ProfileGoroutine
		p, err := c.Profile(t.Context(), req)
		return p.Mount, err
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
	if err == nil || !strings.Contains(err.Error(), `no program is mounted at "/none"`) || !strings.Contains(err.Error(), "/panics, /calls, /bad") {
		t.Errorf("a mount that is not there: %v", err)
	}
	for _, req := range []inspect.ProfileRequest{{Route: "GET /else"}, {Exchange: in.exchange(in.ask("/").id, nil).ID, Replay: true}} {
		if _, err := record(req); err == nil || !strings.Contains(err.Error(), "/panics, /calls, /bad") {
			t.Errorf("%+v: %v", req, err)
		}
	}
	out, code := in.command("profile", "--kind=cpu")
	if code != exitUsage || !strings.Contains(out, "--mount /panics or --mount /calls or --mount /bad") {
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
	a := in.ask("/calls/late")
	c := in.client()
	ctx, cancel := context.WithTimeout(t.Context(), inTime)
	defer cancel()
	for {
		list, err := c.Profiles(ctx, 0)
		if i := slices.IndexFunc(list, func(p inspect.Profile) bool { return p.Exchange == a.id }); i >= 0 {
			if p := list[i]; p.Kind != inspect.ProfileTrace || p.Mount != "/calls" || p.Trace == nil {
				t.Errorf("%+v", p)
			}
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no execution trace of %s: %v %+v", a.id, err, list)
		case <-time.After(50 * time.Millisecond): // it is fetched beside the answer
		}
	}
}

// stepMountCalls: the switch of the call tree is that of all programs.
func stepMountCalls(t *testing.T, in *instance) {
	c := in.client()
	nodes := func(path string) int64 {
		return int64(in.exchange(in.ask(path).id, nil).Sums.Nodes)
	}
	for _, on := range []bool{false, true} {
		if err := c.SetCallTree(t.Context(), on); err != nil {
			t.Fatal(err)
		}
		if st, err := c.Status(t.Context()); err != nil || st.CallTree != on {
			t.Errorf("%v: %v is said, %v", on, st.CallTree, err)
		}
		for _, path := range []string{"/calls/cart", "/panics/recovered"} {
			if got := nodes(path) > 0; got != on {
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
	if out, code := in.command("restart", "--mount=/none"); code != exitFailure || !strings.Contains(out, "programs run at /panics, /calls, /bad") {
		t.Errorf("a mount that is not there: %d %s", code, out)
	}
	if err := in.client().Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.programs(func(all map[string]inspect.Program) bool {
		for mount, p := range all {
			if !running(p) || p.PID == after[mount] {
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

// TestServeInterrupt hands the signal to all programs, and waits for them; a second one
// ends them.
func TestServeInterrupt(t *testing.T) {
	const (
		polite = `sh -c "trap 'echo $0 drains; exit 5' INT TERM; echo $0 is up; while :; do sleep 0.05; done" `
		deaf   = `sh -c "trap 'echo $0 heard' INT TERM; echo $0 is up; while :; do sleep 0.05; done" `
	)
	serve := func(mounts ...string) *instance {
		return start(t, t.TempDir(), "", append([]string{"serve", "--ui=log", "--grace=1h", "--addr=127.0.0.1:0"}, mounts...)...)
	}
	in := serve("--mount=/a=run:"+polite+"one", "--mount=/b=run:"+polite+"two")
	in.awaitLog("one is up")
	in.awaitLog("two is up")
	if code := in.stop(os.Interrupt); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	for _, text := range []string{"one drains", "two drains"} {
		if !strings.Contains(in.log.String(), text) {
			t.Errorf("it never said %q", text)
		}
	}
	in = serve("--mount=/a=run:"+polite+"one", "--mount=/b=run:"+deaf+"two")
	in.awaitLog("one is up")
	in.awaitLog("two is up")
	_ = in.cmd.Process.Signal(os.Interrupt)
	in.awaitLog("one drains")
	in.awaitLog("two heard")
	if code := in.stop(os.Interrupt); code != exitOK {
		t.Errorf("exit code %d after a second signal", code)
	}
	if log := in.log.String(); strings.Contains(log, "backoff") {
		t.Errorf("an end that was asked for looks like a crash:\n%s", log)
	}
}
