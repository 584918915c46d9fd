// Command web is an HTTP program of usual size. It serves some requests of its own,
// then one whose handler panics and waits like the target beside it.
package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/xml"
	"fmt"
	"go/parser"
	"html/template"
	"image/png"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/rpc"
	"os"
	"runtime"
	"sync"
	"syscall"
)

var page = template.Must(template.New("").Parse(`<p>{{.}}</p>`))

// linked keeps packages in the program, so that it has the size of one with a database.
var linked = []any{sql.Open, xml.Unmarshal, parser.ParseFile, png.Decode, rpc.Dial}

func hello(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	buf := make([]byte, 64<<10)
	page.Execute(w, name+fmt.Sprint(len(buf)))
}

func broken(w http.ResponseWriter, r *http.Request) {
	defer func() { recover() }()
	defer pause()
	user := r.Header.Get("X-User")
	panic("no user " + user)
}

func pause() {
	var b [64]byte
	id := bytes.Fields(b[:runtime.Stack(b[:], false)])[1]
	fmt.Printf("ready %s\n", id)
	bufio.NewReader(os.Stdin).ReadString('\n')
}

func main() {
	syscall.RawSyscall(syscall.SYS_PRCTL, 0x59616d61, ^uintptr(0), 0) // see prctl(2), PR_SET_PTRACER
	log.SetOutput(io.Discard)
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", hello)
	mux.HandleFunc("/broken", broken)
	s := httptest.NewServer(mux)
	defer s.Close()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				get(s.URL + "/hello?name=ann")
			}
		})
	}
	all.Wait()
	get(s.URL + "/broken")
	fmt.Println("done")
	os.Exit(7)
}

func get(url string) {
	res, err := http.Get(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
}
