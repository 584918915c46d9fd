package httpx_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

func Example() {
	proxy := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("mounted at", httpx.MountPoint(r.Context()), "sees", r.URL.Path)
		fmt.Println("the client sees", httpx.ExternalURL(r, proxy))
		fmt.Println("it wants", httpx.Negotiate(r.Header.Get("Accept"), "application/json", "text/html"))
	})
	r := httptest.NewRequest("GET", "/shop/cart?id=5", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("Accept", "text/html, */*;q=0.1")
	h.ServeHTTP(nil, httpx.WithMount(r, "/shop"))
	// Output:
	// mounted at /shop sees /cart
	// the client sees https://example.com/shop/cart?id=5
	// it wants text/html
}

func ExampleSpool() {
	s := httpx.NewSpool(strings.NewReader("read me twice"), 0, 0)
	defer s.Close()
	for range 2 {
		b, _ := io.ReadAll(s.Reader())
		fmt.Println(string(b))
	}
	// Output:
	// read me twice
	// read me twice
}

func ExampleURL() {
	u, _ := httpx.ParseURL("http://localhost/shop?sort=name")
	cart := u.Join("cart").Set("id", "5").Del("sort")
	fmt.Println(cart)
	fmt.Println(cart.Rel(u).A("my cart", ""))
	fmt.Println(u)
	// Output:
	// http://localhost/shop/cart?id=5
	// <a href="/shop/cart?id=5">my cart</a>
	// http://localhost/shop?sort=name
}
