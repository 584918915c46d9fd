package tui

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkKeyToView measures a key press up to the text of the next screen, at
// 200x60 over 100,000 exchanges, while 5,000 events a second come in and their
// frames are drawn. It reports the median and the 99th percentile.
func BenchmarkKeyToView(b *testing.B) {
	f := newFake(100000)
	ctx, cancel := context.WithCancel(context.Background())
	app := newApp(ctx, f, Options{Env: []string{"TERM=xterm-256color"}})
	app.width, app.height = 200, 60
	app.layout()
	done := make(chan struct{})
	feedDone := make(chan struct{})
	go func() { defer close(feedDone); app.feed.run(ctx) }()
	go func() {
		defer close(done)
		t := time.NewTicker(200 * time.Microsecond)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				f.add(time.Now())
			}
		}
	}()
	feed := make(chan feedMsg)
	go func() {
		defer close(feed)
		for {
			m, ok := app.feed.next(ctx)().(feedMsg)
			if !ok {
				return
			}
			feed <- m
		}
	}()
	run := func(msg any) {
		_, cmd := app.Update(msg)
		for _, m := range results(cmd) {
			if ours(m) {
				app.Update(m)
			}
		}
	}
	keys := []string{"k", "k", "ctrl+u", "j", "G", "g", "ctrl+d", "F", "F"}
	var took []time.Duration
	b.ResetTimer()
	for i := range b.N {
		select {
		case m := <-feed:
			app.heard(m.dirt)
			run(tickLess{})
			_ = app.screen()
		default:
		}
		start := time.Now()
		run(keyPress(keys[i%len(keys)]))
		_ = app.screen()
		took = append(took, time.Since(start))
	}
	b.StopTimer()
	cancel()
	for range feed { // let the reader see the end
	}
	<-done
	<-feedDone
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// tickLess is a message that is for no page: Update only lets the pages look.
type tickLess struct{}

// BenchmarkScreen measures one drawing of the list and of the split page.
func BenchmarkScreen(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			app := newApp(context.Background(), newFake(300), Options{Env: []string{"TERM=xterm-256color"}, Now: func() time.Time { return epoch }})
			app.width, app.height = size[0], size[1]
			app.layout()
			for _, m := range results(app.sync()) {
				app.Update(m)
			}
			b.ReportAllocs()
			for b.Loop() {
				_ = app.screen()
			}
		})
	}
}
