package tree_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/tree"
)

// printer prints for each request, on both streams; /wait/… answers when /go has been asked.
const printer = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	fmt.Println("starts")
	going := make(chan bool)
	http.HandleFunc("/wait/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("out", r.URL.Path)
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-going
		fmt.Fprintln(os.Stderr, "err", r.URL.Path)
	})
	http.HandleFunc("/go", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("out", r.URL.Path)
		going <- true
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(os.Stderr, "err", r.URL.Path)
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`

// lines returns what was printed, each line with the requests that were in hand.
func (e *events) lines() (list []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.all {
		if ev.Kind != tree.Printed {
			continue
		}
		var paths []string
		for _, r := range ev.Requests {
			paths = append(paths, r.URL.Path)
		}
		slices.Sort(paths)
		list = append(list, fmt.Sprintf("%v %q for %s", ev.Stderr, ev.Text, strings.Join(paths, " and ")))
	}
	return list
}

// A line is told with the requests that its program had in hand, and what is printed before
// an answer is told before the request is over.
func TestPrintedForRequests(t *testing.T) {
	dir := folder(t, map[string]string{"p.go": printer})
	address, seen := programs(t, &tree.Tree{Dir: dir})
	over := func(n int) { // clients have their answers a little earlier
		for range n {
			<-seen.answered
		}
	}
	fetch(t, address+"/p/a")
	over(1)
	first, err := http.Get(address + "/p/wait/1")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Body.Close()
	fetch(t, address+"/p/b")
	over(1)
	fetch(t, address+"/p/go")
	io.Copy(io.Discard, first.Body)
	over(2)
	fetch(t, address+"/p/c")
	over(1)
	want := []string{
		`false "starts" for `,
		`true "err /a" for /a`,
		`false "out /wait/1" for /wait/1`,
		`true "err /b" for /b and /wait/1`,
		`false "out /go" for /go and /wait/1`,
		`true "err /c" for /c`,
	}
	got := seen.lines()
	// Whether /go was still in hand when this was printed is the system's to say.
	i := slices.IndexFunc(got, func(s string) bool { return strings.Contains(s, `"err /wait/1" for `) })
	if i < 0 || !strings.Contains(got[i], "/wait/1") {
		t.Fatalf("no line of /wait/1: %q", got)
	}
	if line := got[i]; line != `true "err /wait/1" for /wait/1` && line != `true "err /wait/1" for /go and /wait/1` {
		t.Error(line)
	}
	if diff := cmp.Diff(want, slices.Delete(got, i, i+1)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := len(seen.of(tree.Admitted)); n != 5 {
		t.Errorf("%d admitted", n)
	}
}

// A build that fails is told with what the compiler says, and its page is the server's own
// where that has one.
func TestBuildIsTold(t *testing.T) {
	dir := folder(t, map[string]string{"sub/bad.go": "package main\n\nfunc main() { nothing() }\n"})
	address, seen := programs(t, &tree.Tree{Dir: dir, Fail: func(w http.ResponseWriter, r *http.Request, e tree.Entry, f *tree.Failure) {
		w.WriteHeader(599)
		fmt.Fprintf(w, "%s: build %d: %v", e.Name, f.Build, f.Diagnostics)
	}})
	status, body := fetch(t, address+"/sub/bad")
	if status != 599 || !strings.Contains(body, "sub/bad.go: build 1: [sub/bad.go:3:15: undefined: nothing]") {
		t.Errorf("%d %s", status, body)
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	var kinds []string
	for _, ev := range seen.all {
		kinds = append(kinds, fmt.Sprint(ev.Kind, " ", ev.Build))
	}
	if diff := cmp.Diff([]string{"building 1", "build failed 1"}, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if d := seen.all[1].Failure.Diagnostics[0]; !strings.HasPrefix(d.Path, "/") || !strings.HasSuffix(d.Path, "sub/bad.go") {
		t.Errorf("path %q", d.Path)
	}
}
