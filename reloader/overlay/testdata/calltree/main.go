// The server makes calls as the path of a request says. It knows nothing of pastedev.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"text/template"
	"time"
)

var (
	db   *sql.DB
	self string // its own URL
)

func main() {
	db, _ = sql.Open("fake", "")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	self = "http://" + ln.Addr().String()
	for path, f := range map[string]http.HandlerFunc{
		"/recursion": recursion, "/panic": panics, "/crash": crash, "/goroutines": goroutines, "/waits": waits,
		"/leaves": leaves, "/deep": deep, "/wide": wide, "/big": big, "/busy": busy, "/later": later, "/goexit": goexit,
		"/generations": generations, "/worker": worker, "/cost": cost, "/timed": timed, "/hold": hold,
		"/held": func(http.ResponseWriter, *http.Request) { <-held }, "/release": func(http.ResponseWriter, *http.Request) { released <- true },
	} {
		http.HandleFunc(path, f)
	}
	fmt.Println(ln.Addr())
	go http.Serve(ln, nil)
	io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func number(r *http.Request) int {
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	return n
}

var sink atomic.Int64 // keeps what is only worked out

// spin works for a while.
func spin(n int) {
	sum := 0
	for i := range n {
		sum += i * sum % 7
	}
	sink.Add(int64(sum))
}

// small is a call of about 100 ns when it needs what the one before returned. Where it
// does not, processors begin with the next one early, but not across a look at the clock.
func small(n int) int {
	sum := n
	for i := range 22 {
		sum += i * sum % 7
	}
	return sum
}

func busy(w http.ResponseWriter, r *http.Request) {
	sum := 0
	for i := range 1000 {
		sum = small(sum + i)
	}
	fmt.Fprintln(w, sum)
}

// cost says how many nanoseconds a call of about 100 ns takes, at best: what else the
// machine does is in most of them.
func cost(w http.ResponseWriter, r *http.Request) {
	const rounds, calls = 1000, 1000
	least := time.Hour
	for range rounds {
		sum := 0
		begun := time.Now()
		for i := range calls {
			sum = small(sum + i)
		}
		least = min(least, time.Since(begun))
		sink.Store(int64(sum))
	}
	fmt.Fprint(w, float64(least)/calls)
}

// timed says how long a function took.
func timed(w http.ResponseWriter, r *http.Request) {
	spin(1000)
	begun := time.Now()
	long()
	took := time.Since(begun)
	spin(1000)
	fmt.Fprint(w, took)
}

func long() {
	for range 50 {
		spin(100_000)
	}
}

func recursion(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, fibonacci(number(r))) }

func fibonacci(n int) int {
	if n < 2 {
		return n
	}
	return fibonacci(n-1) + fibonacci(n-2)
}

func deep(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, down(number(r))) }

func down(n int) int {
	spin(100)
	if n == 0 {
		return 0
	}
	if n%3 == 0 {
		return aside(n - 1)
	}
	return down(n-1) + 1
}

func aside(n int) int {
	spin(100)
	return down(n)
}

// wide has more different leaves than a node has children.
func wide(w http.ResponseWriter, r *http.Request) {
	for i := range number(r) {
		query(fmt.Sprint("select ", i))
	}
}

// big has more nodes than a tree.
func big(w http.ResponseWriter, r *http.Request) {
	for i := range number(r) {
		bigger(i)
	}
}

func bigger(n int) {
	for i := range 400 {
		query(fmt.Sprint("select ", n, " ", i))
	}
	if n > 0 {
		bigger(n - 1)
	}
}

func query(text string) {
	rows, err := db.Query(text)
	check(err)
	rows.Close()
}

func panics(w http.ResponseWriter, r *http.Request) {
	func() {
		defer func() {
			if recover() == nil {
				panic("nothing to recover")
			}
		}()
		first()
	}()
	spin(1000)
	fmt.Fprintln(w, third())
}

func first() { spin(1000); second() }

func second() { spin(1000); panic("on purpose") }

func third() int { spin(1000); return 3 }

func crash(w http.ResponseWriter, r *http.Request) { first() }

func goexit(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Add(1)
	go leave(&wg)
	wg.Wait()
}

func leave(wg *sync.WaitGroup) {
	defer wg.Done()
	func() { spin(1000); runtime.Goexit() }()
}

func goroutines(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	for i := range number(r) {
		wg.Add(1)
		go step(&wg, i)
	}
	wg.Go(func() { spin(100_000); nested() })
	wg.Wait()
}

func step(wg *sync.WaitGroup, n int) {
	defer wg.Done()
	spin(1000 * n)
	nested()
}

// nested starts a goroutine that ends before it.
func nested() {
	done := make(chan bool)
	go func() { defer close(done); spin(1000) }()
	<-done
}

// generations of goroutines start each other, and the last one ends first.
func generations(w http.ResponseWriter, r *http.Request) { generation(number(r)) }

func generation(n int) {
	if n == 0 {
		return
	}
	done := make(chan bool)
	go func() { defer close(done); generation(n - 1) }()
	<-done
}

var mu sync.Mutex

func waits(w http.ResponseWriter, r *http.Request) {
	mu.Lock()
	done := make(chan bool)
	go func() { time.Sleep(20 * time.Millisecond); mu.Unlock(); time.Sleep(20 * time.Millisecond); close(done) }()
	locked()
	<-done
	for range 3 {
		nap()
	}
}

func locked() { mu.Lock(); defer mu.Unlock(); spin(10) }

func nap() { time.Sleep(5 * time.Millisecond); spin(10) }

type price int

func (p price) MarshalJSON() ([]byte, error) { spin(1000); return json.Marshal(int(p)) }

func total(n int) int { spin(1000); return n }

var (
	text = template.Must(template.New("text").Funcs(template.FuncMap{"total": total}).Parse(`{{total 1}}{{define "part"}}{{total 2}}{{end}}`))
	html = htmltemplate.Must(htmltemplate.New("page").Funcs(htmltemplate.FuncMap{"total": total}).Parse(`<p>{{total 1}}</p>{{define "item"}}{{total 2}}{{end}}`))
)

func leaves(w http.ResponseWriter, r *http.Request) {
	statements()
	check(text.Execute(io.Discard, nil))
	check(text.ExecuteTemplate(io.Discard, "part", nil))
	check(html.Execute(io.Discard, nil))
	check(html.ExecuteTemplate(io.Discard, "item", nil))
	encode()
	resp, err := http.Get(self + "/recursion?n=2")
	check(err)
	resp.Body.Close()
	http.Get("http://127.0.0.1:1/refused?secret=1")
}

func statements() {
	spin(100)
	query("select 1")
	query("select 1")
	tx, err := db.Begin()
	check(err)
	_, err = tx.Exec("update t")
	check(err)
	check(tx.Commit())
}

func encode() {
	spin(100)
	b, err := json.Marshal([]price{1, 2, 3})
	check(err)
	var list []int
	check(json.Unmarshal(b, &list))
	check(json.NewEncoder(io.Discard).Encode(price(4)))
}

var held, released = make(chan bool), make(chan bool)

// hold waits in the middle, when /held has answered, for /release.
func hold(w http.ResponseWriter, r *http.Request) {
	spin(100)
	held <- true
	<-released
	spin(100)
}

// later answers before it is through.
func later(w http.ResponseWriter, r *http.Request) {
	go after()
}

func after() {
	time.Sleep(20 * time.Millisecond)
	spin(1000)
}

// worker starts a goroutine with a method of the library, which calls a function of ours.
func worker(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Add(1)
	go new(sync.Once).Do(func() { spin(100); wg.Done() })
	wg.Wait()
}
