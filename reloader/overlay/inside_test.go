package overlay_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/agent"
)

// TestInsideARequest tries every hook on every supported version of Go.
func TestInsideARequest(t *testing.T) {
	for _, version := range toolchains {
		t.Run(version, func(t *testing.T) {
			c := serverConfig(t, version, nil)
			program := build(t, instrument(t, c), c, ".")
			g := serve(t, program, targetConfig{})
			t.Run("messages", func(t *testing.T) { testMessages(t, g) })
			t.Run("protocols", func(t *testing.T) { testProtocols(t, g) })
			t.Run("panics", func(t *testing.T) { testPanics(t, g) })
			t.Run("quiet", func(t *testing.T) { testQuiet(t, g) })
			t.Run("later", func(t *testing.T) { testLater(t, g) })
			t.Run("live", func(t *testing.T) { testLive(t, g) })
			t.Run("attribution", func(t *testing.T) { testAttribution(t, g) })
			t.Run("snapshot", func(t *testing.T) { testSnapshot(t, program) })
			t.Run("end", func(t *testing.T) { testEnd(t, program) })
			t.Run("unread", func(t *testing.T) { testUnread(t, program) })
		})
	}
}

func testMessages(t *testing.T, g *target) {
	tests := []struct{ path, want string }{
		{"/logs", `stderr "plain\n" LOG []
stdout "RICH" WARN ["app" "shop" "req.id" "7" "req.path" "/logs" "req.user.name" "ann" "req.err" "no luck"]
stderr "ERROR by default n=1\n" ERROR ["n" "1"]
log "elsewhere" INFO ["k" "v"]
stdout "not a record\n"  []
done 200 logs=5 sql=0 calls=0 more=0 panic=false
`},
		{"/sql", `1 sql query "select 1" ["42" "\"it's\"" "[]byte(\"b\")" "nil" "true" "1.5" "n=3"] rows=-1 tx=0  0 "main.statements"
1 rows=2
2 sql exec "update t" [] rows=3 tx=0  0 "main.statements"
3 sql begin "" [] rows=-1 tx=1  0 "main.statements"
4 sql query "select one" [] rows=-1 tx=1  0 "main.statements"
4 rows=1
5 sql commit "" [] rows=-1 tx=1  0 "main.statements"
6 sql prepare "select prepared" [] rows=-1 tx=0  0 "main.statements"
7 sql exec "select prepared" ["1"] rows=3 tx=0  0 "main.statements"
8 sql exec "fail" [] rows=-1 tx=0 it failed 0 "main.statements"
done 200 logs=0 sql=8 calls=0 more=0 panic=false
`},
		{"/calls", `1 call GET "SELF/hello?x=1" [] rows=0 tx=0  200 "main.calls"
2 call GET "http://127.0.0.1:1/refused" [] rows=0 tx=0 dial tcp 127.0.0.1:1: connect: connection refused 0 "main.calls"
done 200 logs=0 sql=0 calls=2 more=0 panic=false
`},
		{"/nested", "stdout \"outer\\n\"  []\ndone 200 logs=1 sql=0 calls=1 more=0 panic=false\n"},
	}
	for i, tt := range tests {
		x := id(100 + i)
		a := g.ask(tt.path, x)
		all := g.of(x)
		if tt.path == "/nested" {
			all = pick(all, agent.TypeOutput, agent.TypeDone)
		}
		got := strings.ReplaceAll(show(all), g.url, "SELF")
		if at := strings.Index(got, `"{\"time`); at >= 0 {
			end := at + strings.Index(got[at:], `}\n"`) + len(`}\n"`)
			got = got[:at] + `"RICH"` + got[end:]
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, d)
		}
		for _, m := range all {
			if m.Exchange != x || m.Type != agent.TypeDone && m.Type != agent.TypeRows && (m.Goroutine == 0 || m.Time == 0) {
				t.Errorf("%s: %+v", tt.path, m)
			}
		}
		if done := all[len(all)-1]; !strings.Contains(a.sums, fmt.Sprintf("logs=%d;sql=%d;sqlus=%d;calls=%d;", done.Logs, done.SQL, done.SQLTime, done.Calls)) {
			t.Errorf("%s: sums are %q, done says %+v", tt.path, a.sums, done)
		}
		if tt.path == "/calls" && (!strings.Contains(a.body, "Traceparent:[00-"+x+"-") || !strings.HasSuffix(a.body, " 0 true true")) {
			t.Errorf("outgoing request: %s", a.body)
		}
	}
	many := id(120)
	g.ask("/many", many)
	all := g.of(many)
	if spans, done := pick(all, agent.TypeSpan), all[len(all)-1]; len(spans) != 500 || done.SQL != 600 || done.Count != 100 {
		t.Errorf("of 600 statements %d came, and %+v", len(spans), done)
	}
}

