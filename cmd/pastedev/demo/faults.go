package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
)

// slow waits for a price from the network, sleeps, and computes: its call tree says how
// long each takes.
func (s *shop) slow(w http.ResponseWriter, r *http.Request) {
	price, err := s.askPrice(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	rest()
	render(w, "slow.html", map[string]any{"Price": price, "Primes": primes(400_000)})
}

func (s *shop) askPrice(r *http.Request) (string, error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+s.addr+"/price", nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask for the price: %w", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func (s *shop) price(w http.ResponseWriter, r *http.Request) {
	time.Sleep(40 * time.Millisecond)
	io.WriteString(w, "34.90")
}

func rest() { time.Sleep(80 * time.Millisecond) }

// primes counts the primes below n, the long way.
func primes(n int) int {
	count := 0
	for i := 2; i < n; i++ {
		prime := true
		for d := 2; d*d <= i; d++ {
			if i%d == 0 {
				prime = false
				break
			}
		}
		if prime {
			count++
		}
	}
	return count
}

// customer may be nobody.
type customer struct {
	Name string
	City string
}

// panics greets a customer that is not there. The page tells which value was nil.
func (s *shop) panics(w http.ResponseWriter, r *http.Request) {
	customers := map[string]*customer{"ann": {"Ann", "Ghent"}}
	name := r.FormValue("name")
	if name == "" {
		name = "eve"
	}
	c := customers[name]
	fmt.Fprint(w, greeting(c))
}

func greeting(c *customer) string { return "Hello " + c.Name + " from " + strings.ToUpper(c.City) }

var kept [][]byte

// leak keeps a megabyte for ever, and a goroutine that waits for nobody.
func (s *shop) leak(w http.ResponseWriter, r *http.Request) {
	kept = append(kept, make([]byte, 1<<20))
	never := make(chan struct{})
	go func() { <-never }()
	log.Printf("%d MB kept", len(kept))
	render(w, "leak.html", len(kept))
}
