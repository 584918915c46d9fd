package devserver

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// benchClients is the number of clients that ask at once.
const benchClients = 16

// counter is a recorder that does nothing but count.
type counter struct{ n atomic.Int64 }

func (c *counter) Publish(inspect.Event) { c.n.Add(1) }

// BenchmarkProxy compares the recording proxy with a bare httputil.ReverseProxy on
// http.DefaultTransport: same target, same clients, in the same run.
func BenchmarkProxy(b *testing.B) {
	for _, size := range []int{1 << 10, 100 << 10} {
		body := bytes.Repeat([]byte("x"), size)
		target := httpTarget(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) }))
		name := fmt.Sprintf("%dkB", size>>10)
		b.Run("bare/"+name, func(b *testing.B) {
			u := &url.URL{Scheme: "http", Host: target}
			bare := httpTarget(b, httputil.NewSingleHostReverseProxy(u))
			hammer(b, bare, size)
		})
		b.Run("pastedev/"+name, func(b *testing.B) {
			s := newSite(b, target, Options{Record: new(counter)})
			hammer(b, s.addr, size)
		})
	}
}

// hammer asks b.N times from all clients, each on a connection of its own, and
// reports requests a second and the 99th percentile of their latency.
func hammer(b *testing.B, addr string, size int) {
	tr := &http.Transport{MaxIdleConnsPerHost: benchClients, DialContext: (&net.Dialer{}).DialContext, DisableCompression: true}
	defer tr.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(b.N))
	took := make([][]time.Duration, benchClients)
	var wg sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i := range benchClients {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				t := time.Now()
				req, _ := http.NewRequest("GET", "http://"+addr+"/", nil)
				res, err := tr.RoundTrip(req)
				if err != nil {
					b.Error(err)
					return
				}
				n, err := io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if err != nil || n != int64(size) {
					b.Errorf("read %d bytes: %v", n, err)
					return
				}
				took[i] = append(took[i], time.Since(t))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	if len(all) > 0 {
		b.ReportMetric(float64(len(all))/elapsed.Seconds(), "req/s")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
	}
}
