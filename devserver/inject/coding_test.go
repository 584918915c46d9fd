package inject

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// forms are the coded forms of a body, under the Content-Encoding they go by.
var forms = []struct{ form, coding string }{
	{"gzip", "gzip"}, {"gzip", "x-gzip"}, {"br", "br"}, {"zstd", "zstd"}, {"zlib", "deflate"}, {"flate", "deflate"},
}

func encode(t testing.TB, form, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	enc, err := newEncoder(form, &b)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(enc, s)
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(t testing.TB, coding string, r io.Reader) (string, error) {
	t.Helper()
	dec, _, err := newDecoder(strings.TrimPrefix(coding, "x-"), bufio.NewReader(r))
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(dec)
	return string(b), err
}

func TestCodings(t *testing.T) {
	large := strings.Replace(page, "<body>", "<body>"+strings.Repeat("some text that compresses ", 20000), 1)
	for _, f := range forms {
		for _, content := range []string{page, large, "<li>fragment", ""} {
			for _, nav := range []string{"", "document"} {
				coded := encode(t, f.form, content)
				res := response("", "Content-Encoding", f.coding, "ETag", `"x"`)
				res.Header.Set("Content-Length", "1")
				res.ContentLength = int64(len(coded))
				res.Body = io.NopCloser(iotest.HalfReader(bytes.NewReader(coded)))
				req := request()
				if nav != "" {
					req.Header.Set("Sec-Fetch-Dest", nav)
				}
				if !new(Injector).Apply(req, res, testTag) {
					if got := readAll(t, res.Body); nav != "" || strings.Contains(content, "<html") || got != string(coded) {
						t.Errorf("%s: %.20q not injected, or changed all the same", f.form, content)
					}
					continue
				}
				if res.Header.Get("Content-Encoding") != f.coding || res.Header.Get("Content-Length") != "" || res.ContentLength != -1 {
					t.Errorf("%s: header %v, length %d", f.form, res.Header, res.ContentLength)
				}
				want := strings.Replace(content, "<head>", "<head>@", 1)
				if strings.HasPrefix(content, "<li>") {
					want = "@" + content
				}
				got, err := decode(t, f.coding, res.Body)
				if err != nil {
					t.Fatalf("%s: %v", f.form, err)
				}
				if diff := cmp.Diff(want, marked(got)); diff != "" {
					t.Errorf("%s: %s", f.form, diff)
				}
				if err := res.Body.Close(); err != nil {
					t.Errorf("%s: close: %v", f.form, err)
				}
			}
		}
	}
}

// TestFurtherMember: what follows the first gzip member goes through as it is.
func TestFurtherMember(t *testing.T) {
	tail := append(encode(t, "gzip", "more"), "padding"...)
	res := response("", "Content-Encoding", "gzip")
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(encode(t, "gzip", page)), bytes.NewReader(tail)))
	if !new(Injector).Apply(request(), res, testTag) {
		t.Fatal("not injected")
	}
	if got := readAll(t, res.Body); !strings.HasSuffix(got, string(tail)) {
		t.Errorf("the tail is gone: %q", got)
	}
}

// TestCorrupt: a coded body that is broken from the start goes through untouched,
// one that breaks later gives all that can be decoded and then an error.
func TestCorrupt(t *testing.T) {
	for _, f := range forms {
		coded := encode(t, f.form, page+strings.Repeat("0123456789 many words ", 9000))
		for _, cut := range []int{0, 1, 5, 12, len(coded) / 2, len(coded) - 3} {
			for _, nav := range []string{"", "document"} {
				bad := append(bytes.Clone(coded[:cut]), "\xff\xff\xff\xff\xff\xff\xff\xff garbage garbage"...)
				res := response("", "Content-Encoding", f.coding)
				res.Body = io.NopCloser(bytes.NewReader(bad))
				ok := new(Injector).Apply(request("Sec-Fetch-Dest", nav), res, testTag)
				got, err := io.ReadAll(res.Body)
				switch {
				case bytes.Equal(got, bad):
					if err != nil {
						t.Errorf("%s cut at %d: original delivered, then %v", f.form, cut, err)
					}
				case !ok:
					t.Errorf("%s cut at %d: not injected, yet changed", f.form, cut)
				default:
					want, _ := decode(t, f.coding, bytes.NewReader(bad))
					have, _ := decode(t, f.coding, bytes.NewReader(got))
					have = strings.Replace(marked(have), "@", "", 1)
					if !strings.HasPrefix(have, want) && !strings.HasPrefix(want, have) || len(have) < len(want) {
						t.Errorf("%s cut at %d: %d of %d decodable bytes delivered", f.form, cut, len(have), len(want))
					}
					if err == nil && f.form != "gzip" { // gzip: what does not decode at the end is padding
						t.Errorf("%s cut at %d: broken body ended well", f.form, cut)
					}
				}
			}
		}
	}
}

