package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkSaveToServed times the way from a save to the first byte of the new
// answer, and beside each edit the same edit of a twin with bare go build and exec.
// The ratio is the median over the pairs. Run it with -benchtime=10x.
func BenchmarkSaveToServed(b *testing.B) {
	for _, app := range []struct{ name, file, greeting string }{
		{"hello", "main.go", "hello, version "},
		{"shop", "web/web.go", "shop, version "},
	} {
		b.Run(app.name, func(b *testing.B) {
			bare := newBareTwin(b, app.name)
			in := startApp(b, app.name)
			in.await("/", app.greeting+"1")
			in.awaitRecording()
			version := 1
			pair := func() (ours, theirs time.Duration) {
				old, new := fmt.Sprintf("%s%d\"", app.greeting, version), fmt.Sprintf("%s%d\"", app.greeting, version+1)
				version++
				in.awaitDebug()
				want := fmt.Sprintf("%s%d<", app.greeting, version)
				theirs = bare.serve(b, app.file, old, new, want)
				begin := time.Now()
				in.edit(app.file, old, new)
				if _, body, err := get(b.Context(), in.url, nil); err != nil || !strings.Contains(body, want) {
					b.Fatalf("after the save: %v %s", err, body)
				}
				return time.Since(begin), theirs
			}
			pair() // warm both caches
			var ours, theirs, ratios []float64
			for b.Loop() {
				o, t := pair()
				ours, theirs = append(ours, ms(o)), append(theirs, ms(t))
				ratios = append(ratios, ms(o)/ms(t))
			}
			b.ReportMetric(median(ours), "pastedev-ms")
			b.ReportMetric(median(theirs), "bare-ms")
			b.ReportMetric(median(ratios), "ratio")
		})
	}
}

// awaitDebug waits until the program that answers is linked with its debug data too:
// that link would slow down what is timed next.
func (in *instance) awaitDebug() {
	in.tb.Helper()
	client, err := dial(in.dir, "")
	if err != nil {
		in.tb.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		st, err := client.Status(ctx)
		if err != nil {
			in.tb.Fatalf("no debug data: %v", err)
		}
		if st.Build != nil && st.Build.Debug != "" {
			return
		}
		time.Sleep(20 * time.Millisecond) // the benchmark asks as any client may
	}
}

// bareTwin is a copy of an app that is built and started by hand.
type bareTwin struct {
	dir, addr string
	running   *exec.Cmd
}

func newBareTwin(b *testing.B, app string) *bareTwin {
	b.Helper()
	t := &bareTwin{dir: filepath.Join(b.TempDir(), app), addr: freeAddr(b)}
	if err := os.CopyFS(t.dir, os.DirFS(filepath.Join("..", "..", "fixtures", "apps", app))); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(t.stop)
	return t
}

func (t *bareTwin) stop() {
	if t.running != nil {
		t.running.Process.Kill()
		t.running.Wait()
	}
}

// serve saves, builds with the old program stopped (its share of the processor
// would count against go build), starts, and waits for the new answer.
func (t *bareTwin) serve(b *testing.B, file, old, new, want string) time.Duration {
	b.Helper()
	t.stop()
	begin := time.Now()
	if err := editFile(filepath.Join(t.dir, file), old, new); err != nil {
		b.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", "app", ".")
	build.Dir = t.dir
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	t.running = exec.Command(filepath.Join(t.dir, "app"), t.addr)
	t.running.Dir = t.dir
	if err := t.running.Start(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, body, err := get(ctx, "http://"+t.addr+"/", nil)
		if err == nil && strings.Contains(body, want) {
			return time.Since(begin)
		}
		if ctx.Err() != nil {
			b.Fatalf("the bare twin never served %q", want)
		}
		time.Sleep(time.Millisecond)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
