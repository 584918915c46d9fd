package nu

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

const said = `{"messages":[
 {"type":"error","lastLine":2,"firstColumn":4,"lastColumn":6,"message":"Stray end tag “i”."},
 {"type":"info","subType":"warning","firstLine":1,"lastLine":2,"firstColumn":1,"lastColumn":2,"message":"Consider adding a “lang” attribute to the “html” start tag to declare the language of this document."},
 {"type":"error","lastLine":2,"firstColumn":2,"lastColumn":2,"message":"CSS: “colr”: Property “colr” doesn't exist."},
 {"type":"error","lastLine":3,"firstColumn":1,"lastColumn":1,"message":"CSS: “colr”: Property “colr” doesn't exist."},
 {"type":"info","message":"no place"}]}`

func TestCheckAsksURL(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); r.FormValue("out") != "json" || r.FormValue("laxtype") != "yes" ||
			r.Header.Get("Content-Type") != "text/html" || !strings.Contains(string(body), "𝄞") {
			http.Error(w, "not asked as it should be", http.StatusBadRequest)
			return
		}
		io.WriteString(w, said)
	}))
	defer srv.Close()
	c, err := New(Options{Where: srv.URL + "/?laxtype=yes"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	doc := []byte("<p>\n𝄞é</i>x\n<b>")
	list, err := c.Check(t.Context(), doc, "text/html")
	if err != nil {
		t.Fatal(err)
	}
	if d := list[0]; string(doc[d.Start:d.End]) != "</i" || d.Line != 2 || d.Column != 7 || d.Code != "parse-tree/nu" || d.Source != "nu" ||
		d.Message != "Stray end tag `i`." || d.Context[0].Text[d.MarkStart:d.MarkEnd] != "</i" {
		t.Errorf("first message: %+v", d)
	}
	if d := list[4]; d.Line != 0 || d.Severity != inspect.SeverityInfo {
		t.Errorf("message without a place: %+v", d)
	}

	check := inspect.HTMLCheck{Errors: 1, Diagnostics: []inspect.Diagnostic{{Code: "parse-tree/stray-end-tag", Line: 2, Start: 5, Severity: inspect.SeverityError}}}
	Merge(&check, check.Diagnostics, list)
	var got []string
	for _, d := range check.Diagnostics {
		got = append(got, d.Code+" "+d.Source+strings.Repeat("+", d.Count))
	}
	want := []string{"lang/nu nu", "other/nu nu", "parse-tree/stray-end-tag ", "css/nu nu++"}
	if diff := cmp.Diff(want, got); diff != "" || check.Errors != 3 || check.Warnings != 1 || check.Infos != 1 || check.Nu != "ok" {
		t.Errorf("merged %+v (-want +got):\n%s", check, diff)
	}
}

func TestCheckErrors(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"not JSON", "<html>", "read the Nu checker's answer"},
		{"refused", "", "500 Internal Server Error: out of beans"},
		{"could not check", `{"messages":[{"type":"non-document-error","message":"io"}]}`, "could not check the page: io"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.answer == "" {
					http.Error(w, "out of beans", http.StatusInternalServerError)
				}
				io.WriteString(w, tt.answer)
			}))
			defer srv.Close()
			c, _ := New(Options{Where: srv.URL})
			if _, err := c.Check(t.Context(), []byte("x"), ""); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestNewMissing(t *testing.T) {
	t.Setenv("VNU_JAR", "")
	t.Setenv("HOME", t.TempDir())
	for where, want := range map[string]string{"auto": "--nu PATH", "/no/such/vnu.jar": "no such file"} {
		if runtime.GOOS == "windows" && where != "auto" {
			continue
		}
		if _, err := New(Options{Where: where, Dir: t.TempDir()}); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%q): %v, want ErrMissing with %q", where, err, want)
		}
	}
	jar := filepath.Join(t.TempDir(), "vnu.jar")
	if err := os.WriteFile(jar, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	if _, err := New(Options{Where: jar}); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "needs Java") {
		t.Errorf("without Java: %v", err)
	}
	t.Setenv("VNU_JAR", jar)
	if got := findJar("."); got != jar {
		t.Errorf("findJar = %q, want $VNU_JAR", got)
	}
}

// java pretends to be Java: this test binary, which serves as the checker does, or fails.
func TestMain(m *testing.M) {
	mode := os.Getenv("PASTEDEV_TEST_JAVA")
	if mode == "" {
		os.Exit(m.Run())
	}
	if mode == "crash" {
		os.Stderr.WriteString("Error: Unable to access jarfile\n")
		os.Exit(1)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); string(body) == "die" {
			os.Exit(3)
		}
		json.NewEncoder(w).Encode(map[string]any{"messages": []any{}})
	})
	http.ListenAndServe("127.0.0.1:"+os.Args[len(os.Args)-1], nil)
}

func fakeJava(t *testing.T, mode string, notice func(string)) *Checker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PASTEDEV_TEST_JAVA", mode)
	c := &Checker{opt: Options{Notice: notice}, asking: make(chan struct{}, 1), noticed: map[string]bool{}}
	c.asking <- struct{}{}
	c.server = newServer(exe, "vnu.jar", c.notice)
	t.Cleanup(c.Close)
	return c
}

func TestServerLife(t *testing.T) {
	notices := make(chan string, 10)
	c := fakeJava(t, "serve", func(s string) { notices <- s })
	ctx := t.Context()
	if _, err := c.Check(ctx, []byte("x"), ""); err != nil {
		t.Fatalf("first page: %v", err)
	}
	first := c.server.run
	if _, err := c.Check(ctx, []byte("y"), ""); err != nil || c.server.run != first {
		t.Fatalf("second page: %v, in another process: %v", err, c.server.run != first)
	}
	if _, err := c.Check(ctx, []byte("die"), ""); err == nil {
		t.Fatal("no error when it dies")
	}
	<-first.gone
	if text := <-notices; !strings.Contains(text, "the Nu checker ended") {
		t.Errorf("notice %q", text)
	}
	if _, err := c.Check(ctx, []byte("x"), ""); !errors.Is(err, errBackoff) {
		t.Errorf("right after the crash: %v, want that it rests", err)
	}
	c.server.mu.Lock()
	c.server.rested = c.server.rested.Add(-maxBackoff)
	c.server.mu.Unlock()
	if _, err := c.Check(ctx, []byte("x"), ""); err != nil {
		t.Errorf("after the rest: %v", err)
	}
	c.Close()
	if _, err := c.Check(ctx, []byte("x"), ""); err == nil {
		t.Error("no error after Close")
	}
}

func TestServerCannotStart(t *testing.T) {
	c := fakeJava(t, "crash", nil)
	if _, err := c.Check(t.Context(), []byte("x"), ""); err == nil || !strings.Contains(err.Error(), "Unable to access jarfile") {
		t.Errorf("error %v, want what it said", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Check(ctx, []byte("x"), ""); err == nil {
		t.Error("no error when cancelled")
	}
}

// TestRealChecker asks the program itself where the machine has it.
func TestRealChecker(t *testing.T) {
	c, err := New(Options{Where: "auto", Dir: "."})
	if err != nil {
		t.Skip(err)
	}
	defer c.Close()
	list, err := c.Check(t.Context(), []byte("<!DOCTYPE html><html lang=en><title>x</title><p>x</i></p>"), "")
	if err != nil || len(list) != 1 || list[0].Code != "parse-tree/nu" {
		t.Errorf("%v, %+v; want one stray end tag", err, list)
	}
}
