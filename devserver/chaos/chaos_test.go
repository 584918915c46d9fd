package chaos_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/chaos"
)

func say(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, s) })
}

func TestLatencyAndJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []chaos.Report
		c := chaos.Chaos{Latency: 200 * time.Millisecond, Jitter: 50 * time.Millisecond, Seed: 7, Done: func(_ *http.Request, r chaos.Report) { reports = append(reports, r) }}
		h := c.Handler(say("ok"))
		differs := false
		for range 50 {
			start, w := time.Now(), httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			took := time.Since(start)
			if took < 150*time.Millisecond || took > 250*time.Millisecond || w.Body.String() != "ok" {
				t.Fatalf("took %v", took)
			}
			if got := w.Header().Get("Server-Timing"); !strings.HasPrefix(got, `chaos-latency;desc="made to wait";dur=`) {
				t.Fatal(got)
			}
			if reports[len(reports)-1].Latency != took {
				t.Fatalf("took %v, told %v", took, reports[len(reports)-1])
			}
			differs = differs || took != reports[0].Latency
		}
		if !differs {
			t.Error("jitter does nothing")
		}
	})
}

func TestWaitEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		called, start := false, time.Now()
		h := chaos.Chaos{Latency: time.Hour}.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
		got := recovered(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		})
		if called || got != http.ErrAbortHandler || time.Since(start) != time.Second {
			t.Errorf("called %v, panic %v, after %v", called, got, time.Since(start))
		}
	})
}

func recovered(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

func TestBandwidth(t *testing.T) {
	for _, c := range []struct {
		rate int64
		size int
		want time.Duration // until the last piece is sent: its own time follows
	}{
		{1000, 1000, 950 * time.Millisecond}, {1, 3, 2 * time.Second}, {1 << 30, 1 << 20, 0}, {10_000, 100_000, 9950 * time.Millisecond}, {100, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var report chaos.Report
			h := chaos.Chaos{Bandwidth: c.rate, Done: func(_ *http.Request, r chaos.Report) { report = r }}.Handler(
				http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(w, strings.NewReader(strings.Repeat("x", c.size))) // by ReadFrom
				}))
			start, w := time.Now(), httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			took := time.Since(start)
			if took < c.want || took > c.want+10*time.Millisecond || w.Body.Len() != c.size {
				t.Errorf("%d bytes at %d: %v, want %v", w.Body.Len(), c.rate, took, c.want)
			}
			if report.Slowed != took || c.size > 0 && !w.Flushed {
				t.Errorf("told %v of %v, flushed %v", report.Slowed, took, w.Flushed)
			}
		})
	}
}

// TestBandwidthPauseEarnsNothing: after a pause the body does not come in a burst.
func TestBandwidthPauseEarnsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := chaos.Chaos{Bandwidth: 100}.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "x")
			time.Sleep(time.Hour)
			start := time.Now()
			io.WriteString(w, strings.Repeat("x", 100))
			if took := time.Since(start); took < 900*time.Millisecond {
				t.Errorf("took %v", took)
			}
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})
}

func TestBandwidthEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		h := chaos.Chaos{Bandwidth: 1}.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n, err := io.WriteString(w, strings.Repeat("x", 1000))
			if n > 11 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%d %v", n, err)
			}
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	})
}

func TestFail(t *testing.T) {
	sequence := func(c chaos.Chaos) string {
		h, s := c.Handler(say("ok")), ""
		for range 400 {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			s += map[int]string{200: ".", 503: "x"}[w.Code]
		}
		return s
	}
	if a, b := sequence(chaos.Chaos{Fail: 0.25, Seed: 3}), sequence(chaos.Chaos{Fail: 0.25, Seed: 3}); a != b || len(a) != 400 {
		t.Error("the same seed, another sequence")
	} else if n := strings.Count(a, "x"); n < 70 || n > 130 {
		t.Errorf("%d of 400 failed", n)
	}
	if one, two := sequence(chaos.Chaos{Fail: 0.5}), sequence(chaos.Chaos{Fail: 0.5}); one == two {
		t.Error("without a seed, the same sequence")
	}
	if s := sequence(chaos.Chaos{Fail: 1}); strings.Contains(s, ".") {
		t.Error("not all failed")
	}
	if s := sequence(chaos.Chaos{}); strings.Contains(s, "x") {
		t.Error("the zero value fails")
	}
}

