package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// sample returns the nth of a stream of exchanges that looks like a web app's: a
// dozen paths, JSON answers of about a kilobyte, twelve header fields.
func sample(n int) *inspect.Exchange {
	path := "/api/items/" + strconv.Itoa(n%977)
	body := []byte(`{"id":` + strconv.Itoa(n) + `,"name":"item ` + strconv.Itoa(n*7919) + `","tags":[` +
		strings.Repeat(`"tag`+strconv.Itoa(n%13)+`",`, 120) + `"end"]}`)
	status := 200
	if n%50 == 0 {
		status = 500
	}
	start := time.Now().Add(-time.Hour).Add(time.Duration(n) * time.Millisecond)
	return &inspect.Exchange{
		Summary: inspect.Summary{ID: inspect.NewID(), Kind: inspect.KindHTTP, Method: "GET",
			URL: "http://localhost:8080" + path + "?page=" + strconv.Itoa(n%10), Host: "localhost:8080", Path: path,
			Proto: "HTTP/1.1", Status: status, Start: start, Duration: inspect.Millis(n%400) * inspect.Millis(time.Millisecond),
			ResponseSize: int64(len(body)), ContentType: "application/json", Build: 1 + n/10_000,
			Client: "127.0.0.1:" + strconv.Itoa(30000+n%20000),
			Sums:   inspect.Sums{Logs: 2, SQL: 1 + n%7, SQLTime: inspect.Millis(n%50) * inspect.Millis(time.Millisecond), Errors: n % 50 / 49}},
		Timing: inspect.Timing{Wait: inspect.Millis(time.Millisecond), Total: inspect.Millis(2 * time.Millisecond), ReusedConn: true},
		Request: inspect.Message{Proto: "HTTP/1.1", Header: inspect.Header{"Accept": {"*/*"}, "User-Agent": {"bench/1.0"},
			"Accept-Encoding": {"gzip"}, "Cookie": {"sid=abcdef0123456789"}, "Accept-Language": {"en"}, "Referer": {"http://localhost:8080/"}}},
		Response: inspect.Message{Proto: "HTTP/1.1", Header: inspect.Header{"Content-Type": {"application/json"},
			"Content-Length": {strconv.Itoa(len(body))}, "Date": {"Mon, 02 Jan 2006 15:04:05 GMT"}, "Etag": {`"` + strconv.Itoa(n) + `"`},
			"Cache-Control": {"no-store"}, "Vary": {"Accept-Encoding"}}, Body: inspect.Body{Size: int64(len(body)), Data: body}},
		ResponseFrom: inspect.FromTarget,
		Logs:         []inspect.Output{{Seq: 1, Time: start.UTC(), Stream: inspect.Stdout, Text: "listing items of page " + strconv.Itoa(n%10)}},
		Spans: []inspect.Span{{Seq: 1, Kind: inspect.SpanSQL, Start: start.UTC(), SQL: &inspect.SQL{Op: inspect.SQLQuery,
			Statement: "SELECT id, name FROM item WHERE id = ?", Args: []string{strconv.Itoa(n)}, Rows: 1}}},
	}
}

// BenchmarkInsert measures exchanges from Publish to the disk, paced so that none is
// shed.
func BenchmarkInsert(b *testing.B) { insert(b, sample) }

// BenchmarkInsertTrees is BenchmarkInsert of exchanges with call trees of 200 nodes.
func BenchmarkInsertTrees(b *testing.B) { insert(b, treeSample()) }

// treeSample returns sample with one of a hundred call trees of 200 nodes.
func treeSample() func(int) *inspect.Exchange {
	trees := make([]*inspect.CallTree, 100)
	for i := range trees {
		trees[i] = callTree(i, 200)
	}
	return func(n int) *inspect.Exchange {
		ex := sample(n)
		ex.CallTree = trees[n%len(trees)]
		ex.Sums.Nodes = 200
		return ex
	}
}

