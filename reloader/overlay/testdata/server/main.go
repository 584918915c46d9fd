// The server does what the path of a request says. It knows nothing of pastedev.
package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"
)

var (
	db   *sql.DB
	self string // its own URL
)

func main() {
	db, _ = sql.Open("fake", "")
	if len(os.Args) > 1 {
		allocations()
		return
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	self = "http://" + ln.Addr().String()
	mux := http.NewServeMux()
	for path, f := range map[string]http.HandlerFunc{
		"/hello": hello, "/prints": prints, "/logs": logs, "/sql": statements, "/many": many, "/calls": calls,
		"/panic": panics, "/recovered": recovered, "/later": later, "/internal": internalPanics, "/abort": abort,
		"/child": child, "/flood": flood, "/exit": exit, "/crash": crash, "/stream": stream, "/nested": nested,
		"/tracedump": dump, "/badvalue": badValue, "/again": again,
	} {
		mux.HandleFunc(path, f)
	}
	mux.Handle("/timeout", http.TimeoutHandler(http.HandlerFunc(panics), time.Minute, ""))
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	srv := &http.Server{Handler: mux, Protocols: &protocols}
	go srv.Serve(ln)
	fmt.Println(ln.Addr())
	io.Copy(io.Discard, os.Stdin)
}

// allocations says what each of the hooked functions allocates.
func allocations() {
	text := slog.New(slog.NewTextHandler(os.Stdout, nil)).With("a", 1)
	logger := log.New(os.Stdout, "", 0)
	for name, f := range map[string]func(){
		"write": func() { os.Stdout.WriteString("") },
		"log":   func() { logger.Print("x") },
		"slog":  func() { text.Info("x", "k", "v") },
		"exec":  func() { db.Exec("x") },
		"go":    func() { c := make(chan bool); go close(c); <-c },
		"panic": func() { defer func() { recover() }(); panic(1) },
	} {
		fmt.Println(testing.AllocsPerRun(1000, f), name)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func hello(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "hello %v", r.Header) }

func prints(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.FormValue("n"))
	key := r.FormValue("key")
	var wg sync.WaitGroup
	for i := range n {
		if i%2 == 0 {
			fmt.Println("line", i, key)
			continue
		}
		wg.Add(1)
		go func() { // of every kind: a goroutine, one of a goroutine
			defer wg.Done()
			done := make(chan bool)
			go func() { fmt.Fprintln(os.Stderr, "line", i, key); close(done) }()
			<-done
		}()
	}
	wg.Wait()
	fmt.Print("cut ")
	fmt.Print("in two\n")
	fmt.Fprintf(w, "goroutines %d", runtime.NumGoroutine())
}

func logs(w http.ResponseWriter, r *http.Request) {
	log.SetFlags(0)
	log.Print("plain")
	l := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("app", "shop").WithGroup("req").With("id", 7)
	l.Warn("rich", "path", r.URL.Path, slog.Group("user", "name", "ann"), "err", errors.New("no luck"))
	slog.Error("by default", "n", 1)
	var kept strings.Builder
	slog.New(slog.NewTextHandler(&kept, nil)).Info("elsewhere", "k", "v")
	slog.New(slog.NewTextHandler(&kept, nil)).Debug("not enabled")
	fmt.Println("not a record")
	fmt.Fprint(w, kept.String() != "")
}

func statements(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	rows, err := db.QueryContext(ctx, "select 1", 42, "it's", []byte("b"), nil, true, 1.5, sql.Named("n", int64(3)))
	check(err)
	for rows.Next() {
	}
	rows.Close()
	_, err = db.Exec("update t")
	check(err)
	tx, err := db.Begin()
	check(err)
	var one int
	check(tx.QueryRow("select one").Scan(&one))
	check(tx.Commit())
	tx.Rollback()
	st, err := db.Prepare("select prepared")
	check(err)
	_, err = st.Exec(1)
	check(err)
	conn, err := db.Conn(ctx)
	check(err)
	_, err = conn.ExecContext(ctx, "fail")
	fmt.Fprint(w, err)
	conn.Close()
}

func many(w http.ResponseWriter, r *http.Request) {
	for range 600 {
		db.Exec("again")
	}
}

func calls(w http.ResponseWriter, r *http.Request) {
	req, _ := http.NewRequest("GET", self+"/hello?x=1", nil)
	resp, err := http.DefaultClient.Do(req)
	check(err)
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	_, err = http.Get("http://127.0.0.1:1/refused")
	fmt.Fprint(w, string(body), " ", len(req.Header), resp.Request == req, err != nil)
}

type wrapped struct{ err error }

func (w wrapped) Error() string { return "wrapped: " + w.err.Error() }
func (w wrapped) Unwrap() error { return w.err }

func panics(w http.ResponseWriter, r *http.Request) {
	fmt.Println("before")
	switch r.FormValue("kind") {
	case "nil":
		var p *http.Request
		fmt.Fprint(w, p.URL)
	case "index":
		var s []int
		fmt.Fprint(w, s[len(s)+2])
	case "error":
		panic(wrapped{errors.Join(io.EOF, fmt.Errorf("more: %w", os.ErrNotExist))})
	default:
		panic("on purpose")
	}
}

func recovered(w http.ResponseWriter, r *http.Request) {
	defer func() { fmt.Fprint(w, "recovered ", recover()) }()
	for range 30 {
		func() {
			defer func() { recover() }()
			panic("in a loop")
		}()
	}
	panic(fmt.Sprint("last"))
}

func again(w http.ResponseWriter, r *http.Request) {
	defer func() { panic(recover()) }()
	panics(w, r)
}

type stringer struct{}

func (stringer) String() string { panic("inside String") }

func badValue(w http.ResponseWriter, r *http.Request) {
	defer func() { recover() }()
	panic(stringer{})
}

func later(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(202)
	w.(http.Flusher).Flush()
	fmt.Println("after the head")
	go func() {
		<-r.Context().Done() // the handler has returned
		time.Sleep(time.Millisecond)
		fmt.Println("after the end")
	}()
}

func internalPanics(w http.ResponseWriter, r *http.Request) {
	_, err := json.Marshal(map[string]any{"f": func() {}})
	_, err2 := template.New("").Parse("{{.")
	err3 := template.Must(template.New("").Parse("{{index . 5}}")).Execute(io.Discard, []int{})
	fmt.Fprint(w, err != nil, err2 != nil, err3 != nil)
	done := make(chan bool)
	go func() { defer close(done); runtime.Goexit() }()
	<-done
}

func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func child(w http.ResponseWriter, r *http.Request) {
	out, err := exec.Command("ls", "-l", "/proc/self/fd").Output()
	check(err)
	fmt.Fprint(w, strings.Count(string(out), "socket"))
}

func flood(w http.ResponseWriter, r *http.Request) {
	line := strings.Repeat("x", 1000) + "\n"
	n, _ := strconv.Atoi(r.FormValue("mb"))
	for range n * 1000 {
		os.Stdout.WriteString(line)
	}
	fmt.Fprint(w, runtime.NumGoroutine())
}

func exit(http.ResponseWriter, *http.Request) {
	fmt.Println("last words")
	os.Exit(7)
}

func crash(http.ResponseWriter, *http.Request) {
	fmt.Println("last words")
	go func() { panic("the end") }()
	select {}
}

func stream(w http.ResponseWriter, r *http.Request) {
	fmt.Println("one")
	fmt.Fprintln(w, "one")
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func nested(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get(self + "/prints?n=2&key=inner") // unlabelled: it has no header
	check(err)
	resp.Body.Close()
	fmt.Println("outer")
}

func dump(w http.ResponseWriter, r *http.Request) {
	buf := make([]byte, 1<<16)
	w.Write(buf[:runtime.Stack(buf, false)])
}