// What the program and its clients see is the same with and without an exchange.
func testProtocols(t *testing.T, g *target) {
	for name, c := range clients {
		x := id(len(name) + 200 + strings.IndexByte(name, '2'))
		without, err := g.get(c, "/prints?n=3&key=a", "")
		if err != nil {
			t.Fatal(name, err)
		}
		if without.sums != "" {
			t.Errorf("%s: sums without an exchange: %q", name, without.sums)
		}
		with, err := g.get(c, "/prints?n=3&key=a", x)
		if err != nil {
			t.Fatal(name, err)
		}
		if !strings.HasPrefix(with.sums, "logs=4;sql=0;") {
			t.Errorf("%s: sums %q", name, with.sums)
		}
		if n := len(pick(g.of(x), agent.TypeOutput)); n != 5 {
			t.Errorf("%s: %d outputs, want 5", name, n)
		}
		hello, err := g.get(c, "/hello", x)
		if err != nil || strings.Contains(hello.body, "Pastedev") {
			t.Errorf("%s: the program saw %s %v", name, hello.body, err)
		}
		if bad, err := g.get(c, "/hello", "no id"); err != nil || bad.sums != "" || strings.Contains(bad.body, "Pastedev") {
			t.Errorf("%s: a header that is no id: %+v %v", name, bad, err)
		}
	}
}

func testPanics(t *testing.T, g *target) {
	tests := []struct{ query, want string }{
		{"kind=nil", `panic runtime.errorString "runtime error: invalid memory address or nil pointer dereference" causes [] at main.panics count 1`},
		{"kind=index", `panic runtime.boundsError "runtime error: index out of range [2] with length 0" causes [] at main.panics count 1`},
		{"kind=error", `panic main.wrapped "wrapped: EOF\nmore: file does not exist" causes ["1\t*errors.joinError\tEOF\nmore: file does not exist" "2\t*errors.errorString\tEOF" "2\t*fmt.wrapError\tmore: file does not exist" "3\t*errors.errorString\tfile does not exist"] at main.panics count 1`},
		{"", `panic string "on purpose" causes [] at main.panics count 1`},
	}
	for i, tt := range tests {
		x := id(300 + i)
		if a, err := g.get(clients["http/1"], "/panic?"+tt.query, x); err == nil {
			t.Errorf("%s: answered %+v", tt.query, a)
		}
		all := g.of(x)
		found := pick(all, agent.TypePanic)
		if len(found) == 0 {
			t.Errorf("%s: no panic in\n%s", tt.query, show(all))
			continue
		}
		p := found[0]
		if strings.HasPrefix(p.ValueType, "runtime.") && strings.Contains(tt.want, "runtime.errorString") {
			p.ValueType = "runtime.errorString" // it is errorAddressString when the address is known
		}
		if d := cmp.Diff(tt.want+"\n", show([]agent.Message{p})); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.query, d)
		}
		if created, ok := agent.ParseFrame(p.Created); !ok || created.Function != "net/http.(*Server).Serve" {
			t.Errorf("created by %q", p.Created)
		}
		if done := pick(all, agent.TypeDone)[0]; done.Panic != p.ID || p.ID == 0 || p.Thread == 0 && p.Wait != 0 {
			t.Errorf("%s: done %+v, panic %+v", tt.query, done, p)
		}
		if before := pick(all, agent.TypeOutput); len(before) == 0 || before[0].Text != "before\n" || all[0].Type != agent.TypeOutput {
			t.Errorf("%s: what came before the panic:\n%s", tt.query, show(all))
		}
		// What the server writes about the panic belongs to the exchange too.
		g.wait(func(m agent.Message) bool { return m.Exchange == x && strings.HasPrefix(m.Text, "http: panic serving") },
			func(all []agent.Message) bool { return len(all) == 1 })
	}
	testRaisedAgain(t, g)
	x := id(310)
	g.ask("/recovered", x)
	all := pick(g.of(x), agent.TypePanic)
	if len(all) != 31 || len(all[0].Frames) == 0 || len(all[29].Frames) != 0 || all[29].Count != 30 || all[30].Count != 1 {
		t.Errorf("31 panics:\n%s", show(all))
	}
	if a := g.ask("/badvalue", id(311)); a.status != 200 {
		t.Errorf("a value whose String panics: %+v", a)
	}
	if got := show(g.of(id(311))); !strings.Contains(got, `panic main.stringer "(its text panics)"`) || strings.Count(got, "panic main") != 1 {
		t.Errorf("a value whose String panics:\n%s", got)
	}
}