func insert(b *testing.B, sample func(int) *inspect.Exchange) {
	s, err := Open(Options{Path: filepath.Join(b.TempDir(), "history.db"), MaxCount: 1 << 30, MaxAge: 1e6 * time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	exs := make([]*inspect.Exchange, 4096)
	for i := range exs {
		exs[i] = sample(i)
	}
	b.ReportAllocs()
	cpu := cpuTime()
	b.ResetTimer()
	for i := range b.N {
		ex := *exs[i%len(exs)]
		ex.ID = inspect.ID(fmt.Sprintf("%032x", i+1))
		for waiting(s) > 10_000 {
			runtime.Gosched()
		}
		s.Publish(inspect.ExchangeFinished{Exchange: &ex})
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(cpuTime()-cpu)/1e3/float64(b.N), "cpu-µs/op")
	if s.lost > 0 {
		b.Fatalf("%d shed", s.lost)
	}
}

func waiting(s *Store) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.queue.exchanges)
}

// BenchmarkInsertPlainJSON is the baseline of BenchmarkInsert: the same exchanges as
// JSON lines appended to a file.
func BenchmarkInsertPlainJSON(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "plain.json"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	exs := make([]*inspect.Exchange, 4096)
	for i := range exs {
		exs[i] = sample(i)
	}
	b.ReportAllocs()
	cpu := cpuTime()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for i := 0; b.Loop(); i++ {
		if err := enc.Encode(exs[i%len(exs)]); err != nil {
			b.Fatal(err)
		}
		if buf.Len() > 1<<20 {
			f.Write(buf.Bytes())
			buf.Reset()
		}
	}
	b.ReportMetric(float64(cpuTime()-cpu)/1e3/float64(b.N), "cpu-µs/op")
}

// BenchmarkMemory100k reports the memory that 100,000 recorded exchanges take above
// the start, and the time to load them again.
func BenchmarkMemory100k(b *testing.B) { memory100k(b, sample) }

// BenchmarkMemory100kTrees is BenchmarkMemory100k of exchanges with call trees of 200
// nodes, of which none stays in memory.
func BenchmarkMemory100kTrees(b *testing.B) { memory100k(b, treeSample()) }

func memory100k(b *testing.B, sample func(int) *inspect.Exchange) {
	const count = 100_000
	path := filepath.Join(b.TempDir(), "history.db")
	for b.Loop() {
		os.Remove(path)
		before := residentBytes(b)
		s, err := Open(Options{Path: path})
		if err != nil {
			b.Fatal(err)
		}
		for i := range count {
			for waiting(s) > 2000 {
				time.Sleep(time.Millisecond)
			}
			s.Publish(inspect.ExchangeFinished{Exchange: sample(i)})
		}
		for waiting(s) > 0 {
			time.Sleep(time.Millisecond)
		}
		b.ReportMetric(float64(residentBytes(b)-before)/1e6, "MB-rss")
		var ms runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&ms)
		b.ReportMetric(float64(ms.HeapAlloc)/1e6, "MB-heap")
		b.ReportMetric(float64(s.Stats().Bytes)/1e6, "MB-disk")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if s, err = Open(Options{Path: path}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-load")
		if n := s.Stats().Exchanges; n != count {
			b.Fatalf("%d exchanges after a reload", n)
		}
		s.Close()
	}
}

// residentBytes returns VmRSS.
func residentBytes(b *testing.B) int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb << 10
}

type matchFunc func(*inspect.Summary, func() *inspect.Exchange) bool

func (f matchFunc) Match(s *inspect.Summary, load func() *inspect.Exchange) bool { return f(s, load) }

// BenchmarkQuery100k lists with a matcher over 100,000 exchanges: by summary, and by
// details of all of them.
func BenchmarkQuery100k(b *testing.B) {
	s, err := Open(Options{Path: filepath.Join(b.TempDir(), "history.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for i := range 100_000 {
		for waiting(s) > 10_000 {
			time.Sleep(time.Millisecond)
		}
		s.Publish(inspect.ExchangeFinished{Exchange: sample(i)})
	}
	for waiting(s) > 0 {
		time.Sleep(time.Millisecond)
	}
	for name, m := range map[string]matchFunc{
		"summary": func(s *inspect.Summary, _ func() *inspect.Exchange) bool {
			return s.Status >= 500 && strings.Contains(s.URL, "item")
		},
		"details5xx": func(s *inspect.Summary, load func() *inspect.Exchange) bool {
			return s.Status >= 500 && bytes.Contains(load().Response.Body.Data, []byte("nowhere"))
		},
	} {
		b.Run(name, func(b *testing.B) {
			cpu := cpuTime()
			for b.Loop() {
				if _, err := s.Exchanges(context.Background(), inspect.ListRequest{}, m); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime()-cpu)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}
