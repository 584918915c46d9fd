package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/session"
)

// notices collects what a manager tells.
type notices struct {
	mu   sync.Mutex
	list []error
}

func (n *notices) add(err error) { n.mu.Lock(); defer n.mu.Unlock(); n.list = append(n.list, err) }

func (n *notices) take() []error {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

func manager(t testing.TB, o session.Options) (*session.Manager, *notices) {
	t.Helper()
	n := &notices{}
	if o.Notice == nil {
		o.Notice = n.add
	}
	m, err := session.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, n
}

// ask sends a request with the cookies to h and returns the answer.
func ask(h http.Handler, target string, cookies ...*http.Cookie) *http.Response {
	r := httptest.NewRequest("GET", target, nil)
	for _, c := range cookies {
		r.Header.Add("Cookie", c.Name+"="+c.Value) // as it is: AddCookie would mend it
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(res *http.Response) string { b, _ := io.ReadAll(res.Body); return string(b) }

// shop puts ?key=value and shows the whole session.
func shop(m *session.Manager) http.Handler {
	return m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for k, v := range r.URL.Query() {
			m.Put(r.Context(), k, v[0])
		}
		for _, k := range m.Keys(r.Context()) {
			fmt.Fprintf(w, "%s=%s;", k, m.GetString(r.Context(), k))
		}
	}))
}

func TestSessionCookie(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "files": filepath.Join(t.TempDir(), "s")} {
		m, _ := manager(t, session.Options{Dir: dir})
		h := shop(m)
		if res := ask(h, "/"); len(res.Cookies()) != 0 || res.Header.Get("Vary") != "Cookie" {
			t.Errorf("%s: a session that nobody used has a cookie", name)
		}
		res := ask(h, "/?a=1")
		c := res.Cookies()
		if len(c) != 1 || c[0].Name != "session" || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Path != "/" ||
			c[0].MaxAge < 86390 || c[0].MaxAge > 86401 || len(c[0].Value) < 43 {
			t.Fatalf("%s: %v", name, c)
		}
		if got := text(ask(h, "/?b=2", c[0])); got != "a=1;b=2;" {
			t.Errorf("%s: %q", name, got)
		}
		if other := ask(h, "/?a=1").Cookies(); other[0].Value == c[0].Value {
			t.Errorf("%s: two visitors, one token", name)
		}
		m.Close()
		m.Close() // twice is no error
	}
}

func TestSessionSurvivesRestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "sessions")
	first, _ := manager(t, session.Options{Dir: dir, Cookie: "sid", Secure: true})
	res := ask(shop(first), "/?cart=3")
	first.Close()
	if c := res.Cookies()[0]; c.Name != "sid" || !c.Secure {
		t.Errorf("%v", c)
	}
	second, n := manager(t, session.Options{Dir: dir, Cookie: "sid"})
	if got := text(ask(shop(second), "/", res.Cookies()...)); got != "cart=3;" {
		t.Errorf("%q", got)
	}
	if list := n.take(); list != nil {
		t.Error(list)
	}
	if runtime.GOOS == "windows" {
		return
	}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if strings.Contains(path, res.Cookies()[0].Value) {
			t.Errorf("%s tells the token", path)
		}
		return nil
	})
}

// TestSessionTokenIsNoPath is the defect of paste.session that we must not have.
func TestSessionTokenIsNoPath(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "sessions")
	m, n := manager(t, session.Options{Dir: dir})
	h := shop(m)
	outside := filepath.Join(parent, "outside.session")
	real := ask(h, "/?a=secret").Cookies()[0]
	files, _ := filepath.Glob(dir + "/*.session")
	content, err := os.ReadFile(files[0]) // a true session, planted where a path would lead
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(outside, content, 0o600)
	id := strings.TrimSuffix(filepath.Base(files[0]), ".session")
	store, err := session.NewFileStore(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"../outside", "../outside.session", outside, strings.TrimSuffix(outside, ".session"), "/etc/passwd", "..", ".", "/", "", "a\x00b", "\x00",
		id, id + ".session", "./" + id, strings.Repeat("x", 100_000), "*", `..\outside`, "C:\\x"} {
		res := ask(h, "/", &http.Cookie{Name: "session", Value: token})
		if got := text(res); got != "" || res.StatusCode != 200 {
			t.Errorf("%.40q: %d %q", token, res.StatusCode, got)
		}
		if _, found, err := store.Find(token); found || err != nil {
			t.Errorf("find %.40q: %v %v", token, found, err)
		}
		if err := store.Delete(token); err != nil {
			t.Errorf("delete %.40q: %v", token, err)
		}
		if token == "" {
			continue
		}
		if err := store.Commit(token, []byte("x"), time.Now().Add(time.Hour)); err != nil {
			t.Errorf("commit %.40q: %v", token, err)
		}
		store.Delete(token)
	}
	if now, err := os.ReadFile(outside); err != nil || string(now) != string(content) {
		t.Errorf("the file outside was touched: %v", err)
	}
	list, _ := os.ReadDir(parent)
	inside, _ := os.ReadDir(dir)
	if len(list) != 2 || len(inside) != 1 {
		t.Errorf("%v %v", list, inside)
	}
	if got := text(ask(h, "/", real)); got != "a=secret;" {
		t.Errorf("the true one: %q", got)
	}
	if list := n.take(); list != nil {
		t.Error(list)
	}
}

