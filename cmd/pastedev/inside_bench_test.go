package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// failingRoute panics at the depth it is asked for: each depth is another stack, and
// only the first panics of a stack wait for a snapshot.
const failingRoute = `r.Get("/fail/{depth}", func(w http.ResponseWriter, r *http.Request) {
		depth, _ := strconv.Atoi(chi.URLParam(r, "depth"))
		var missing *catalog.Item
		var down func(int)
		down = func(n int) {
			if n > 0 {
				down(n - 1)
			}
			w.Write([]byte(missing.Name))
		}
		down(depth)
	})
	r.Handle("/static/*"`

// BenchmarkPanicToPage times the way from a request that panics to the last byte of
// its error page with locals, and how long the program stood still for it. The program
// is the shop (20 MB with debug data) without its recoverer. Run it with
// -benchtime=20x.
func BenchmarkPanicToPage(b *testing.B) {
	in := startApp(b, "shop")
	in.edit("web/web.go", ", middleware.Recoverer", "")
	in.edit("web/web.go", `r.Handle("/static/*"`, failingRoute)
	in.await("/", "shop, version 1")
	in.awaitRecording()
	depth := 0
	fail := func() (took time.Duration, pause inspect.Millis) {
		depth++
		begin := time.Now()
		a := in.ask(fmt.Sprintf("/fail/%d", depth), "Accept: text/html")
		took = time.Since(begin)
		if a.status != 500 || !strings.Contains(a.body, "missing is nil") {
			b.Fatalf("%d %.300s", a.status, a.body)
		}
		ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return len(ex.Traces) > 0 })
		return took, in.trace(ex.Traces[0]).Pause
	}
	fail() // the debug program of a fresh build may still be linked
	var tooks, pauses []float64
	for b.Loop() {
		took, pause := fail()
		tooks, pauses = append(tooks, ms(took)), append(pauses, ms(pause.Duration()))
	}
	b.ReportMetric(median(tooks), "page-ms")
	b.ReportMetric(slices.Max(tooks), "page-max-ms")
	b.ReportMetric(median(pauses), "pause-ms")
	b.ReportMetric(slices.Max(pauses), "pause-max-ms")
}
