package tui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
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

// BenchmarkProfile measures a key press up to the text of the next screen, at 200x60, over
// a call tree of 4,096 nodes that are all unfolded, and the making of its model. It
// reports the slowest key too.
func BenchmarkProfile(b *testing.B) {
	tree := randomTree(rand.New(rand.NewPCG(1, 2)), 4096)
	f := newFake(40)
	f.trees = map[inspect.ID]*inspect.CallTree{fakeID(39): tree}
	app := newApp(context.Background(), f, Options{Env: []string{"TERM=xterm-256color"}, Now: func() time.Time { return epoch }})
	run := func(msg tea.Msg) {
		queue := []tea.Msg{msg}
		for len(queue) > 0 {
			_, cmd := app.Update(queue[0])
			queue = queue[1:]
			for _, m := range results(cmd) {
				if ours(m) {
					queue = append(queue, m)
				}
			}
		}
	}
	run(tea.WindowSizeMsg{Width: 200, Height: 60})
	for _, k := range []string{"k", "enter", "shift+tab", "shift+tab"} {
		run(keyPress(k))
	}
	for _, mode := range []struct {
		name string
		set  []string
		keys []string
	}{
		{"tree", []string{"a"}, []string{"ctrl+d", "j", "left", "right", "G", "g", "a", "a", "n"}},
		{"top", []string{"v"}, []string{"ctrl+d", "j", "s", "G", "g", "n"}},
		{"flame", []string{"v"}, []string{"down", "right", "down", "enter", "down", "esc", "n", "g"}},
	} {
		for _, k := range mode.set {
			run(keyPress(k))
		}
		app.requests.detail.prof.look("f1", false)
		b.Run(mode.name, func(b *testing.B) {
			var slowest time.Duration
			for i := range b.N {
				start := time.Now()
				run(keyPress(mode.keys[i%len(mode.keys)]))
				_ = app.screen()
				slowest = max(slowest, time.Since(start))
			}
			b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms")
		})
	}
	b.Run("model", func(b *testing.B) {
		for b.Loop() {
			if _, err := newCallModel(tree); err != nil {
				b.Fatal(err)
			}
		}
	})
}