// What raises a panic again hides neither its place nor that it left the handler.
func testRaisedAgain(t *testing.T, g *target) {
	for i, query := range []string{"/timeout?kind=nil", "/timeout?kind=error", "/again?kind=index", "/again"} {
		x := id(330 + i)
		if a, err := g.get(clients["http/1"], query, x); err == nil {
			t.Errorf("%s: answered %+v", query, a)
		}
		all := g.of(x)
		for end, m := range all {
			if m.Type == agent.TypeDone { // the client may have asked twice
				all = all[:end+1]
				break
			}
		}
		found := pick(all, agent.TypePanic)
		if len(found) != 1 || first(found[0].Frames) != "main.panics" || pick(all, agent.TypeDone)[0].Panic != found[0].ID {
			t.Errorf("%s:\n%s", query, show(all))
		}
	}
}

// Nothing is said of panics that the standard library catches, of runtime.Goexit,
// and of a request in which nothing happens.
func testQuiet(t *testing.T, g *target) {
	if a := g.ask("/internal", id(400)); a.body != "true true true" {
		t.Errorf("/internal: %+v", a)
	}
	if a, err := g.get(clients["http/1"], "/abort", id(401)); err == nil {
		t.Errorf("/abort: %+v", a)
	}
	if a := g.ask("/child", id(402)); a.body != "0" {
		t.Errorf("the child has %s sockets", a.body)
	}
	dump := linkedRoot.ReplaceAllString(g.ask("/tracedump", id(403)).body, "")
	if strings.Contains(dump, "pastedev") || strings.Contains(dump, "internal/syscall") {
		t.Errorf("the stack of a handler:\n%s", dump)
	}
	g.ask("/prints?n=1&key=q", id(404))
	g.of(id(404)) // whatever the others sent has come
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.messages {
		if m.Exchange >= id(400) && m.Exchange <= id(403) {
			t.Errorf("unwanted: %+v", m)
		}
	}
}

// linkedRoot is the path by which a downloaded standard library was compiled. Whoever needs it
// first does that for all, be it in a state folder named .pastedev.
var linkedRoot = regexp.MustCompile(`/\S*/overlay/goroot/`)

