package overlay_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"
	"golang.org/x/exp/trace"

	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/reloader/overlay"
)

const commandToken = "0123456789abcdef"

// TestProfiles tries what pastedev asks a program, on every supported version of Go.
func TestProfiles(t *testing.T) {
	for _, version := range toolchains {
		t.Run(version, func(t *testing.T) {
			c := profiledConfig(t, version)
			program := build(t, instrument(t, c), c, ".")
			g := serveProfiled(t, program, nil)
			t.Run("unseen", func(t *testing.T) { testUnseen(t, g) })
			t.Run("cpu", func(t *testing.T) { testCPU(t, g) })
			t.Run("labels", func(t *testing.T) { testLabels(t, g) })
			t.Run("own", func(t *testing.T) { testOwnProfile(t, g) })
			t.Run("wall", func(t *testing.T) { testWall(t, g) })
			t.Run("memory", func(t *testing.T) { testMemory(t, g) })
			t.Run("contention", func(t *testing.T) { testContention(t, g) })
			t.Run("flight", func(t *testing.T) { testFlight(t, g) })
			t.Run("own trace", func(t *testing.T) { testOwnTrace(t, g) })
			t.Run("form", func(t *testing.T) { testForm(t, g) })
			t.Run("refusals", func(t *testing.T) { testRefusals(t, g) })
			t.Run("stuck", func(t *testing.T) { testStuck(t, g) })
			for path := range strings.Lines(g.ask("/seen", "").body) {
				if strings.Contains(path, agent.CommandPath) != strings.HasPrefix(path, "GET "+agent.CommandPath+"/allocs") {
					t.Errorf("the program saw %s", path)
				}
			}
		})
	}
}

// TestProfilesRace finds no race of ours in a program built with the race detector.
func TestProfilesRace(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a standard library of its own")
	}
	c := profiledConfig(t, "local")
	c.Flags = []string{"-race"}
	g := serveProfiled(t, build(t, instrument(t, c), c, "."), []string{"GORACE=exitcode=66 halt_on_error=1"})
	testCPU(t, g)
	testWall(t, g)
	testFlight(t, g)
	testStuck(t, g)
	g.stdin.Close()
	if <-g.ended; g.exit != nil {
		t.Error(g.exit)
	}
}

