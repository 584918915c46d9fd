package tree_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/tree"
)

const server = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	next := make(chan bool)
	fmt.Println("up")
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s says %s prefix %s pid %d", "NAME", r.URL.Path, r.Header.Get("X-Forwarded-Prefix"), os.Getpid())
	})
	http.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintln(w, "piece", i)
			http.NewResponseController(w).Flush()
			<-next
		}
	})
	http.HandleFunc("/next", func(http.ResponseWriter, *http.Request) { next <- true })
	fmt.Println(http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), nil))
}
`

func named(name string) string { return strings.Replace(server, "NAME", name, 1) }

// events collects them.
type events struct {
	mu       sync.Mutex
	all      []tree.Event
	answered chan struct{} // one for each that is of that kind
}

func (e *events) add(ev tree.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
	if ev.Kind == tree.Answered {
		select {
		case e.answered <- struct{}{}:
		default:
		}
	}
}

// of lists the names of the entries of a kind.
func (e *events) of(kind tree.Kind) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var names []string
	for _, ev := range e.all {
		if ev.Kind == kind {
			names = append(names, ev.Entry.Name)
		}
	}
	return names
}

// programs serves Go programs on a real server.
func programs(t *testing.T, tr *tree.Tree) (address string, seen *events) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds programs")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	seen = &events{answered: make(chan struct{}, 1000)}
	tr.Event = seen.add
	newTree(t, tr)
	srv := httptest.NewServer(tr)
	t.Cleanup(srv.Close)
	return srv.URL, seen
}

func fetch(t *testing.T, url string, fields ...string) (int, string) {
	t.Helper()
	r, _ := http.NewRequest("GET", url, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func pid(body string) string { return body[strings.LastIndex(body, " ")+1:] }

// A file and a folder are programs, at any depth; each is built once, and nothing is
// written beside its sources.
func TestGoPrograms(t *testing.T) {
	dir := folder(t, map[string]string{
		"simpleapp.go": named("simple"), "nested/deep/app.go": named("deep"),
		"shop/go.mod": "module shop\n\ngo 1.26\n", "shop/main.go": strings.Replace(named("shop"), `"shop"`, "part.Name", 1) + "\n",
		"shop/part/part.go": "package part\n\nconst Name = \"shop\"\n", "shop/data.txt": "not served",
		"loose/main.go": strings.Replace(named("loose"), `"loose"`, "name", 1), "loose/other.go": "package main\n\nconst name = \"loose\"\n",
	})
	main, _ := os.ReadFile(filepath.Join(dir, "shop/main.go"))
	os.WriteFile(filepath.Join(dir, "shop/main.go"), []byte(strings.Replace(string(main), `"os"`, "\"os\"\n\t\"shop/part\"", 1)), 0o644)
	before := snapshot(t, dir)
	address, seen := programs(t, &tree.Tree{Dir: dir})
	for target, want := range map[string]string{
		"/simpleapp":         "simple says / prefix /simpleapp ",
		"/simpleapp.go/x/y":  "simple says /x/y prefix /simpleapp.go ",
		"/nested/deep/app/x": "deep says /x prefix /nested/deep/app ",
		"/shop/data.txt":     "shop says /data.txt prefix /shop ",
		"/loose/":            "loose says / prefix /loose ",
	} {
		if status, body := fetch(t, address+target); status != 200 || !strings.HasPrefix(body, want) {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	_, first := fetch(t, address+"/simpleapp")
	if _, second := fetch(t, address+"/simpleapp"); pid(first) != pid(second) {
		t.Errorf("two processes: %s, %s", first, second)
	}
	if got := len(seen.of(tree.Built)); got != 4 {
		t.Errorf("%d builds: %v", got, seen.of(tree.Built))
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("the folder has changed: -before +after\n%s", diff)
	}
}

// What it writes in pieces arrives in pieces.
func TestProgramStreams(t *testing.T) {
	address, _ := programs(t, &tree.Tree{Dir: folder(t, map[string]string{"app.go": server})})
	res, err := http.Get(address + "/app/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for i := range 3 { // each waits for the request below
		if s, err := lines.ReadString('\n'); s != fmt.Sprintf("piece %d\n", i) {
			t.Fatalf("%q %v", s, err)
		}
		fetch(t, address+"/app/next")
	}
}

// An edit is seen by the next request; one that changes nothing does not start anew; an
// error is shown with its place, and the way back is short.
func TestProgramIsEdited(t *testing.T) {
	dir := folder(t, map[string]string{"app.go": named("one"), "style.css": "a"})
	file := filepath.Join(dir, "app.go")
	address, seen := programs(t, &tree.Tree{Dir: dir})
	_, one := fetch(t, address+"/app")
	edit := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	edit(named("one"))
	later := time.Now().Add(time.Hour)
	os.Chtimes(file, later, later)
	if _, again := fetch(t, address+"/app"); again != one {
		t.Errorf("started anew without a change: %s, %s", one, again)
	}
	edit(named("two2"))
	if _, two := fetch(t, address+"/app"); !strings.HasPrefix(two, "two2 says") || pid(two) == pid(one) {
		t.Errorf("got %s", two)
	}
	edit(strings.Replace(named("three"), "os.Getpid()", "os.Getpie()", 1))
	status, body := fetch(t, address+"/app", "Accept", "application/json")
	var problem struct {
		Detail      string
		Diagnostics []tree.Diagnostic
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil || status != 500 {
		t.Fatalf("%d %s", status, body)
	}
	if diff := cmp.Diff([]tree.Diagnostic{{File: "app.go", Line: 13, Column: 109, Message: "undefined: os.Getpie"}}, problem.Diagnostics); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, page := fetch(t, address+"/app", "Accept", "text/html"); !strings.Contains(page, "<b>app.go:13:109</b> undefined: os.Getpie") {
		t.Errorf("%s", page)
	}
	edit("package main\n\nfunc main() { this is not Go }\n")
	if status, body = fetch(t, address+"/app"); status != 500 || !strings.Contains(body, "app.go:3:20: ") {
		t.Errorf("%d %s", status, body)
	}
	edit(named("four"))
	if _, four := fetch(t, address+"/app"); !strings.HasPrefix(four, "four says") {
		t.Errorf("got %s", four)
	}
	if got := len(seen.of(tree.BuildFailed)); got != 2 {
		t.Errorf("%d failed builds", got)
	}
}

// Imported packages count, and new files.
func TestProgramPackagesAreEdited(t *testing.T) {
	dir := folder(t, map[string]string{"go.mod": "module x\n\ngo 1.26\n", "app/main.go": strings.Replace(strings.Replace(server, `"NAME"`, "part.Name+more", 1), `"os"`, "\"os\"\n\t\"x/part\"", 1),
		"app/more.go": "package main\n\nvar more = \"\"\n", "part/part.go": "package part\n\nconst Name = \"one\"\n"})
	address, _ := programs(t, &tree.Tree{Dir: dir})
	for _, step := range []struct{ file, text, want string }{
		{"", "", "one says"},
		{"part/part.go", "package part\n\nconst Name = \"second\"\n", "second says"},
		{"app/init.go", "package main\n\nfunc init() { more = \"+\" }\n", "second+ says"},
	} {
		if step.file != "" {
			if err := os.WriteFile(filepath.Join(dir, step.file), []byte(step.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if status, body := fetch(t, address+"/app/"); status != 200 || !strings.HasPrefix(body, step.want) {
			t.Errorf("%s: %d %s", step.file, status, body)
		}
	}
}

func TestProgramEnds(t *testing.T) {
	address, seen := programs(t, &tree.Tree{Dir: folder(t, map[string]string{
		"dies.go": "package main\n\nfunc main() { println(\"no database\"); panic(1) }\n"})})
	status, body := fetch(t, address+"/dies")
	if status != 502 || !strings.Contains(body, "ended before it listened: exit status 2") || !strings.Contains(body, "no database") || !strings.Contains(body, "PORT") {
		t.Errorf("%d %s", status, body)
	}
	if got := seen.of(tree.Ended); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// At most so many run at once, unused ones end, and Close ends the rest.
func TestProgramsAreBounded(t *testing.T) {
	tr := &tree.Tree{Dir: folder(t, map[string]string{"a.go": named("a"), "b.go": named("b")}), MaxPrograms: 1, Cache: filepath.Join(t.TempDir(), "made", "here"), Env: []string{"HOST=ignored"}}
	address, seen := programs(t, tr)
	_, a1 := fetch(t, address+"/a")
	fetch(t, address+"/b")
	_, a2 := fetch(t, address+"/a")
	if pid(a1) == pid(a2) {
		t.Error("both ran at once")
	}
	if builds := seen.of(tree.Built); len(builds) != 2 {
		t.Errorf("built %v", builds)
	}
	if info, err := os.Stat(tr.Cache); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("cache: %v %v", info, err)
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	if ended := seen.of(tree.Ended); len(ended) != 3 {
		t.Errorf("ended %v", ended)
	}
	if status, body := fetch(t, address+"/a"); status != 500 || !strings.Contains(body, "it is closed") {
		t.Errorf("%d %s", status, body)
	}
}

func TestUnusedProgramEnds(t *testing.T) {
	ended := make(chan string, 1)
	tr := &tree.Tree{Dir: folder(t, map[string]string{"a.go": named("a")}), Idle: time.Millisecond}
	address, _ := programs(t, tr)
	urls := make(chan string, 1)
	tr.Event = func(e tree.Event) {
		switch e.Kind {
		case tree.Started:
			urls <- e.URL
		case tree.Ended:
			ended <- e.Text
		}
	}
	fetch(t, address+"/a")
	if text := <-ended; text != "signal: terminated" {
		t.Errorf("ended by %s", text)
	}
	_, err := net.Dial("tcp", strings.TrimPrefix(<-urls, "http://"))
	if err == nil {
		t.Error("it still listens")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}
