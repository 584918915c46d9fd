package tui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// demoEnv makes the test binary show the UI over a fake app, for the pty tests and
// for looking at it:
//
//	go test -c -o /tmp/tui.test ./tui && PASTEDEV_TUI_DEMO=live /tmp/tui.test
const demoEnv = "PASTEDEV_TUI_DEMO"

func TestMain(m *testing.M) {
	if mode := os.Getenv(demoEnv); mode != "" {
		if err := demo(mode); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("demo ended")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// demo runs the UI: "still" over a fixed history, "live" with traffic, "failed" with
// a broken build, "fast" with 5,000 events a second over 100,000 exchanges.
func demo(mode string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, every := 120, time.Duration(0)
	o := Options{Mouse: true}
	switch mode {
	case "still":
		o.Now = func() time.Time { return epoch }
	case "live":
		every = 300 * time.Millisecond
	case "fast":
		n, every = 100000, 200*time.Microsecond
	}
	f := newFake(n)
	switch mode {
	case "failed":
		b := failedBuild(13)
		f.st.State, f.st.Build = inspect.StateFailed, &b
	case "first":
		f.st.Recording = false
		f.st.Build = &inspect.Build{Number: 2, Start: time.Now(), Instrumented: true, Done: 63, Total: 188}
	case "empty":
		f.rows = nil
	}
	f.stacks, f.profileOf = fakeStacks, f.demoProfile
	if mode == "live" {
		inFlight(f)
		f.rows[n-1].Start, f.rows[n-1].Path = time.Now().Add(-25*time.Second), "/api/export"
		f.rows[n-3].Verdict = "+38 ms in loadCart, 12 more SELECTs"
	}
	if every > 0 {
		go func() {
			t := time.NewTicker(every)
			defer t.Stop()
			for ctx.Err() == nil {
				<-t.C
				f.add(time.Now().Add(-time.Duration(rand.IntN(300)) * time.Millisecond))
			}
		}()
	}
	return Run(ctx, f, o)
}

// demoProfile pretends that a profile takes four seconds.
func (f *fake) demoProfile(ctx context.Context, r inspect.ProfileRequest) error {
	start := time.Now()
	for i := 1; i <= 40; i++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		f.publish(inspect.ProfileProgressed{Progress: inspect.ProfileProgress{
			Exchange: r.Exchange, Kind: r.Kind, Replays: i, Samples: int64(5 * i), Wanted: 200, Elapsed: inspect.Millis(time.Since(start)), Limit: ms(10000),
		}})
	}
	return nil
}
