package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
)

// tool is one row of the catalogue.
type tool struct {
	ID    int
	Name  string
	Price int // cents
	Stock int
}

// Euro is the price as people write it.
func (t tool) Euro() string { return fmt.Sprintf("%d.%02d", t.Price/100, t.Price%100) }

func (s *shop) home(w http.ResponseWriter, r *http.Request) { render(w, "home.html", nil) }

// products asks for the stock of each tool by itself: the classic N+1. One query with a
// join would do.
func (s *shop) products(w http.ResponseWriter, r *http.Request) {
	rows, err := s.db.QueryContext(r.Context(), "SELECT id, name, price FROM tools ORDER BY name")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	var list []tool
	for rows.Next() {
		var t tool
		if err := rows.Scan(&t.ID, &t.Name, &t.Price); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err := s.db.QueryRowContext(r.Context(), "SELECT stock FROM stock WHERE tool = ?", t.ID).Scan(&t.Stock); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		list = append(list, t)
	}
	render(w, "products.html", list)
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	t := tool{ID: id}
	err := s.db.QueryRowContext(r.Context(), "SELECT name, price FROM tools WHERE id = ?", id).Scan(&t.Name, &t.Price)
	if errors.Is(err, sql.ErrNoRows) {
		slog.WarnContext(r.Context(), "no such tool", "id", r.PathValue("id"))
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Println("somebody looks at", t.Name)
	render(w, "product.html", t)
}

// cart is the one cart of this shop.
type cart struct {
	mu    sync.Mutex
	tools []int
}

func (s *shop) showCart(w http.ResponseWriter, r *http.Request) {
	s.cart.mu.Lock()
	defer s.cart.mu.Unlock()
	render(w, "cart.html", s.cart.tools)
}

func (s *shop) addToCart(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.FormValue("tool"))
	if err != nil {
		http.Error(w, "which tool?", http.StatusBadRequest)
		return
	}
	s.cart.mu.Lock()
	s.cart.tools = append(s.cart.tools, id)
	s.cart.mu.Unlock()
	slog.InfoContext(r.Context(), "put into the cart", "tool", id)
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}
