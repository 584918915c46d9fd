package httpx

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithMount(t *testing.T) {
	for _, tt := range []struct {
		target, prefix string
		mount, path    string
		escaped        string
	}{
		{"/foo/bar", "/foo", "/foo", "/bar", "/bar"},
		{"/foo/bar", "/foo/", "/foo", "/bar", "/bar"},
		{"/foo", "/foo", "/foo", "", ""},
		{"/foo/", "/foo", "/foo", "/", "/"},
		{"/foobar", "/foo", "", "/foobar", "/foobar"},
		{"/bar", "/foo", "", "/bar", "/bar"},
		{"/x", "", "", "/x", "/x"},
		{"/x", "/", "", "/x", "/x"},
		{"/foo%2Fbar", "/foo", "", "/foo/bar", "/foo%2Fbar"},
		{"/a/b%2Fc", "/a", "/a", "/b/c", "/b%2Fc"},
		{"/a/b%2Fc/d", "/a/b", "", "/a/b/c/d", "/a/b%2Fc/d"},
		{"/a%20b/c", "/a b", "/a b", "/c", "/c"},
		{"/%66oo/bar", "/foo", "/foo", "/bar", "/bar"},
		{"/foo//bar", "/foo", "/foo", "//bar", "//bar"},
		{"/%C3%BC/%2F", "/ü", "/ü", "//", "/%2F"},
	} {
		t.Run(tt.target+" "+tt.prefix, func(t *testing.T) {
			r := httptest.NewRequest("GET", tt.target, nil)
			before := *r.URL
			got := WithMount(r, tt.prefix)
			if diff := cmp.Diff([]string{tt.mount, tt.path, tt.escaped},
				[]string{MountPoint(got.Context()), got.URL.Path, got.URL.EscapedPath()}); diff != "" {
				t.Error(diff)
			}
			if *r.URL != before || MountPoint(r.Context()) != "" {
				t.Error("the request itself was changed")
			}
		})
	}
}

func TestWithMountNests(t *testing.T) {
	r := WithMount(WithMount(httptest.NewRequest("GET", "/a/b/c?q", nil), "/a"), "/b")
	if MountPoint(r.Context()) != "/a/b" || r.URL.Path != "/c" || r.URL.RawQuery != "q" {
		t.Errorf("got %q %v", MountPoint(r.Context()), r.URL)
	}
	if top := WithMount(Unmounted(r), "/c"); MountPoint(top.Context()) != "/c" || MountPoint(r.Context()) != "/a/b" {
		t.Errorf("begun anew: %q, before: %q", MountPoint(top.Context()), MountPoint(r.Context()))
	}
	if got := MountPoint(context.Background()); got != "" {
		t.Errorf("at the top: %q", got)
	}
}

// paste.md 4.8, the split table.
func TestShiftPath(t *testing.T) {
	type result struct {
		Segment, Rest string
		OK            bool
	}
	for path, want := range map[string]result{
		"": {"", "", false}, "/": {"", "", true}, "/a/b": {"a", "/b", true}, "//a/b": {"a", "/b", true}, "/a": {"a", "", true},
	} {
		segment, rest, ok := ShiftPath(path)
		if diff := cmp.Diff(want, result{segment, rest, ok}); diff != "" {
			t.Errorf("%q: %s", path, diff)
		}
	}
}

func TestPop(t *testing.T) {
	r := httptest.NewRequest("GET", "/a%2Fb/c%2Fd/e", nil)
	segment, r2, ok := Pop(r)
	if !ok || segment != "a/b" || MountPoint(r2.Context()) != "/a/b" || r2.URL.Path != "/c/d/e" || r2.URL.EscapedPath() != "/c%2Fd/e" {
		t.Fatalf("got %q %v %q %q", segment, ok, MountPoint(r2.Context()), r2.URL.EscapedPath())
	}
	segment, r3, _ := Pop(r2)
	if segment != "c/d" || r3.URL.Path != "/e" || r3.URL.RawPath != "" {
		t.Errorf("got %q %+v", segment, r3.URL)
	}
	if _, same, ok := Pop(&http.Request{URL: &url.URL{Path: "/"}}); ok || same.URL.Path != "/" {
		t.Error("popped from a path of slashes only")
	}
}
