package httpx

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tempDir makes an empty directory that of all temporary files, and lists it.
func tempDir(t *testing.T) func() []string {
	dir := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, dir)
	}
	return func() []string {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
}

func TestSpoolReplays(t *testing.T) {
	for name, size := range map[string]int{"empty": 0, "memory": 5, "exactly": 1000, "file": 10_000} {
		t.Run(name, func(t *testing.T) {
			files := tempDir(t)
			want := strings.Repeat("0123456789", size/10+1)[:size]
			s := NewSpool(iotest.HalfReader(strings.NewReader(want)), 1000, 0)
			half := s.Reader()
			_, _ = io.CopyN(io.Discard, half, int64(size/2))
			for range 3 {
				if got := readAll(t, s.Reader()); got != want {
					t.Fatalf("read %d bytes, not the %d sent", len(got), size)
				}
			}
			if got := readAll(t, half); got != want[size/2:] {
				t.Errorf("the interrupted reader got %d bytes more", len(got))
			}
			if n, err := s.Size(); n != int64(size) || err != nil {
				t.Errorf("size %d, %v", n, err)
			}
			if n, disk := s.Kept(); n != int64(size) || disk != (size > 1000) {
				t.Errorf("kept %d, on disk %v", n, disk)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if left := files(); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			if _, err := s.Reader().Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

func TestSpoolIsLazy(t *testing.T) {
	src := strings.NewReader("abc")
	s := NewSpool(src, 0, 0)
	defer s.Close()
	_ = s.Reader()
	if src.Len() != 3 {
		t.Error("read before anybody asked")
	}
	if n, err := s.Size(); n != 3 || err != nil {
		t.Error(n, err)
	}
}

func TestSpoolTruncatedBodyIsAnError(t *testing.T) {
	s := NewSpool(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 0, 0)
	defer s.Close()
	for range 2 {
		if b, err := io.ReadAll(s.Reader()); string(b) != "abc" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %q, %v", b, err)
		}
	}
	if _, err := s.Size(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("size: %v", err)
	}
}

func TestSpoolLimit(t *testing.T) {
	s := NewSpool(strings.NewReader("0123456789"), 2, 6)
	defer s.Close()
	for range 2 {
		_, err := io.ReadAll(iotest.OneByteReader(s.Reader()))
		var e *http.MaxBytesError
		if !errors.As(err, &e) || e.Limit != 6 || !TooLarge(err) {
			t.Fatalf("got %v", err)
		}
	}
	w := httptest.NewRecorder()
	_, err := s.Size()
	BodyError(w, err)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "6 bytes") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	BodyError(w, io.ErrUnexpectedEOF)
	if w.Code != http.StatusBadRequest {
		t.Errorf("a body cut short: %d", w.Code)
	}
	if n, _ := NewSpool(strings.NewReader("123456"), 2, 6).Size(); n != 6 {
		t.Errorf("a body of exactly the limit: %d", n)
	}
}

func TestSpoolLastKeepsNothingMore(t *testing.T) {
	s := NewSpool(io.LimitReader(zeros{}, 10<<20), 1000, 2000)
	defer s.Close()
	_, _ = io.ReadFull(s.Reader(), make([]byte, 500))
	other := s.Reader()
	n, err := io.Copy(io.Discard, s.Last())
	if n != 10<<20 || err != nil {
		t.Fatalf("read %d, %v", n, err)
	}
	if kept, disk := s.Kept(); kept != 500 || disk {
		t.Errorf("kept %d, on disk %v", kept, disk)
	}
	if n, err := io.Copy(io.Discard, other); n != 500 || !errors.Is(err, ErrReleased) {
		t.Errorf("another reader: %d, %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A loser that still waits for the body, as an http.Transport does, takes nothing from
// the reader after it, also when that one is the last.
func TestSpoolClosedReaderLosesNothing(t *testing.T) {
	pr, pw := io.Pipe()
	entered := make(chan struct{}, 8)
	s := NewSpool(tellingReader{pr, entered}, 0, 0)
	defer s.Close()
	loser := s.Reader()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		b := make([]byte, 2)
		_, _ = loser.Read(b)
		if _, err := loser.Read(b); !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("after its Close: %v", err)
		}
	}()
	<-entered
	_ = loser.Close()
	got := make(chan string)
	go func() {
		b, err := io.ReadAll(s.Last())
		if err != nil {
			t.Error(err)
		}
		got <- string(b)
	}()
	_, _ = pw.Write([]byte("hello"))
	_ = pw.Close()
	if s := <-got; s != "hello" {
		t.Errorf("got %q", s)
	}
	<-gone
}

type tellingReader struct {
	io.Reader
	entered chan struct{}
}

func (r tellingReader) Read(p []byte) (int, error) {
	r.entered <- struct{}{}
	return r.Reader.Read(p)
}

// paste.md 4.8: GH85.
func TestBodyParsedTwiceGivesOneValue(t *testing.T) {
	r := httptest.NewRequest("POST", "/?a=2", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s := NewSpool(strings.NewReader("a=1"), 0, 0)
	defer s.Close()
	for range 2 {
		r.Body = s.Reader()
		if err := r.ParseForm(); err != nil {
			t.Fatal(err)
		}
		again := r.Clone(t.Context())
		again.Form, again.PostForm, again.Body = nil, nil, s.Reader()
		if err := again.ParseForm(); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*http.Request{r, again} {
			if len(r.PostForm["a"]) != 1 || len(r.Form["a"]) != 2 || r.Form["a"][0] != "1" {
				t.Fatalf("form %v, post form %v", r.Form, r.PostForm)
			}
		}
	}
}

func TestSpoolNoRoom(t *testing.T) {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, t.TempDir()+"/none")
	}
	s := NewSpool(bytes.NewReader(make([]byte, 100)), 10, 0)
	defer s.Close()
	if _, err := io.ReadAll(s.Reader()); err == nil || !strings.Contains(err.Error(), "keep a body of 100 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestSpoolManyReaders(t *testing.T) {
	want := strings.Repeat("0123456789", 20_000)
	s := NewSpool(iotest.HalfReader(strings.NewReader(want)), 50_000, 0)
	defer s.Close()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r := s.Reader()
			defer r.Close()
			var got bytes.Buffer
			if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{r}, make([]byte, 100+977*i)); err != nil || got.String() != want {
				t.Errorf("reader %d: %d bytes, %v", i, got.Len(), err)
			}
		})
	}
	wg.Wait()
}
