package urlmap

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

const mounts = 1000

func prefix(i int) string { return fmt.Sprintf("/app%d/section%d/part%d", i%10, i%100, i) }

// BenchmarkLookup1000 finds one of 1,000 mounts: ours, with and without hosts, beside
// http.ServeMux with as many subtree patterns.
func BenchmarkLookup1000(b *testing.B) {
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	paths, hosts, mux := new(Map), new(Map), http.NewServeMux()
	for i := range mounts {
		for _, err := range []error{paths.Add(prefix(i), h), hosts.Add(fmt.Sprintf("h%d.localhost", i%50)+prefix(i), h)} {
			if err != nil {
				b.Fatal(err)
			}
		}
		mux.Handle(prefix(i)+"/", h)
	}
	requests := func(host func(int) string) []*http.Request {
		rs := make([]*http.Request, mounts)
		for i := range rs {
			rs[i] = httptest.NewRequest("GET", prefix(i)+"/static/app.js", nil)
			rs[i].Host = host(i)
		}
		return rs
	}
	any := requests(func(int) string { return "127.0.0.1:8080" })
	own := requests(func(i int) string { return fmt.Sprintf("h%d.localhost:8080", i%50) })
	for _, bb := range []struct {
		name  string
		rs    []*http.Request
		match func(*http.Request) string
	}{
		{"urlmap", any, func(r *http.Request) string { _, p := paths.Handler(r); return p }},
		{"urlmap-hosts", own, func(r *http.Request) string { _, p := hosts.Handler(r); return p }},
		{"ServeMux", any, func(r *http.Request) string { _, p := mux.Handler(r); return p }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if bb.match(bb.rs[i%mounts]) == "" {
					b.Fatal("not found")
				}
			}
		})
	}
	b.Run("urlmap-serve", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			paths.ServeHTTP(nil, any[i%mounts])
		}
	})
}