func TestSessionForeignTokenGetsNewOne(t *testing.T) {
	m, _ := manager(t, session.Options{})
	res := ask(shop(m), "/?a=1", &http.Cookie{Name: "session", Value: "chosen-by-client"})
	if c := res.Cookies(); len(c) != 1 || c[0].Value == "chosen-by-client" {
		t.Errorf("%v", c)
	}
}

func TestSessionSpoiltFile(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"empty": func([]byte) []byte { return nil }, "cut": func(b []byte) []byte { return b[:len(b)-1] }, "longer": func(b []byte) []byte { return append(b, 0) },
		"bit": func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, "expiry": func(b []byte) []byte { b[9] ^= 1; return b }, "other": func([]byte) []byte { return []byte("hello") },
		"huge": func([]byte) []byte { return make([]byte, 2<<20) },
	} {
		dir := filepath.Join(t.TempDir(), "s")
		m, n := manager(t, session.Options{Dir: dir})
		c := ask(shop(m), "/?a=1").Cookies()
		files, _ := filepath.Glob(dir + "/*.session")
		b, _ := os.ReadFile(files[0])
		os.WriteFile(files[0], spoil(b), 0o600)
		res := ask(shop(m), "/?b=2", c...)
		if got := text(res); res.StatusCode != 200 || got != "b=2;" || len(res.Cookies()) != 1 {
			t.Errorf("%s: %d %q %v", name, res.StatusCode, got, res.Cookies())
		}
		if list := n.take(); len(list) != 1 || !strings.Contains(list[0].Error(), files[0]) {
			t.Errorf("%s: told %v", name, list)
		}
	}
}

// TestSessionParallelKeepsAll: requests of one session that overlap keep each other's keys.
func TestSessionParallelKeepsAll(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "files": filepath.Join(t.TempDir(), "s")} {
		m, n := manager(t, session.Options{Dir: dir})
		h := shop(m)
		c := ask(h, "/?first=1&gone=1").Cookies()
		const many = 12
		var loaded, done sync.WaitGroup
		loaded.Add(many)
		slow := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			loaded.Done()
			loaded.Wait() // all have read the session before any writes
			m.Put(r.Context(), r.URL.Query().Get("k"), "x")
			m.Remove(r.Context(), "gone")
			io.WriteString(w, "answer begun")
			m.Put(r.Context(), r.URL.Query().Get("k")+"-late", "y")
		}))
		for i := range many {
			done.Go(func() { ask(slow, fmt.Sprintf("/?k=%02d", i), c...) })
		}
		done.Wait()
		want := ""
		for i := range many {
			want += fmt.Sprintf("%02d=x;%02d-late=y;", i, i)
		}
		if d := cmp.Diff(want+"first=1;", text(ask(h, "/", c...))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if list := n.take(); list != nil {
			t.Error(list)
		}
	}
}

func TestSessionSerialCounts(t *testing.T) {
	m, _ := manager(t, session.Options{Serial: true, Dir: filepath.Join(t.TempDir(), "s")})
	h := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "n", m.GetInt(r.Context(), "n")+1)
		fmt.Fprint(w, m.GetInt(r.Context(), "n"))
	}))
	c := ask(h, "/").Cookies()
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() { ask(h, "/", c...) })
	}
	all.Wait()
	if got := text(ask(h, "/", c...)); got != "32" {
		t.Errorf("counted to %s, want 32", got)
	}
}

