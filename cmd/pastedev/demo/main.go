// Command demo is a small garden shop with faults in it, one a page, to look at with
// pastedev. It needs nothing but Go. Edit it: each save is live.
package main

import (
	"database/sql"
	"embed"
	"html/template"
	"log"
	"net/http"
	"os"
)

//go:embed pages
var pages embed.FS

var views = template.Must(template.ParseFS(pages, "pages/*.html"))

// shop is what the pages have in common.
type shop struct {
	db   *sql.DB
	addr string
	cart *cart
}

func main() {
	addr := "127.0.0.1:8080"
	if len(os.Args) > 1 {
		addr = os.Args[1]
	}
	db, err := sql.Open("garden", "")
	if err != nil {
		log.Fatal(err)
	}
	s := &shop{db: db, addr: addr, cart: &cart{}}
	log.Printf("garden shop at http://%s", addr)
	log.Fatal(http.ListenAndServe(addr, s.routes()))
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /products", s.products)
	mux.HandleFunc("GET /product/{id}", s.product)
	mux.HandleFunc("GET /cart", s.showCart)
	mux.HandleFunc("POST /cart", s.addToCart)
	mux.HandleFunc("GET /slow", s.slow)
	mux.HandleFunc("GET /price", s.price)
	mux.HandleFunc("GET /panic", s.panics)
	mux.HandleFunc("GET /leak", s.leak)
	mux.HandleFunc("GET /invalid", page("invalid.html"))
	mux.HandleFunc("GET /stream", page("stream.html"))
	mux.HandleFunc("GET /stream/events", events)
	mux.HandleFunc("GET /chat", page("chat.html"))
	mux.HandleFunc("GET /chat/socket", socket)
	mux.Handle("GET /static/", http.FileServer(http.Dir(".")))
	return mux
}

// page answers with a template that needs no data.
func page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { render(w, name, nil) }
}

func render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := views.ExecuteTemplate(w, name, data); err != nil {
		log.Printf("render %s: %v", name, err)
	}
}
