package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// benchClients is the number of clients that ask at once.
	benchClients = 16
	// benchRound is how long each proxy is asked before it is the other's turn.
	benchRound = 2 * time.Second
	// peerRole names the variable that makes this test binary one end of a benchmark.
	peerRole = "PASTEDEV_BENCH_PEER"
)

// BenchmarkProxy compares `pastedev run --upstream`, with its history on disk and its
// line log, with a bare httputil.ReverseProxy on http.DefaultTransport. Client,
// target and both proxies are processes of their own; the proxies are asked in turns.
// The ratios are medians over the pairs. Run it with -benchtime=7x.
func BenchmarkProxy(b *testing.B) {
	for _, size := range []int{1 << 10, 100 << 10} {
		b.Run(fmt.Sprintf("%dkB", size>>10), func(b *testing.B) {
			target := startPeer(b, "target "+strconv.Itoa(size))
			bare := startPeer(b, "bare "+target)
			ours := startRecorder(b, target)
			hammer(b, bare, size) // warm both
			hammer(b, ours, size)
			var rates, tails, rate0, rate1, tail0, tail1 []float64
			for b.Loop() {
				theirRate, theirTail := hammer(b, bare, size)
				ourRate, ourTail := hammer(b, ours, size)
				rates, tails = append(rates, ourRate/theirRate), append(tails, ourTail/theirTail)
				rate0, rate1 = append(rate0, theirRate), append(rate1, ourRate)
				tail0, tail1 = append(tail0, theirTail), append(tail1, ourTail)
			}
			b.ReportMetric(median(rate0), "bare-req/s")
			b.ReportMetric(median(rate1), "pastedev-req/s")
			b.ReportMetric(median(tail0), "bare-p99-ms")
			b.ReportMetric(median(tail1), "pastedev-p99-ms")
			b.ReportMetric(median(rates), "throughput-ratio")
			b.ReportMetric(median(tails), "p99-ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// startRecorder runs pastedev before target and returns its address. Its line log
// goes nowhere.
func startRecorder(b *testing.B, target string) string {
	b.Helper()
	addr := freeAddr(b)
	cmd := exec.Command(pastedevBinary(b), "run", "--ui=log", "--addr="+addr, "--upstream=http://"+target)
	cmd.Dir = b.TempDir()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := awaitText(ctx, "http://"+addr+"/", ""); err != nil {
		b.Fatal(err)
	}
	return addr
}

// startPeer runs this test binary in a role and returns the address where it serves.
func startPeer(b *testing.B, role string) string {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestBenchPeer$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), peerRole+"="+role)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close() // which ends it
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "serves at ")
	if err != nil || !ok {
		b.Fatalf("peer %q said %q: %v", role, line, err)
	}
	return addr
}

// TestBenchPeer is not a test but a process of BenchmarkProxy: a target, or the bare
// proxy before one. It serves until its standard input ends.
func TestBenchPeer(t *testing.T) {
	role, value, _ := strings.Cut(os.Getenv(peerRole), " ")
	var h http.Handler
	switch role {
	case "target":
		size, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		body := words(size)
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.Write(body)
		})
	case "bare":
		h = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: value})
	default:
		t.Skip("only for BenchmarkProxy")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		s.Close()
	}()
	fmt.Printf("serves at %s\n", l.Addr())
	s.Serve(l)
}

// words returns text that compresses about as well as a web app's answers do.
func words(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 0, size+16)
	for len(b) < size {
		b = fmt.Appendf(b, `{"id":%d,"name":"item %x"},`, r.IntN(1e6), r.IntN(1<<20))
	}
	return b[:size]
}

// hammer asks from all clients for a round, each on a connection of its own, and
// returns requests a second and the 99th percentile of their latency in ms.
func hammer(b *testing.B, addr string, size int) (rate, tail float64) {
	b.Helper()
	tr := &http.Transport{MaxIdleConnsPerHost: benchClients, DisableCompression: true}
	defer tr.CloseIdleConnections()
	took := make([][]time.Duration, benchClients)
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range benchClients {
		wg.Go(func() {
			for time.Since(begin) < benchRound {
				t := time.Now()
				if err := fetchOnce(tr, addr, size); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(t))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(begin)
	all := slices.Concat(took...)
	if len(all) == 0 {
		b.FailNow()
	}
	slices.Sort(all)
	return float64(len(all)) / elapsed.Seconds(), ms(all[len(all)*99/100])
}

// fetchOnce reads one answer of size bytes.
func fetchOnce(tr *http.Transport, addr string, size int) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+addr+"/", nil)
	if err != nil {
		return err
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || n != int64(size) {
		return fmt.Errorf("status %d, %d bytes", res.StatusCode, n)
	}
	return nil
}
