package main

import (
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestMountInFlight: what is under way says which mount will have it.
func TestMountInFlight(t *testing.T) {
	v := newServing(&session{}, setup{}, nil)
	var set setup
	for _, path := range []string{"/", "/api", "/ä b", "admin.localhost/", "admin.localhost:443/safe"} {
		spec, err := mountConfig{Path: path, To: "echo:"}.understand(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		set.mounts = append(set.mounts, spec)
	}
	begin := func(url, host string) string {
		e := v.told(inspect.ExchangeStarted{Exchange: inspect.Summary{ID: inspect.NewID(), URL: url, Host: host, InFlight: true}})
		return e.(inspect.ExchangeStarted).Exchange.Mount
	}
	if got := begin("http://localhost/api", "localhost"); got != "" {
		t.Errorf("before there are mounts: %q", got)
	}
	c, err := v.compose(set, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.close() })
	v.now.Store(c)
	for _, x := range []struct{ url, host, want string }{
		{"http://localhost/", "localhost", "/"},
		{"http://localhost/api?x=1", "localhost", "/api"},
		{"http://localhost/apis", "localhost", "/"},
		{"http://localhost/api/%2e%2e/users", "localhost", "/api"},
		{"http://localhost/%C3%A4%20b/c", "localhost", "/ä b"},
		{"http://admin.localhost:8000/api", "admin.localhost:8000", "admin.localhost/"},
		{"http://admin.localhost/safe", "admin.localhost", "admin.localhost/"},
		{"https://admin.localhost/safe", "admin.localhost", "admin.localhost:443/safe"},
		{"http://[::1", "[::1", ""},
	} {
		if got := begin(x.url, x.host); got != x.want {
			t.Errorf("%s: mount %q, want %q", x.url, got, x.want)
		}
	}
	id := inspect.NewID()
	v.told(inspect.ExchangeStarted{Exchange: inspect.Summary{ID: id, URL: "http://localhost/api", Host: "localhost"}})
	if e := v.told(inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{ID: id, Mount: "/api"}}}); e.(inspect.ExchangeFinished).Exchange.Mount != "" {
		t.Error("no mount has answered, and one is named") // a login stood before it
	}
}
