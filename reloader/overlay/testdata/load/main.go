// The load server has the two handlers that the benchmark compares.
package main

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", ":memory:")
	check(err)
	db.SetMaxOpenConns(1) // the memory is the connection's
	_, err = db.Exec("create table item (id integer primary key, name text); insert into item (name) values ('a'), ('b'), ('c')")
	check(err)
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	http.HandleFunc("/sql", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("looking for item 2")
		var name string
		if err := db.QueryRowContext(r.Context(), "select name from item where id = ?", 2).Scan(&name); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Println("found", name)
		io.WriteString(w, name)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println(ln.Addr())
	go http.Serve(ln, nil)
	io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