func TestSessionSerialWaitEndsWithTheClient(t *testing.T) {
	m, _ := manager(t, session.Options{Serial: true, Dir: filepath.Join(t.TempDir(), "s")})
	synctest.Test(t, func(t *testing.T) {
		c := ask(shop(m), "/?a=1").Cookies()
		free := make(chan bool)
		h := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-free }))
		go ask(h, "/", c...)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
		r.AddCookie(c[0])
		defer close(free)
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("panic %v", p)
			}
		}()
		h.ServeHTTP(httptest.NewRecorder(), r)
		t.Error("served in another's turn")
	})
}

func TestSessionDestroyedStaysSo(t *testing.T) {
	m, n := manager(t, session.Options{Dir: filepath.Join(t.TempDir(), "s")})
	c := ask(shop(m), "/?user=bob").Cookies()
	out := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.Destroy(r.Context()) }))
	slow := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		res := ask(out, "/logout", c...)
		if got := res.Cookies(); len(got) != 1 || got[0].MaxAge >= 0 {
			t.Errorf("the cookie is not taken back: %v", got)
		}
		m.Put(r.Context(), "k", "v")
		io.WriteString(w, "fine")
	}))
	res := ask(slow, "/", c...)
	if text(res) != "fine" || res.StatusCode != 200 || len(res.Cookies()) != 0 {
		t.Errorf("%d %v", res.StatusCode, res.Cookies())
	}
	if got := text(ask(shop(m), "/", c...)); got != "" {
		t.Errorf("a session that was ended came back: %q", got)
	}
	if list := n.take(); len(list) != 1 || !strings.Contains(list[0].Error(), "ended or renewed") {
		t.Errorf("told %v", list)
	}
}

func TestSessionRenewedAtLogin(t *testing.T) {
	m, _ := manager(t, session.Options{Dir: filepath.Join(t.TempDir(), "s")})
	before := ask(shop(m), "/?cart=1").Cookies()[0]
	login := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := m.RenewToken(r.Context()); err != nil {
			t.Error(err)
		}
	}))
	after := ask(login, "/", before).Cookies()[0]
	if after.Value == before.Value || text(ask(shop(m), "/", before)) != "" || text(ask(shop(m), "/", after)) != "cart=1;" {
		t.Error("the token before the login is still good")
	}
}

// TestSessionLate: what is put in after the answer has begun is kept if the client knows
// the session, and reported if it cannot.
func TestSessionLate(t *testing.T) {
	m, n := manager(t, session.Options{Dir: filepath.Join(t.TempDir(), "s")})
	late := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/write":
			io.WriteString(w, "begun")
		case "/header":
			w.WriteHeader(204)
		case "/flush":
			http.NewResponseController(w).Flush()
		}
		if r.URL.RawQuery == "end" {
			m.Destroy(r.Context())
			return
		}
		m.Put(r.Context(), "late", "yes")
	}))
	for _, path := range []string{"/write", "/header", "/flush"} {
		res := ask(late, path)
		list := n.take()
		var e *session.LateError
		if len(list) != 1 || !errors.As(list[0], &e) || e.Path != path || cmp.Diff([]string{"late"}, e.Keys) != "" || len(res.Cookies()) != 0 {
			t.Errorf("%s: told %v, cookies %v", path, list, res.Cookies())
		}
		known := ask(shop(m), "/?a=1").Cookies()
		ask(late, path, known...)
		if got := text(ask(shop(m), "/", known...)); got != "a=1;late=yes;" {
			t.Errorf("%s with a cookie: %q", path, got)
		}
		if list := n.take(); list != nil {
			t.Errorf("%s with a cookie: told %v", path, list)
		}
		ask(late, path+"?end", known...)
		if got := text(ask(shop(m), "/", known...)); got != "" || len(n.take()) != 1 {
			t.Errorf("%s: ended late, but there: %q", path, got)
		}
	}
	if c := ask(late, "/nothing").Cookies(); len(c) != 1 || n.take() != nil {
		t.Errorf("without a body: %v", c)
	}
}

