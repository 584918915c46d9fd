package panel

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/flame"
	"github.com/pastedev/pastedev/inspect"
)

// TestScriptSize holds the panel to its promise: what every page loads is small, and so is
// each part that is loaded when it is wanted, JavaScript and CSS together.
func TestScriptSize(t *testing.T) {
	for name, limit := range map[string]int{"panel.js": 15_250, viewScript: 16_000, stylesScript: 4_000, profileScript: len(flame.Script()) + 4_000, htmlScript: 4_000} {
		script := scriptNamed(name)
		if len(script) == 0 || len(script) > limit {
			t.Errorf("%s has %d bytes, more than %d", name, len(script), limit)
		}
		for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "createContextualFragment"} {
			if strings.Contains(string(script), sink) {
				t.Errorf("%s has %s, which Trusted Types forbids", name, sink)
			}
		}
	}
}

const pageID = inspect.ID("4bf92f3577b34da6a3ce929d0e0e4736")

func running() inspect.Status {
	return inspect.Status{State: inspect.StateRunning, Build: &inspect.Build{Number: 3, Result: inspect.BuildOK},
		ControlURL: "http://127.0.0.1:9/?t=1#token=secret"}
}

func TestGuard(t *testing.T) {
	h := New(Config{Status: running})
	good := Prefix + "exchanges?id=" + string(pageID) + "&cap=" + h.capability(pageID) + "&ids="
	tests := []struct {
		name, method, url string
		header            []string
		want              int
	}{
		{"ok", "GET", good, nil, 200},
		{"same origin", "GET", good, []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:8080"}, 200},
		{"script", "GET", Prefix + "panel.js?x", nil, 200},
		{"script cross-site", "GET", Prefix + "panel.js", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"view", "GET", Prefix + "view.js?1", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"view cross-site", "GET", Prefix + "view.js", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"module", "GET", Prefix + "profile.js", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"module cross-site", "GET", Prefix + "profile.js", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"profile without capability", "GET", Prefix + "profile?of=" + string(pageID), nil, 403},
		{"other port", "GET", good, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"foreign origin", "GET", good, []string{"Origin", "http://evil.example"}, 403},
		{"null origin", "GET", good, []string{"Origin", "null"}, 403},
		{"empty origin", "GET", good, []string{"Origin", ""}, 403},
		{"post", "POST", good, nil, 405},
		{"no capability", "GET", Prefix + "exchanges?ids=", nil, 403},
		{"wrong capability", "GET", Prefix + "events?id=" + string(pageID) + "&cap=AAAAAAAAAAAAAAAAAAAAAA", nil, 403},
		{"capability of another page", "GET", strings.Replace(good, "4bf9", "5bf9", 1), nil, 403},
		{"other path", "GET", Prefix + "secret", nil, 404},
		{"too many", "GET", good + strings.Repeat("a,", maxIDs), nil, 400},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "http://localhost:8080"+tt.url, nil)
		for i := 0; i < len(tt.header); i += 2 {
			r.Header.Set(tt.header[i], tt.header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
		for _, name := range []string{"Cross-Origin-Resource-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s: no %s", tt.name, name)
			}
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: opened to other origins", tt.name)
		}
	}
}

func TestSrc(t *testing.T) {
	a, b := New(Config{Status: running}), New(Config{Status: running})
	if a.Src(pageID, 1) == b.Src(pageID, 1) {
		t.Error("two runs make the same capability")
	}
	if first, again := a.Src(pageID, 1), a.Src(pageID, 1); first != again || !strings.HasPrefix(a.Src(pageID, 1), Prefix+"panel.js?id="+string(pageID)+"&cap=") {
		t.Errorf("address %s", a.Src(pageID, 1))
	}
	if !strings.Contains(a.Src(pageID, 4), "&b=4&") || !strings.Contains(a.Src(pageID, 0), "&g=0&") {
		t.Errorf("addresses %s, %s do not name build and generation", a.Src(pageID, 4), a.Src(pageID, 0))
	}
}

func TestExchanges(t *testing.T) {
	other := inspect.ID("5bf92f3577b34da6a3ce929d0e0e4736")
	h := New(Config{Status: running, Lookup: func(_ context.Context, id inspect.ID) (inspect.Summary, error) {
		if id != pageID {
			return inspect.Summary{}, inspect.ErrNotFound
		}
		return inspect.Summary{ID: id, Method: "GET", Path: "/a", URL: "http://x/a?token=1", Status: 200, Client: "1.2.3.4:5",
			Duration: inspect.Millis(1500 * time.Microsecond), ResponseSize: 7}, nil
	}})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"exchanges?id="+string(pageID)+"&cap="+h.capability(pageID)+"&ids="+string(pageID)+","+string(other)+",bad", nil))
	want := `{"items":[{"id":"` + string(pageID) + `","method":"GET","path":"/a","status":200,"duration_ms":1.5,"response_size":7}]}` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Error(diff)
	}
}

