package httpx

import (
	"html/template"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func mustURL(t *testing.T, s string) URL {
	t.Helper()
	u, err := ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// paste.md 6.2: the table of paste.url's doctest, and what is wrong there.
func TestURL(t *testing.T) {
	root := mustURL(t, "http://localhost")
	view := root.Join("view")
	q := mustURL(t, "/s?q=1&x=0&q=2")
	for _, tt := range []struct {
		name string
		got  URL
		want string
	}{
		{"join", view, "http://localhost/view"},
		{"two slashes join as one", view.Join("//foo"), "http://localhost/view/foo"},
		{"query is decoded and encoded", view.WithQuery("foo=bar%20stuff"), "http://localhost/view?foo=bar+stuff"},
		{"join and parameter", view.Join("another").With("var", "fuggetaboutit"), "http://localhost/view/another?var=fuggetaboutit"},
		{"parameter quoted", view.With("title", `See "it"`), "http://localhost/view?title=See+%22it%22"},
		{"join keeps the query", q.Join("t"), "/s/t?q=1&x=0&q=2"},
		{"dots resolved", view.Join("a", "..", "./b"), "http://localhost/view/b"},
		{"dots stay below the root", view.Join("../../../etc"), "http://localhost/etc"},
		{"slash at the end", view.Join("a/"), "http://localhost/view/a/"},
		{"text is escaped", root.Join("a b?#%2F"), "http://localhost/a%20b%3F%23%252F"},
		{"relative", URL{}.Join("a", "b"), "a/b"},
		{"many values", mustURL(t, "/").With("q", "1").With("q", "2"), "/?q=1&q=2"},
		{"set", q.Set("q", "3"), "/s?q=3&x=0"},
		{"set several", q.Set("q", "3", "4"), "/s?q=3&q=4&x=0"},
		{"set new", q.Set("n", "3"), "/s?q=1&x=0&q=2&n=3"},
		{"set nothing deletes", q.Set("q"), "/s?x=0"},
		{"no ? is left", q.Del("q", "x"), "/s"},
		{"no ? is left by set", mustURL(t, "/s?a=1").Set("a"), "/s"},
		{"join drops the fragment", mustURL(t, "/s#f").Join("x"), "/s/x"},
		{"fragment stays otherwise", mustURL(t, "/s#f").With("a", "b"), "/s?a=b#f"},
		{"nothing joined", q.Join(), "/s?q=1&x=0&q=2"},
		{"rel", view.Rel(root), "/view"},
		{"rel of the root", root.Rel(view), "/"},
		{"rel elsewhere", view.Rel(mustURL(t, "https://localhost/")), "http://localhost/view"},
		{"rel that looks like a host", mustURL(t, "http://localhost//evil.com/x").Rel(root), "/.//evil.com/x"},
		{"opaque", mustURL(t, "mailto:a@b").Rel(mustURL(t, "mailto:c@d")), "mailto:a@b"},
	} {
		if got := tt.got.String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, err := ParseURL("http://a b/"); err == nil {
		t.Error("a bad URL was taken")
	}
}

func TestURLIsImmutable(t *testing.T) {
	u := mustURL(t, "http://h/p?a=1&b=2")
	want := u.String()
	a := u.With("c", "3")
	_, b := u.With("c", "4"), a.With("d", "5")
	_ = a.With("d", "6")
	for _, v := range []URL{u.Set("a", "9"), u.Del("a"), u.Join("x"), u.WithQuery("z"), u.Rel(u)} {
		_ = v.String()
	}
	u.URL().Path = "/changed"
	u.Query()[0].Value = "changed"
	if got := u.String(); got != want {
		t.Errorf("changed to %s", got)
	}
	if got := b.String(); got != "http://h/p?a=1&b=2&c=3&d=5" {
		t.Errorf("a sibling changed it: %s", got)
	}
}

func TestURLGet(t *testing.T) {
	u := RequestURL(httptest.NewRequest("GET", "http://h:80/p?a=1&a=2&b", nil), nil)
	if v, ok := u.Get("a"); v != "1" || !ok {
		t.Error(v, ok)
	}
	if v, ok := u.Get("b"); v != "" || !ok {
		t.Error(v, ok)
	}
	if _, ok := u.Get("c"); ok || u.String() != "http://h/p?a=1&a=2&b" {
		t.Error(u)
	}
}

func TestLinks(t *testing.T) {
	view := mustURL(t, "http://localhost/view")
	del := mustURL(t, "/delete").WithQuery("id=5")
	for _, tt := range []struct {
		name      string
		got, want template.HTML
	}{
		{"a", view.A("view", ""), `<a href="http://localhost/view">view</a>`},
		{"content is escaped", view.With("t", `"><b>`).A("<i>", ""), `<a href="http://localhost/view?t=%22%3E%3Cb%3E">&lt;i&gt;</a>`},
		{"confirm", view.A("goto", "Really?"), `<a href="http://localhost/view" onclick="return confirm(&#34;Really?&#34;)">goto</a>`},
		{"button", del.Button("del", ""), `<button type="button" onclick="location.href = &#34;/delete?id=5&#34;">del</button>`},
		{"button asks", del.Button("del", "Sure?"), `<button type="button" onclick="if (confirm(&#34;Sure?&#34;)) location.href = &#34;/delete?id=5&#34;">del</button>`},
		{"other schemes", mustURL(t, "javascript:alert(1)").A("x", ""), `<a href="#">x</a>`},
		{"other schemes in a button", mustURL(t, "JavaScript:alert(1)").Button("x", ""), `<button type="button" onclick="location.href = &#34;#&#34;">x</button>`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, tt.got, tt.want)
		}
	}
	// paste.md 6.2: confirm text quoted safely.
	for _, hostile := range []string{`"); alert(1); ("`, "'); alert(1)//", "\n</script><script>", "\u2028"} {
		for _, got := range []template.HTML{view.A("x", hostile), view.Button("x", hostile)} {
			s := string(got)
			if strings.Contains(s, `"); alert`) || strings.Contains(s, "'); alert") || strings.Contains(s, "<script") || strings.ContainsAny(s, "\n\u2028") {
				t.Errorf("%q gives %s", hostile, s)
			}
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{"http://localhost", "/a/b?c=d#e", "//h/x", "a:b", "?x", "", "/%2F/..", "javascript:x", "http://[::1]:8/"} {
		f.Add(s, "..", "k")
	}
	f.Add("http://h", "//x", "")
	f.Add("/", "a?b#c%zz\x00", "&=")
	f.Fuzz(func(t *testing.T, s, element, key string) {
		u, err := ParseURL(s)
		if err != nil {
			return
		}
		before := u.String()
		j := u.Join(element).With(key, element).Set("s", key)
		if u.String() != before {
			t.Fatalf("%q changed to %q", before, u)
		}
		if v, ok := j.Get(key); key != "s" && (!ok || u.Query() == nil && v != element) {
			t.Errorf("%q: parameter %q is %q", j, key, v)
		}
		if j.base.Host != u.base.Host || j.base.Scheme != u.base.Scheme {
			t.Errorf("join led from %q to %q", u, j)
		}
		if j.base.Opaque == "" && u.base.Host != "" {
			again, err := url.Parse(j.String())
			if err != nil || again.Host != u.base.Host || again.RawQuery != EncodeQuery(j.query) {
				t.Errorf("%q read again: %+v, %v", j, again, err)
			}
		}
	})
}