func testLater(t *testing.T, g *target) {
	x := id(500)
	if a := g.ask("/later", x); a.status != 202 || !strings.HasPrefix(a.sums, "logs=0;") {
		t.Errorf("/later: %+v", a)
	}
	all := g.wait(func(m agent.Message) bool { return m.Exchange == x }, func(all []agent.Message) bool { return len(all) == 3 })
	want := `stdout "after the head\n"  []
done 202 logs=1 sql=0 calls=0 more=0 panic=false
stdout "after the end\n"  []
`
	if d := cmp.Diff(want, show(all)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What a handler prints is heard while it goes on.
func testLive(t *testing.T, g *target) {
	x := id(550)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", g.url+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(agent.HeaderExchange, x)
	resp, err := clients["http/1"].Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	g.wait(func(m agent.Message) bool { return m.Exchange == x && m.Text == "one\n" }, func(all []agent.Message) bool { return len(all) == 1 })
	cancel()
	g.of(x)
}

// testAttribution has 100 requests print 1,000 lines each, from many goroutines.
func testAttribution(t *testing.T, g *target) {
	const requests, lines = 100, 1000
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			c := clients["http/1"]
			if i%2 == 1 {
				c = clients["http/2"]
			}
			if _, err := g.get(c, fmt.Sprintf("/prints?n=%d&key=%d", lines, i), id(1000+i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	missing := int64(0)
	for i := range requests {
		all := g.of(id(1000 + i))
		good := 0
		for _, m := range pick(all, agent.TypeOutput) {
			if strings.HasPrefix(m.Text, "line ") && strings.HasSuffix(m.Text, fmt.Sprintf(" %d\n", i)) {
				good++
			} else if !strings.HasPrefix(m.Text, "cut ") && m.Text != "in two\n" {
				t.Fatalf("line %q is said to be of request %d", m.Text, i)
			}
		}
		if done := all[len(all)-1]; good > lines || done.Logs != lines+1 || done.Count != 0 {
			t.Fatalf("request %d: %d of %d lines came; %+v", i, good, lines, done)
		}
		missing += int64(lines + 2 - len(pick(all, agent.TypeOutput)))
	}
	// On a slow machine the reader may be late. Then the target says what was lost.
	g.wait(func(m agent.Message) bool { return m.Type == agent.TypeDropped }, func(all []agent.Message) bool {
		said := int64(0)
		for _, m := range all {
			said += m.Count
		}
		return said == missing
	})
}

// testSnapshot lets pastedev stop the program inside of a panic.
func testSnapshot(t *testing.T, program string) {
	var order []string // of one goroutine, and read when it has ended
	g := serve(t, program, targetConfig{env: []string{agent.EnvSnapshots + "=1"}, answer: func(g *target, m agent.Message) {
		switch m.Type {
		case agent.TypePanic:
			order = append(order, fmt.Sprint("panic waits ", m.Wait))
			if m.Wait == 1 && m.Thread == 0 {
				t.Error("no thread")
			}
			if m.Wait == 1 {
				g.reply(agent.Message{Type: agent.TypeTrace, ID: m.ID, PID: 1})
			}
		case agent.TypeTraceable:
			order = append(order, "traceable")
			g.reply(agent.Message{Type: agent.TypeGo, ID: m.ID + 1000}) // for somebody else
			g.reply(agent.Message{Type: agent.TypeGo, ID: m.ID})
		case agent.TypeDone:
			order = append(order, "done")
		}
	}})
	g.ask("/recovered", id(1))
	g.of(id(1))
	var want []string
	for range 3 {
		want = append(want, "panic waits 1", "traceable")
	}
	for range 27 {
		want = append(want, "panic waits 0")
	}
	want = append(want, "panic waits 1", "traceable", "done")
	g.stdin.Close()
	<-g.ended
	if d := cmp.Diff(want, order); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// testEnd loses nothing when the process ends in the middle of a request.
func testEnd(t *testing.T, program string) {
	for _, path := range []string{"/exit", "/crash"} {
		g := serve(t, program, targetConfig{})
		g.get(clients["http/1"], path, id(1))
		<-g.ended
		want := "exit status " + map[string]string{"/exit": "7", "/crash": "2"}[path]
		if g.exit == nil || g.exit.Error() != want {
			t.Errorf("%s: %v, want %s", path, g.exit, want)
		}
		g.wait(func(m agent.Message) bool { return m.Exchange == id(1) && m.Text == "last words\n" },
			func(all []agent.Message) bool { return len(all) == 1 })
		if path == "/crash" {
			p := g.wait(func(m agent.Message) bool { return m.Type == agent.TypePanic || m.Type == agent.TypeFatal },
				func(all []agent.Message) bool { return len(all) == 2 })
			if p[0].Text != "the end" || p[0].Exchange != id(1) || p[1].ID != p[0].ID || p[1].Goroutine != p[0].Goroutine {
				t.Errorf("the crash: %+v", p)
			}
		}
	}
}

// testUnread has the program print while nobody reads the socket.
func testUnread(t *testing.T, program string) {
	g := serve(t, program, targetConfig{unread: true})
	before := time.Now()
	for i := range 20 {
		if a := g.ask("/flood?mb=1", id(i+1)); a.status != http.StatusOK {
			t.Errorf("%+v", a)
		}
	}
	t.Logf("20 MB in %v", time.Since(before))
	if a := g.ask("/hello", ""); a.status != http.StatusOK {
		t.Errorf("%+v", a)
	}
}