// TestTruncatedUpstream: an upstream that dies mid-body is an error for the client,
// behind all that it sent.
func TestTruncatedUpstream(t *testing.T) {
	dead := errors.New("connection reset by peer")
	for _, f := range forms {
		var coded bytes.Buffer
		enc, err := newEncoder(f.form, &coded)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(enc, page)
		enc.Flush()
		res := response("", "Content-Encoding", f.coding)
		res.Body = io.NopCloser(io.MultiReader(&coded, iotest.ErrReader(dead)))
		if !new(Injector).Apply(request(), res, testTag) {
			t.Fatal("not injected")
		}
		var sent bytes.Buffer
		_, err = io.Copy(&sent, res.Body)
		if !errors.Is(err, dead) {
			t.Errorf("%s: error %v, want %v", f.form, err, dead)
		}
		if got, _ := decode(t, f.coding, &sent); marked(got) != strings.Replace(page, "<head>", "<head>@", 1) {
			t.Errorf("%s: got %q", f.form, got)
		}
	}
}

// TestFlush: each part that the target flushes reaches the reader before the target
// writes the next one, in every coding.
func TestFlush(t *testing.T) {
	parts := []string{"<!doctype html>", "<html><he", "ad><title>", "first</title>", "<body>second", "third"}
	wants := []string{"<!doctype html>", "<!doctype html><html>", "<!doctype html><html><head>@<title>", "<!doctype html><html><head>@<title>first</title>"}
	for _, f := range append(forms, struct{ form, coding string }{"", ""}) {
		pr, pw := io.Pipe()
		var enc encoder = plain{pw}
		if f.form != "" {
			var err error
			if enc, err = newEncoder(f.form, pw); err != nil {
				t.Fatal(err)
			}
		}
		next := make(chan string)
		go func() {
			defer pw.Close()
			for s := range next {
				io.WriteString(enc, s)
				enc.Flush()
			}
			enc.Close()
		}()
		res := response("", "Content-Encoding", f.coding)
		res.Body = pr
		if !new(Injector).Apply(request("Sec-Fetch-Dest", "document"), res, testTag) {
			t.Fatal("not injected")
		}
		var dec io.Reader = res.Body
		if f.coding != "" { // the client's decoder would wait for the head of the coding
			next <- parts[0]
			var err error
			if dec, _, err = newDecoder(strings.TrimPrefix(f.coding, "x-"), bufio.NewReader(res.Body)); err != nil {
				t.Fatal(err)
			}
		} else {
			next <- parts[0]
		}
		got, buf := "", make([]byte, 4096)
		for i := range parts {
			if i > 0 {
				next <- parts[i]
			}
			want := marked(strings.Join(parts[:i+1], ""))
			if i < len(wants) {
				want = wants[i]
			} else {
				want = strings.Replace(want, "<head>", "<head>@", 1)
			}
			for marked(got) != want { // blocks for ever if a flush is swallowed; the test's deadline tells
				n, err := dec.Read(buf)
				got += string(buf[:n])
				if err != nil || !strings.HasPrefix(want+"<script", marked(got)) && len(marked(got)) > len(want) {
					t.Fatalf("%s: after part %d: %q, %v; want %q", f.form, i, got, err, want)
				}
			}
		}
		close(next)
		if _, err := io.ReadAll(dec); err != nil {
			t.Errorf("%s: end: %v", f.form, err)
		}
	}
}

type plain struct{ io.Writer }

func (plain) Flush() error { return nil }
func (plain) Close() error { return nil }

// FuzzCorrupt: no coded input panics, hangs or loses what a plain decoder finds.
func FuzzCorrupt(f *testing.F) {
	for i, form := range forms {
		coded := encode(f, form.form, page)
		f.Add(coded, uint8(i), false)
		f.Add(coded[:len(coded)/2], uint8(i), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, which uint8, navigation bool) {
		coding := forms[int(which)%len(forms)].coding
		res := response("", "Content-Encoding", coding)
		res.Body = io.NopCloser(bytes.NewReader(in))
		req := request()
		if navigation {
			req.Header.Set("Sec-Fetch-Dest", "document")
		}
		ok := new(Injector).Apply(req, res, testTag)
		got, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
		if !ok && (err != nil || !bytes.Equal(got, in)) {
			t.Fatalf("%s: not injected, yet %q became %q (%v)", coding, in, got, err)
		}
	})
}

// TestServer runs the whole over a connection, with a trailer.
func TestServer(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Trailer", "X-After")
		w.Write(encode(t, "gzip", page))
		w.Header().Set("X-After", "yes")
	}))
	defer target.Close()
	req := request("Accept-Encoding", "gzip")
	req.URL.Host, req.RequestURI = target.Listener.Addr().String(), ""
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if !new(Injector).Apply(req, res, testTag) {
		t.Fatal("not injected")
	}
	got, err := decode(t, "gzip", res.Body)
	if err != nil || marked(got) != strings.Replace(page, "<head>", "<head>@", 1) {
		t.Errorf("got %q, %v", got, err)
	}
	io.Copy(io.Discard, res.Body)
	if res.Trailer.Get("X-After") != "yes" {
		t.Errorf("trailer %v", res.Trailer)
	}
}