func TestFailureSaysSo(t *testing.T) {
	var report chaos.Report
	h := chaos.Chaos{Fail: 1, Status: 429, RetryAfter: 1500 * time.Millisecond, Done: func(_ *http.Request, r chaos.Report) { report = r }}.Handler(say("ok"))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	got := []string{w.Result().Status, w.Header().Get("Retry-After"), w.Header().Get("Server-Timing")}
	if d := cmp.Diff([]string{"429 Too Many Requests", "2", `chaos-fail;desc="made to fail"`}, got); d != "" {
		t.Error(d)
	}
	if report != (chaos.Report{Failed: 429}) || !strings.Contains(w.Body.String(), "chaos") {
		t.Errorf("%v %s", report, w.Body)
	}
}

func TestAbortOverTheWire(t *testing.T) {
	told := make(chan chaos.Report, 8)
	s := httptest.NewServer(chaos.Chaos{Fail: 1, Abort: true, Done: func(_ *http.Request, r chaos.Report) { told <- r }}.Handler(say("ok")))
	defer s.Close()
	if res, err := http.Post(s.URL, "text/plain", strings.NewReader("x")); err == nil {
		t.Errorf("an answer: %s", res.Status)
	}
	if r := <-told; !r.Aborted {
		t.Errorf("%v", r)
	}
}

// TestWriterKeeps: through the wrapper, pieces arrive while the handler works on, HEAD has
// no body, and connections can be taken over.
func TestWriterKeeps(t *testing.T) {
	next := make(chan bool)
	s := httptest.NewServer(chaos.Chaos{Bandwidth: 1 << 20}.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/stream":
			io.WriteString(w, "first")
			<-next
			io.WriteString(w, "second")
		case "/hijack":
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw")
			c.Close()
		case "/early":
			w.WriteHeader(103)
			w.Header().Set("X-Final", "1")
		}
	})))
	defer s.Close()
	res, err := http.Get(s.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != "first" {
		t.Errorf("%q %v", b, err)
	}
	close(next)
	rest, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if string(rest) != "second" {
		t.Errorf("%q", rest)
	}
	req, _ := http.NewRequest("GET", s.URL+"/hijack", nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "x")
	if res, err = http.DefaultClient.Do(req); err != nil || res.StatusCode != 101 {
		t.Fatalf("%v %v", res, err)
	}
	if raw, _ := io.ReadAll(res.Body); string(raw) != "raw" {
		t.Errorf("%q", raw)
	}
	res.Body.Close()
	if res, err = http.Get(s.URL + "/early"); err != nil || res.StatusCode != 200 || res.Header.Get("X-Final") != "1" {
		t.Errorf("%v %v", res, err)
	}
	if res, err = http.Head(s.URL + "/early"); err != nil || res.StatusCode != 200 {
		t.Errorf("%v %v", res, err)
	}
}

// Who asks for what the writer below cannot is told so.
func TestWriterTells(t *testing.T) {
	h := chaos.Chaos{Bandwidth: 1 << 20}.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_, _, hijack := rc.Hijack()
		if flush := rc.Flush(); !errors.Is(flush, http.ErrNotSupported) || !errors.Is(hijack, http.ErrNotSupported) {
			t.Errorf("flush: %v, hijack: %v", flush, hijack)
		}
	}))
	h.ServeHTTP(struct{ http.ResponseWriter }{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
}

// An answer that is no failure is not made: 1xx would be none at all, 204 has no body.
func TestFailsWithFailures(t *testing.T) {
	for status, want := range map[int]int{0: 503, 100: 503, 204: 503, 302: 503, 400: 400, 599: 599, 1000: 503, -1: 503} {
		w := httptest.NewRecorder()
		chaos.Chaos{Fail: 1, Status: status}.Handler(say("ok")).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != want {
			t.Errorf("%d: %d, want %d", status, w.Code, want)
		}
	}
}