func profiledConfig(t *testing.T, version string) overlay.Config {
	t.Helper()
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, version)}
	text, err := os.ReadFile(filepath.Join("testdata", "profiled", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	files(t, c.Dir, map[string]string{"main.go": string(text), "go.mod": "module example.com/profiled\n\ngo 1.25\n"})
	return c
}

// profiled is a server that pastedev asks.
type profiled struct {
	*target
	remote string // an address whose clients it takes for ones of another machine
}

func serveProfiled(t *testing.T, program string, env []string) *profiled {
	t.Helper()
	g := &profiled{target: serve(t, program, targetConfig{env: append(env, agent.EnvToken+"="+commandToken)})}
	g.url, g.remote, _ = strings.Cut(g.url, " ")
	g.remote = "http://" + g.remote
	return g
}

// command sends one and returns the answer.
func (g *profiled) command(c *http.Client, method, url, token string) (*http.Response, []byte) {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, url, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set(agent.HeaderCommand, token)
	resp, err := c.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return resp, data
}

// do sends a command that must succeed.
func (g *profiled) do(method, path string) []byte {
	g.t.Helper()
	resp, data := g.command(clients["http/1"], method, g.url+agent.CommandPath+path, commandToken)
	if resp.StatusCode != 200 || resp.Header.Get(agent.HeaderCommand) == "" {
		g.t.Fatalf("%s %s: %s %v %s", method, path, resp.Status, resp.Header, data)
	}
	return data
}

// refused sends a command that must not.
func (g *profiled) refused(method, path string, want int, text string) {
	g.t.Helper()
	resp, data := g.command(clients["http/1"], method, g.url+agent.CommandPath+path, commandToken)
	if resp.StatusCode != want || resp.Header.Get(agent.HeaderCommand) == "" || !strings.Contains(string(data), text) {
		g.t.Errorf("%s %s: %s %q, want %d and %q", method, path, resp.Status, data, want, text)
	}
}

func parseProfile(t testing.TB, data []byte) *profile.Profile {
	t.Helper()
	p, err := profile.ParseData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	return p
}

// in reports whether the stack of a sample holds a function.
func in(s *profile.Sample, function string) bool {
	return slices.ContainsFunc(s.Location, func(l *profile.Location) bool {
		return slices.ContainsFunc(l.Line, func(l profile.Line) bool { return l.Function.Name == function })
	})
}

// counted adds up the samples of a function by what labels say.
func counted(p *profile.Profile, function string, labels ...string) map[string]int64 {
	sums := make(map[string]int64)
	for _, s := range p.Sample {
		if in(s, function) {
			var text []string
			for _, l := range labels {
				text = append(text, strings.Join(s.Label[l], ","))
			}
			sums[strings.Join(text, " ")] += s.Value[0]
		}
	}
	return sums
}

// A command is answered on either protocol, and only one with the token, from this
// machine. Any other is the program's.
func testUnseen(t *testing.T, g *profiled) {
	for name, c := range clients {
		resp, data := g.command(c, "GET", g.url+agent.CommandPath+"/heap", commandToken)
		if resp.StatusCode != 200 || resp.Header.Get(agent.HeaderCommand) != "done" || len(data) == 0 {
			t.Errorf("%s: %s %v", name, resp.Status, resp.Header)
		}
		for why, url := range map[string]string{"": g.url, commandToken: g.remote, commandToken + "0": g.url, commandToken[1:]: g.url} {
			if url == g.remote && name == "http/2" {
				continue // one protocol is enough
			}
			resp, _ := g.command(c, "GET", url+agent.CommandPath+"/allocs", why)
			if resp.StatusCode != 404 || resp.Header.Get(agent.HeaderCommand) != "" {
				t.Errorf("%s: token %q at %s: %s %v", name, why, url, resp.Status, resp.Header)
			}
		}
	}
}

// sideBySide sends requests of several paths again and again, each path under an
// exchange of its own, until enough says so.
func sideBySide(t *testing.T, g *profiled, exchanges map[string]string, enough func() bool) {
	t.Helper()
	for late := time.Now().Add(deadline); !enough(); {
		if time.Now().After(late) {
			t.Fatal("never enough samples")
		}
		var wg sync.WaitGroup
		for path, x := range exchanges {
			wg.Go(func() {
				if _, err := g.get(clients["http/1"], path, x); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

// testCPU finds the samples of three busy exchanges, their goroutines included, under
// the right label, and the program's own label beside it.
func testCPU(t *testing.T, g *profiled) {
	const wanted = 60
	sums := make(map[string]map[string]int64)
	exchanges := map[string]string{"/left": id(1), "/right": id(2), "/inner": id(3), "/form": ""}
	delete(exchanges, "/form")
	functions := map[string]string{"main.burnLeft": id(1) + " ", "main.burnRight": id(2) + " ", "main.burnInner": id(3) + " inner"}
	running := false
	sideBySide(t, g, exchanges, func() bool {
		if running {
			p := parseProfile(t, g.do("GET", "/cpu?again=1"))
			for f := range functions {
				if sums[f] == nil {
					sums[f] = make(map[string]int64)
				}
				for label, n := range counted(p, f, "pastedev_exchange", "app") {
					sums[f][label] += n
				}
			}
		}
		if !running {
			g.do("POST", "/cpu?on=1")
		}
		running = true
		for f, label := range functions {
			if sums[f][label] < wanted {
				return false
			}
		}
		return true
	})
	g.do("POST", "/cpu?on=0")
	for f, label := range functions {
		var all int64
		for n := range maps.Values(sums[f]) {
			all += n
		}
		if right := sums[f][label]; right*100 < all*95 {
			t.Errorf("%s: %d of %d samples carry the right labels: %v", f, right, all, sums[f])
		}
	}
	g.refused("GET", "/cpu", 409, "no such profile")
}

// testLabels looks at what the program sees of its labels.
func testLabels(t *testing.T, g *profiled) {
	conn := client(false) // one connection, hence one goroutine
	conn.Transport.(*http.Transport).MaxConnsPerHost = 1
	defer conn.CloseIdleConnections()
	ask := func(path, x string) string {
		t.Helper()
		a, err := g.get(conn, path, x)
		if err != nil {
			t.Fatal(err)
		}
		return a.body
	}
	if got := ask("/labels", id(1)); got != "" {
		t.Errorf("no profile runs, and the labels are %s", got)
	}
	g.do("POST", "/cpu?on=1")
	defer g.do("POST", "/cpu?on=0")
	ours := func(more string) string {
		return fmt.Sprintf("context pastedev_exchange=%s\ngoroutine {%s\"pastedev_exchange\":%q}\n", id(1), more, id(1))
	}
	for _, step := range []struct{ path, exchange, want string }{
		{"/labels", id(1), ours("")},
		{"/labels", "", ""},   // taken off the connection's goroutine
		{"/inner", id(1), ""}, // which pprof.Do labels, and labels again
		{"/labels", "", ""},   //
		{"/keep", id(2), ""},  // the program labels it for good
		{"/labels", "", "goroutine {\"app\":\"kept\"}\n"},
		{"/labels", id(1), ours(`"app":"kept", `)},
		{"/labels", "", "goroutine {\"app\":\"kept\"}\n"},
	} {
		if got := ask(step.path, step.exchange); got != step.want {
			t.Errorf("%s of %q: labels (-want +got):\n%s", step.path, step.exchange, cmp.Diff(step.want, got))
		}
	}
}

// The program's own CPU profile comes first, and gets what it would have got.
func testOwnProfile(t *testing.T, g *profiled) {
	if got := g.ask("/cpu/start", "").body; got != "<nil>" {
		t.Fatal(got)
	}
	g.refused("POST", "/cpu?on=1", 409, "cpu profiling already in use")
	g.refused("GET", "/cpu", 409, "no such profile")
	parseProfile(t, []byte(g.ask("/cpu/stop", "").body))

	g.do("POST", "/cpu?on=1")
	if got := g.ask("/cpu/start", "").body; got != "<nil>" {
		t.Errorf("the program cannot start its own: %s", got)
	}
	if got := g.ask("/labels", id(1)).body; got != "" {
		t.Errorf("our profile has ended, and the labels are %s", got)
	}
	resp, data := g.command(clients["http/1"], "GET", g.url+agent.CommandPath+"/cpu", commandToken)
	parseProfile(t, data)
	if note := resp.Header.Get("Pastedev-Note"); !strings.Contains(note, "of its own") {
		t.Errorf("note %q", note)
	}
	if got := g.ask("/cpu/start", "").body; got != "cpu profiling already in use" {
		t.Errorf("the program's own was stopped: %s", got)
	}
	parseProfile(t, []byte(g.ask("/cpu/stop", "").body))
}

// testWall finds what a handler does when it does nothing.
func testWall(t *testing.T, g *profiled) {
	const wanted = 10
	got := make(map[string]int64)
	running := false
	sideBySide(t, g, map[string]string{"/nap": id(1), "/left": id(2)}, func() bool {
		if running {
			p := parseProfile(t, g.do("GET", "/wall"))
			for _, f := range []string{"main.nap", "main.burnLeft"} {
				for label, n := range counted(p, f, "pastedev_exchange", "pastedev_state") {
					got[strings.TrimLeft(f[5:]+" "+label, "0")] += n
				}
			}
			for _, s := range p.Sample {
				if s.Value[0] < 1 || s.Value[1] < 1 || s.Label["pastedev_exchange"] == nil {
					t.Errorf("a sample %v %v", s.Value, s.Label)
				}
			}
			if p.SampleType[1].Type != "wall" || p.SampleType[1].Unit != "nanoseconds" || p.DurationNanos <= 0 {
				t.Errorf("a profile of %v, %d", p.SampleType[1], p.DurationNanos)
			}
		}
		g.do("POST", "/wall?on=1")
		running = true
		return got["nap "+id(1)+" sleep"] >= wanted && got["burnLeft "+id(1)+" running"] >= wanted && got["burnLeft "+id(2)+" running"] >= wanted
	})
	g.do("POST", "/wall?on=0")
	g.refused("GET", "/wall", 409, "no such profile")
	if n := got["burnLeft "+id(2)+" sleep"]; n > 0 {
		t.Errorf("%d samples of what burns say that it sleeps", n)
	}
}

// What a request allocates is seen, and its amount: 4 MiB, each recorded 1 KiB of
// which stands for 16.
func testMemory(t *testing.T, g *profiled) {
	for path, want := range map[string]string{"/heap?gc=1": "inuse_space", "/allocs": "alloc_space"} {
		p := parseProfile(t, g.do("GET", path))
		if p.DefaultSampleType != want && !(want == "inuse_space" && p.DefaultSampleType == "") {
			t.Errorf("%s: a profile of %q", path, p.DefaultSampleType)
		}
	}
	for _, path := range []string{"/heap", "/allocs", "/heap"} { // later ones do not suffer from those before
		base := parseProfile(t, g.do("POST", path+"?on=1"))
		if got := g.ask("/rate", "").body; got != "0 16384" {
			t.Errorf("%s: the rates are %s", path, got)
		}
		g.ask("/allocate", id(1))
		resp, data := g.command(clients["http/1"], "GET", g.url+agent.CommandPath+path, commandToken)
		after := parseProfile(t, data)
		got, rate := allocated(after, "main.makePiece")-allocated(base, "main.makePiece"), g.ask("/rate", "").body
		if size := int64(4 << 20); got < size/2 || got > size*2 || rate != "0 524288" {
			t.Errorf("%s: %d bytes were allocated; the rates are %s", path, got, rate)
		}
		if note := resp.Header.Get("Pastedev-Note"); !strings.Contains(note, "16 kB") {
			t.Errorf("%s: note %q", path, note)
		}
	}
}

// allocated is how many bytes a function has allocated.
func allocated(p *profile.Profile, function string) (sum int64) {
	at := slices.IndexFunc(p.SampleType, func(v *profile.ValueType) bool { return v.Type == "alloc_space" })
	for _, s := range p.Sample {
		if in(s, function) {
			sum += s.Value[at]
		}
	}
	return sum
}

// Contention is recorded while pastedev asks for it.
func testContention(t *testing.T, g *profiled) {
	for path, function := range map[string]string{"/mutex": "main.contend.func1", "/block": "main.contend"} {
		before := parseProfile(t, g.do("POST", path+"?on=1"))
		if got := g.ask("/rate", "").body; strings.HasPrefix(got, "1 ") != (path == "/mutex") {
			t.Errorf("%s: the fraction of mutexes is %s", path, got)
		}
		g.ask("/contend", id(1))
		after := parseProfile(t, g.do("GET", path))
		n, was := counted(after, function)[""], counted(before, function)[""]
		if n <= was {
			t.Errorf("%s: %d of %s before, %d after", path, was, function, n)
		}
		g.ask("/contend", id(1))
		base := parseProfile(t, g.do("POST", path+"?on=1"))
		if got := counted(base, function)[""]; got != n {
			t.Errorf("%s: recorded although it was off: %d, then %d", path, n, got)
		}
		g.do("POST", path+"?on=0")
		if got := g.ask("/rate", "").body; got != "0 524288" {
			t.Errorf("%s: the rates stay %s", path, got)
		}
	}
}

// testFlight finds the goroutine of an exchange in the execution trace.
func testFlight(t *testing.T, g *profiled) {
	g.refused("GET", "/flight", 409, "not running")
	g.do("POST", "/flight?on=1&mb=4")
	g.ask("/nap", id(7))
	data := g.do("GET", "/flight")
	g.do("GET", "/flight") // again
	g.do("POST", "/flight?on=0")
	g.refused("GET", "/flight", 409, "not running")
	if d := cmp.Diff([]string{"begin " + id(7), "end " + id(7)}, marks(t, data)); d != "" {
		t.Errorf("marks (-want +got):\n%s", d)
	}
}

// The program's own traces are as they would be without ours.
func testOwnTrace(t *testing.T, g *profiled) {
	g.do("POST", "/flight?on=1")
	g.ask("/nap", id(6))
	if got := g.ask("/trace/start", id(7)).body; got != "<nil>" {
		t.Fatalf("the program cannot trace: %s", got)
	}
	g.ask("/nap", id(8))
	g.do("GET", "/flight")
	theirs := marks(t, []byte(g.ask("/trace/stop", "").body))
	if !slices.Contains(theirs, "end "+id(8)) || slices.Contains(theirs, "begin "+id(6)) {
		t.Errorf("the program's own trace: %q", theirs)
	}
	if got := marks(t, g.do("GET", "/flight")); !slices.Contains(got, "begin "+id(6)) || !slices.Contains(got, "end "+id(8)) {
		t.Errorf("ours, after the program's own trace: %q", got)
	}
	if got := g.ask("/flight/start", "").body; got != "<nil>" {
		t.Errorf("the program cannot start its own flight recorder: %s", got)
	}
	g.refused("GET", "/flight", 409, "of its own")
	g.refused("POST", "/flight?on=1", 409, "flight recorder already enabled")
	g.ask("/flight/stop", "")
	g.do("POST", "/flight?on=1")
	g.do("POST", "/flight?on=0")
}

// marks returns what an execution trace says of the begin and end of exchanges, each on
// the goroutine of its begin.
func marks(t *testing.T, data []byte) (marks []string) {
	t.Helper()
	r, err := trace.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	begun := make(map[string]trace.GoID)
	for {
		ev, err := r.ReadEvent()
		if err == io.EOF {
			return marks
		}
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind() != trace.EventLog || ev.Log().Category != "pastedev" {
			continue
		}
		marks = append(marks, ev.Log().Message)
		verb, x, _ := strings.Cut(ev.Log().Message, " ")
		if g, ok := begun[x]; verb == "begin" {
			begun[x] = ev.Goroutine()
		} else if ok && g != ev.Goroutine() {
			t.Errorf("%s begins on goroutine %d and ends on %d", x, g, ev.Goroutine())
		}
	}
}

// What the program does to its request still reaches the server while a profile runs.
func testForm(t *testing.T, g *profiled) {
	g.do("POST", "/cpu?on=1")
	defer g.do("POST", "/cpu?on=0")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("f", "f")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(bytes.Repeat([]byte("x"), 11<<20)) // more than what stays in memory
	form.Close()
	req, err := http.NewRequestWithContext(t.Context(), "POST", g.url+"/form", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set(agent.HeaderExchange, id(1))
	resp, err := clients["http/1"].Do(req)
	if err != nil {
		t.Fatal(err)
	}
	name, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !filepath.IsAbs(string(name)) {
		t.Fatalf("%q %v", name, err)
	}
	g.ask("/seen", "") // on that connection: the server is done with the request before
	if _, err := os.Stat(string(name)); !os.IsNotExist(err) {
		t.Errorf("the server has not removed %s: %v", name, err)
	}
}

func testRefusals(t *testing.T, g *profiled) {
	g.refused("GET", "/", 404, "the agent knows no GET")
	g.refused("DELETE", "/cpu", 404, "the agent knows no DELETE")
	g.refused("POST", "/cpu", 400, "neither 0 nor 1")
	g.refused("POST", "/calls?on=yes", 400, "neither 0 nor 1")
	g.refused("POST", "/flight?on=1&mb=0", 400, "mb is not between 1 and 256")
	g.refused("GET", "/goroutines?exchange=1", 400, "no id")
	g.refused("GET", "/goroutines?exchange="+id(99), 404, "no goroutine of exchange "+id(99))
	g.do("POST", "/calls?on=1")
	g.do("POST", "/calls?on=0")
}

// testStuck looks at handlers that never come to an end.
func testStuck(t *testing.T, g *profiled) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for path, x := range map[string]string{"/waitleft": id(1), "/waitright": id(2)} {
		wg.Go(func() { g.get(clients["http/1"], path, x) })
	}
	defer g.ask("/release", "")
	stacks := func(x string, want ...string) string {
		for late := time.Now().Add(deadline); ; {
			_, data := g.command(clients["http/1"], "GET", g.url+agent.CommandPath+"/goroutines?exchange="+x, commandToken)
			missing := slices.ContainsFunc(want, func(f string) bool { return !bytes.Contains(data, []byte("\n"+f+"(")) })
			if !missing {
				return string(data)
			}
			if time.Now().After(late) {
				t.Fatalf("exchange %s has no %s:\n%s", x, want, data)
			}
		}
	}
	left := stacks(id(1), "main.waitLeft", "main.waitLeftChild")
	right := stacks(id(2), "main.waitRight")
	if strings.Count(left, "goroutine ") != 2+strings.Count(left, "in goroutine ") || strings.Contains(left, "waitRight") || !strings.Contains(left, "[chan receive") {
		t.Errorf("the goroutines of the left:\n%s", left)
	}
	if strings.Contains(right, "waitLeft") || strings.Contains(right, "\n\n") {
		t.Errorf("the goroutines of the right:\n%s", right)
	}
	all := string(g.do("GET", "/goroutines"))
	for _, f := range []string{"main.waitLeft(", "main.waitRight(", "main.main("} {
		if !strings.Contains(all, "\n"+f) {
			t.Errorf("the goroutines hold no %s", f)
		}
	}
}