// chanFeed is a Feed over one channel.
type chanFeed chan inspect.Event

func (f chanFeed) Subscribe(context.Context) <-chan inspect.Event { return f }

// stream is the receiving end of an event stream.
type stream struct {
	*bufio.Reader
	t *testing.T
}

// next returns the name and data of the next event.
func (s stream) next() (name, data string) {
	s.t.Helper()
	for {
		line, err := s.ReadString('\n')
		if err != nil {
			return "", err.Error()
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "event: "):
			name = line[7:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && name != "":
			return name, data
		}
	}
}

func TestEvents(t *testing.T) {
	feed := make(chanFeed)
	h := New(Config{Status: running, Feed: feed})
	done := make(chan struct{})
	go func() { defer close(done); h.Run(t.Context()) }()
	server := httptest.NewServer(h)
	defer server.Close()
	res, err := http.Get(server.URL + Prefix + "events?id=" + string(pageID) + "&cap=" + h.capability(pageID))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	s := stream{bufio.NewReader(res.Body), t}
	check := func(wantName, want string) {
		t.Helper()
		name, data := s.next()
		if name != wantName || !strings.Contains(data, want) || !json.Valid([]byte(data)) {
			t.Errorf("got %s %s, want %s with %s", name, data, wantName, want)
		}
		if strings.Contains(data, "secret") {
			t.Errorf("%s tells the control token: %s", name, data)
		}
	}
	check("state", `"state":"running","build":3,"generation":0,"assets":0,"control":"http://127.0.0.1:9/"`)
	check("build", `"number":3`)
	feed <- inspect.OutputWritten{}
	feed <- inspect.BuildChanged{Build: inspect.Build{Number: 4, Result: inspect.BuildFailed, Output: "\x1b[31mred\x1b[0m",
		Diagnostics: make([]inspect.Diagnostic, 3*maxDiagnostics)}}
	name, data := s.next()
	var b buildMessage
	if err := json.Unmarshal([]byte(data), &b); err != nil || name != "build" || b.Errors != 3*maxDiagnostics || strings.Count(data, `"div","x"`) != maxDiagnostics || strings.Contains(data, "\x1b") {
		t.Errorf("got %s %s", name, data)
	}
	feed <- inspect.StateChanged{State: inspect.StateRunning, Build: 5}
	check("state", `"build":5,"generation":1`)
	feed <- inspect.AssetsChanged{Paths: []string{"a.css"}, Styles: true}
	check("assets", `"assets":1,"paths":["a.css"],"styles":true`)
	close(feed)
	<-done
	if name, data := s.next(); name != "" || data != "EOF" {
		t.Errorf("after the end: %s %s", name, data)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"events?id="+string(pageID)+"&cap="+h.capability(pageID), nil))
	if w.Code != 503 {
		t.Errorf("after the end: %d", w.Code)
	}
}

// TestSlowClient: a page that does not read is cut off and holds nobody up.
func TestSlowClient(t *testing.T) {
	h := New(Config{Status: running})
	c := h.join(pageID)
	for i := range queue + 1 {
		h.send("state", i)
	}
	n := 0
	for range c.queue { // closed behind what it holds
		n++
	}
	if n != queue || len(h.clients) != 0 {
		t.Errorf("held %d messages, %d clients left", n, len(h.clients))
	}
	for range maxClients {
		if h.join(pageID) == nil {
			t.Fatal("refused below the limit")
		}
	}
	if h.join(pageID) != nil {
		t.Error("no limit on clients")
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{Status: running})
		ctx, cancel := context.WithCancel(t.Context())
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"events?id="+string(pageID)+"&cap="+h.capability(pageID), nil).WithContext(ctx))
		}()
		time.Sleep(2*heartbeat + time.Second) // the bubble's clock
		synctest.Wait()
		cancel()
		<-done
		if n := strings.Count(w.Body.String(), "\n:\n"); n != 2 {
			t.Errorf("%d heartbeats in %v, want 2:\n%s", n, 2*heartbeat, w.Body)
		}
	})
}

func ExampleHandler_Src() {
	h := New(Config{Status: running, Secret: []byte("of this run")})
	fmt.Println(h.Src("4bf92f3577b34da6a3ce929d0e0e4736", 12))
	// Output: /_pastedev/panel.js?id=4bf92f3577b34da6a3ce929d0e0e4736&cap=1gwkwLQlZ5L4Jr2G_tO-1A&b=12&a=0
}
