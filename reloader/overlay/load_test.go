package overlay_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// BenchmarkHandler compares an instrumented server, whose messages are read, with
// the same one built plainly, both behind nothing. They run in turns, so that what
// else the machine does falls on both. Every request brings the id of an exchange, as
// from pastedev's proxy, to both.
//
// "throughput" is the instrumented server's requests per second as a fraction of the
// plain one's, "cpu" its processor time for one request as a multiple.
func BenchmarkHandler(b *testing.B) {
	c := overlay.Config{Dir: ".", StateDir: b.TempDir(), Env: os.Environ()}
	r, err := overlay.Make(b.Context(), c)
	if err != nil || len(r.Lost) > 0 {
		b.Fatal(err, r)
	}
	programs := make(map[string]string)
	for name, r := range map[string]*overlay.Result{"plain": {Go: "go"}, "instrumented": r} {
		programs[name] = filepath.Join(b.TempDir(), name)
		if out, err := goRun(b.Context(), r, c, "build", "-o", programs[name], "./testdata/load"); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	for _, path := range []string{"/hello", "/sql"} {
		b.Run(path[1:], func(b *testing.B) {
			plain := serve(b, programs["plain"], targetConfig{forget: true})
			instrumented := serve(b, programs["instrumented"], targetConfig{forget: true})
			compare(b, plain, instrumented, path)
		})
	}
}

func compare(b *testing.B, plain, instrumented *target, path string) {
	const rounds, round = 64, 125 * time.Millisecond // short: what else runs falls on both
	for b.Loop() {
		var done [2]int
		var cpu [2]time.Duration
		for i := range 2 * rounds {
			g, at := plain, 0
			if (i+i/2)%2 == 1 { // neither is always first
				g, at = instrumented, 1
			}
			before := g.cpu()
			done[at] += load(b, g.url+path, round)
			cpu[at] += g.cpu() - before
		}
		perSecond := func(i int) float64 { return float64(done[i]) / (rounds * round).Seconds() }
		perRequest := func(i int) float64 { return float64(cpu[i].Microseconds()) / float64(done[i]) }
		b.ReportMetric(perSecond(0), "plain-req/s")
		b.ReportMetric(perSecond(1)/perSecond(0), "throughput")
		b.ReportMetric(perRequest(0), "plain-cpu-us/req")
		b.ReportMetric(perRequest(1)/perRequest(0), "cpu")
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}

// load counts the requests that eight clients get through.
func load(b *testing.B, url string, d time.Duration) int {
	const clients = 8
	counts := make([]int, clients)
	until := time.Now().Add(d)
	var wg sync.WaitGroup
	var last atomic.Uint64 // exchange
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer c.CloseIdleConnections()
	for i := range clients {
		wg.Go(func() {
			for time.Now().Before(until) {
				req, err := http.NewRequestWithContext(b.Context(), "GET", url, nil)
				if err != nil {
					b.Error(err)
					return
				}
				req.Header[agent.HeaderExchange] = []string{fmt.Sprintf("%032x", last.Add(1))}
				resp, err := c.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				counts[i]++
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

// cpu is the processor time of the program's threads so far.
func (g *target) cpu() time.Duration {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", g.cmd.Process.Pid))
	sum := 0
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		onCPU, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.Atoi(onCPU)
		sum += n
	}
	return time.Duration(sum)
}