func TestSessionExpiryAndSweep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	m, _ := manager(t, session.Options{Dir: dir, Lifetime: time.Hour, Idle: 10 * time.Minute})
	synctest.Test(t, func(t *testing.T) {
		h := shop(m)
		var idle, used []*http.Cookie
		for i := range 700 { // more than one sweep takes
			c := ask(h, fmt.Sprintf("/?n=%d", i)).Cookies()
			if i == 0 {
				used = c
			}
			idle = c
		}
		for range 7 {
			time.Sleep(8 * time.Minute)
			if text(ask(h, "/", used...)) != "n=0;" {
				t.Fatal("a session in use ended")
			}
		}
		if text(ask(h, "/", idle...)) != "" {
			t.Error("an idle session lasts")
		}
		time.Sleep(5 * time.Minute)
		if text(ask(h, "/", used...)) != "" {
			t.Error("a session outlived its lifetime")
		}
		os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600)
		os.WriteFile(filepath.Join(dir, ".unfinished-1"), nil, 0o600)
		os.Chtimes(filepath.Join(dir, ".unfinished-1"), time.Unix(1, 0), time.Unix(1, 0))
		for range 3 {
			time.Sleep(6 * time.Minute)
			ask(h, "/?x=1")
		}
		m.Close()
	})
	var names []string
	entries, _ := os.ReadDir(dir)
	sessions := 0
	for _, e := range entries {
		if names = append(names, e.Name()); strings.HasSuffix(e.Name(), ".session") {
			sessions++
		}
	}
	if sessions > 3 || sessions < 1 || len(names) != sessions+1 {
		t.Errorf("%d sessions of %d files", sessions, len(names))
	}
}

func TestSessionsAreShownAndForgotten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	m, _ := manager(t, session.Options{Dir: dir})
	c := ask(shop(m), "/?a=1&b=2").Cookies()
	list, err := m.Sessions(10)
	if err != nil || len(list) != 1 || cmp.Diff(map[string]any{"a": "1", "b": "2"}, list[0].Values) != "" || time.Until(list[0].Expiry) < 23*time.Hour {
		t.Fatalf("%v %v", list, err)
	}
	for _, id := range []string{"../x", "", "x", c[0].Value} {
		if m.Forget(id) == nil {
			t.Errorf("%q is no ID", id)
		}
	}
	if err := m.Forget(list[0].ID); err != nil || text(ask(shop(m), "/", c...)) != "" {
		t.Errorf("not forgotten: %v", err)
	}
	if err := m.Forget(list[0].ID); err != nil {
		t.Error(err)
	}
}

func TestFileStoreErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o600)
	open := filepath.Join(dir, "open")
	os.Mkdir(open, 0o755)
	os.Chmod(open, 0o755)
	if _, err := session.New(session.Options{Dir: file}); err == nil || !strings.HasPrefix(err.Error(), "open the sessions: ") {
		t.Errorf("%v", err)
	}
	if _, err := session.New(session.Options{Dir: open}); runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "hint: chmod 700")) {
		t.Errorf("%v", err)
	}
	s, err := session.NewFileStore(filepath.Join(dir, "s"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit("t", make([]byte, 1<<20+1), time.Now().Add(time.Hour)); err == nil {
		t.Error("a session without bound")
	}
	m, n := manager(t, session.Options{Dir: filepath.Join(dir, "m")})
	big := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.Put(r.Context(), "big", strings.Repeat("x", 2<<20)) }))
	if res := ask(big, "/"); res.StatusCode != 500 || len(n.take()) != 1 {
		t.Errorf("%d", res.StatusCode)
	}
}

// TestSessionOverTheWire: with a browser's jar, a stream, and a connection taken over.
func TestSessionOverTheWire(t *testing.T) {
	m, _ := manager(t, session.Options{})
	next := make(chan bool)
	s := httptest.NewServer(m.Handler(m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(103) // is no answer yet
		m.Put(r.Context(), "n", m.GetInt(r.Context(), "n")+1)
		switch r.URL.Path {
		case "/stream":
			io.WriteString(w, "first")
			w.(http.Flusher).Flush()
			<-next
		case "/hijack":
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nSet-Cookie: %s\r\n\r\nraw", w.Header().Get("Set-Cookie"))
			c.Close()
		default:
			fmt.Fprint(w, m.GetInt(r.Context(), "n"))
		}
	}))))
	defer s.Close()
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar}
	res, err := c.Get(s.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if io.ReadFull(res.Body, b); string(b) != "first" {
		t.Errorf("%q", b)
	}
	close(next)
	res.Body.Close()
	if res, err = c.Get(s.URL + "/hijack"); err != nil || text(res) != "raw" {
		t.Error(err)
	}
	if res, err = c.Get(s.URL + "/"); err != nil || text(res) != "3" {
		t.Error(err)
	}
}
