package control

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/session"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/authview"
)

// keepSession has a program keep a session in dir, and returns its cookie's value.
func keepSession(t *testing.T, dir, user string) string {
	t.Helper()
	m, err := session.New(session.Options{Dir: dir, Idle: 30 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	w := httptest.NewRecorder()
	m.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "user", user)
		m.Put(r.Context(), "api_key", "t0psecret")
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	c, err := http.ParseSetCookie(w.Header().Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return c.Value
}

// withFolder is an instance whose app keeps sessions in the folder that it returns.
func withFolder(t *testing.T) (*instance, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sessions")
	i := &instance{store: newFakeStore(), client: http.DefaultClient}
	i.svc = NewService(Options{Store: i.store, Sessions: &session.Folder{Path: dir}, Status: func() inspect.Status { return inspect.Status{Version: "test"} }})
	srv, err := Listen(t.Context(), i.svc, ServerOptions{StateDir: shortTempDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	i.Server = srv
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return i, dir
}

func fieldsOf(item authview.Item) string {
	var all []string
	for _, f := range item.Fields {
		all = append(all, f.Name+"="+f.Value)
	}
	return strings.Join(all, "\n")
}

// TestSessions: what an app keeps is listed, masked, found by the cookies of a request, and
// ended; over the client, as the command does it.
func TestSessions(t *testing.T) {
	i, dir := withFolder(t)
	inst, err := FindIn(i.opt.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(inst)
	defer c.Close()
	if list, err := c.Sessions(t.Context(), 0, false); err != nil || len(list) != 0 {
		t.Fatalf("no folder yet: %v, %v", list, err)
	}
	ann, bob := keepSession(t, dir, "ann"), keepSession(t, dir, "bob")
	list, err := c.Sessions(t.Context(), 0, false)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	ex := exchange("GET", "/cart", 200)
	ex.Request.Header = inspect.Header{"Cookie": {"theme=dark; session=" + ann + "; other=../../x"}}
	ex.Response.Header = inspect.Header{"Set-Cookie": {"session=" + bob + "; HttpOnly"}}
	i.store.add(ex)
	items, err := c.Credentials(t.Context(), ex.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	var kept []authview.Item
	for _, it := range items {
		kinds = append(kinds, string(it.Part)+" "+string(it.Kind))
		if it.Kind == authview.Stored {
			kept = append(kept, it)
		}
	}
	if diff := cmp.Diff([]string{"request cookie session id", "request cookie session", "set-cookie session id", "set-cookie session"}, kinds); diff != "" {
		t.Fatal(diff)
	}
	got := fieldsOf(kept[0]) + "\n"
	for _, want := range []string{"user=ann\n", "file=" + dir, "30 min without use", "api_key=*masked*"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "t0psecret") || strings.Contains(got, ann) {
		t.Errorf("a secret in\n%s", got)
	}
	one, err := c.Session(t.Context(), kept[0].Ref[:12], true)
	if err != nil || !strings.Contains(string(one.Values), "t0psecret") || one.Idle != 1800 || one.Types["user"] != "string" || one.Size == 0 {
		t.Errorf("revealed: %+v, %v", one, err)
	}
	if err := c.ForgetSession(t.Context(), kept[0].Ref[:12]); err != nil {
		t.Fatal(err)
	}
	if items, err = c.Credentials(t.Context(), ex.ID, false); err != nil || len(items) != 3 {
		t.Errorf("after its end: %+v, %v", items, err)
	}
	if _, err := c.Session(t.Context(), kept[0].Ref, false); !errors.Is(err, inspect.ErrNotFound) || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("asked for: %v", err)
	}
	for id, want := range map[string]string{kept[0].Ref: "not found", "ab": "at least 8", "../../../x": "at least 8", strings.Repeat("0", 64): "not found"} {
		if err := c.ForgetSession(t.Context(), id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ended %q: %v, want %q", id, err, want)
		}
	}
	// Where no folder is known there are none.
	bare := NewService(Options{Store: i.store, Status: func() inspect.Status { return inspect.Status{} }})
	if list, err := bare.Sessions(t.Context(), 10, false); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if err := bare.ForgetSession(t.Context(), kept[1].Ref); !errors.Is(err, inspect.ErrNotFound) {
		t.Errorf("ended %v", err)
	}
}

// TestSessionUnreadable: what only its program can read is listed, with the reason.
func TestSessionUnreadable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	files, err := session.NewFileStore(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Commit("token", []byte("\x00\x01\x02"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	s := NewService(Options{Store: newFakeStore(), Sessions: &session.Folder{Path: dir}, Status: func() inspect.Status { return inspect.Status{} }})
	list, err := s.Sessions(t.Context(), 10, true)
	if err != nil || len(list) != 1 || list[0].Problem == "" || list[0].Values != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestBrowserEndsSession: the page shows the session of a cookie and ends it, after a question.
func TestBrowserEndsSession(t *testing.T) {
	i, dir := withFolder(t)
	ex := exchange("GET", "/cart", 200)
	ex.Request.Header = inspect.Header{"Cookie": {"session=" + keepSession(t, dir, "ann")}}
	i.store.add(ex)
	b := newBrowser(t)
	stored := `[...document.querySelectorAll('.credential')].find((d) => d.querySelector("summary b").textContent === "session")`
	b.run(t, chromedp.Navigate(i.OpenURL()+"&to=/exchanges/"+string(ex.ID)+"/request"),
		until(stored+`.textContent.includes("ann")`), until(`!`+stored+`.textContent.includes("t0psecret")`),
		chromedp.Click(chromedp.CSS(".end-session")), until(`document.querySelector("dialog.ask h2").textContent === "End this session?"`),
		chromedp.Click(chromedp.CSS("dialog.ask .primary")), until(`document.querySelector(".credential") && !(`+stored+`)`))
	if p := b.problems(); p != "" {
		t.Errorf("console:\n%s", p)
	}
	if list, err := i.svc.Sessions(t.Context(), 10, false); err != nil || len(list) != 0 {
		t.Errorf("left: %+v, %v", list, err)
	}
}
