package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// roll runs a rolling profile of target while do does what it does.
func roll(t *testing.T, target *fakeTarget, o RollingOptions, do func(*testing.T, *Rolling)) {
	synctest.Test(t, func(t *testing.T) {
		if o.Source == nil {
			o.Source = func() Source { return target }
		}
		r := NewRolling(o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		do(t, r)
		cancel()
		<-done
		if target.isRunning() {
			t.Error("the profile runs on in the target")
		}
	})
}

func only(id inspect.ID) func(inspect.ID) bool {
	return func(got inspect.ID) bool { return got == id }
}

func TestRolling(t *testing.T) {
	target := &fakeTarget{labels: true, request: 50 * time.Millisecond, noise: 1, ours: 3}
	roll(t, target, RollingOptions{Window: time.Second, Keep: 3}, func(t *testing.T, r *Rolling) {
		began := time.Now()
		request := func(n int) inspect.ID {
			id := inspect.ID(fmt.Sprintf("%032x", n))
			if err := target.serve(t.Context(), id); err != nil {
				t.Error(err)
			}
			return id
		}
		time.Sleep(10 * time.Millisecond) // of the bubble's clock, as all of these
		id := request(1)
		mine, samples, others, since := r.Cut(t.Context(), only(id))
		if samples != 5 || others != 4 || !since.Equal(began) {
			t.Errorf("Cut at once = %d samples, %d others since %v, want 5, 4, %v", samples, others, since, began)
		}
		if diff := cmp.Diff("main;handler;work 50000000\n", folded(t, mine)); diff != "" {
			t.Errorf("cut (-want +got):\n%s", diff)
		}
		for range 20 { // asking often does not shorten what is kept
			r.Cut(t.Context(), only(id))
			time.Sleep(10 * time.Millisecond)
		}
		if _, samples, _, _ := r.Cut(t.Context(), only(id)); samples != 5 {
			t.Errorf("%d samples are left after having asked often", samples)
		}
		time.Sleep(6 * time.Second)
		late := request(2)
		if _, samples, others, since := r.Cut(t.Context(), only(late)); samples != 5 || others != 4 || time.Since(since) > 4*time.Second {
			t.Errorf("Cut later = %d samples, %d others since %v ago", samples, others, time.Since(since))
		}
		if _, samples, _, _ := r.Cut(t.Context(), only(id)); samples != 0 {
			t.Errorf("%d samples of the first request are still kept", samples)
		}
	})
}

func TestRollingSurvivesRestarts(t *testing.T) {
	target := &fakeTarget{labels: true, request: 50 * time.Millisecond}
	var notices []string
	var gone atomic.Bool
	o := RollingOptions{Window: time.Second, Notice: func(s string) { notices = append(notices, s) }, Source: func() Source {
		if gone.Load() {
			return nil
		}
		return target
	}}
	roll(t, target, o, func(t *testing.T, r *Rolling) {
		fail := func() {
			target.mu.Lock()
			defer target.mu.Unlock()
			target.startErr, target.stopErr = errors.New("connection refused\nhint: x"), errors.New("connection reset")
		}
		time.Sleep(1500 * time.Millisecond)
		fail()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(notices) != 0 {
			t.Errorf("notices = %q of a restart", notices)
		}
		if err := target.serve(t.Context(), idA); err != nil {
			t.Error(err)
		}
		if _, samples, _, _ := r.Cut(t.Context(), only(idA)); samples != 5 {
			t.Errorf("%d samples after the restart, want 5", samples)
		}
		for n := range 2 {
			target.setDown(errors.New("it has a profile of its own\nhint: x"))
			time.Sleep(time.Minute)
			target.setDown(nil)
			time.Sleep(30 * time.Second)
			synctest.Wait()
			if len(notices) != n+1 || notices[n] != "rolling profile: it has a profile of its own" {
				t.Errorf("notices = %q, want one each time that it goes on failing", notices)
			}
		}
		gone.Store(true)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if len(notices) != 2 {
			t.Errorf("notices = %q: a program that does not run is no failure", notices)
		}
	})
}

// TestRollingGoesOn has no gap between windows where the target can do without.
func TestRollingGoesOn(t *testing.T) {
	target := &fakeTarget{labels: true, request: 50 * time.Millisecond, goesOn: true}
	roll(t, target, RollingOptions{Window: time.Second}, func(t *testing.T, r *Rolling) {
		time.Sleep(1500 * time.Millisecond)
		if err := target.serve(t.Context(), idA); err != nil {
			t.Error(err)
		}
		if _, samples, _, _ := r.Cut(t.Context(), only(idA)); samples != 5 {
			t.Errorf("%d samples, want 5", samples)
		}
		target.mu.Lock()
		target.stopErr = errors.New("connection refused")
		target.mu.Unlock()
		time.Sleep(1500 * time.Millisecond)
		resume, err := r.Pause(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		resume()
		synctest.Wait()
		want := []string{"cpu", "continue", "continue", "continue", "cpu", "stop", "cpu"}
		if diff := cmp.Diff(want, target.recorded()); diff != "" {
			t.Errorf("in the target (-want +got):\n%s", diff)
		}
	})
}

func TestRollingPause(t *testing.T) {
	target := &fakeTarget{labels: true, declared: true, request: 50 * time.Millisecond}
	roll(t, target, RollingOptions{Window: time.Second}, func(t *testing.T, r *Rolling) {
		time.Sleep(10 * time.Millisecond)
		resume, err := r.Pause(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if target.isRunning() {
			t.Error("the profile runs on after Pause")
		}
		time.Sleep(5 * time.Second)
		if target.isRunning() {
			t.Error("the profile runs again before it was resumed")
		}
		r.Cut(t.Context(), only(idA)) // answers meanwhile
		resume()
		time.Sleep(10 * time.Millisecond)
		if !target.isRunning() {
			t.Error("the profile does not run again")
		}

		rig := newRig(t, target, func(o *Options) { o.Rolling = r })
		p, err := rig.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Replay: true, Samples: 50}, get("/cart"))
		if err != nil || p.Samples < 50 {
			t.Errorf("a replay beside it: %+v, %v", p, err)
		}
		time.Sleep(10 * time.Millisecond)
		ex := get("/cart")
		ex.Start = time.Now()
		if err := target.serve(t.Context(), ex.ID); err != nil {
			t.Error(err)
		}
		before := time.Now()
		p, err = rig.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu"}, ex)
		if err != nil || p.Samples != 5 || p.Others != 0 || p.Note != "5 samples: shares say little; press P to replay the request until there are 200" {
			t.Errorf("from the rolling profile: %+v, %v", p, err)
		}
		if took := time.Since(before); took > 100*time.Millisecond {
			t.Errorf("it was not there at once: %v", took)
		}
		for route, want := range map[string]int64{"GET /cart": 5, "GET /other": 0} {
			rig.o.Route = func(id inspect.ID) string { return map[inspect.ID]string{ex.ID: "GET /cart"}[id] }
			p, err = rig.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Route: route}, nil)
			if err != nil || p.Samples != want || p.Route != route || time.Since(before) > 100*time.Millisecond {
				t.Errorf("%s from the rolling profile: %+v, %v", route, p, err)
			}
			if want == 0 && p.Note != "0 samples: no request of the route came, or all were too short" {
				t.Errorf("%s: note %q", route, p.Note)
			}
		}
		ex.ID, ex.Start = idB, ex.Start.Add(-time.Hour)
		if p, err = rig.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu"}, ex); err != nil || !strings.HasPrefix(p.Note, "0 samples: the request took 20 ms") ||
			!strings.HasSuffix(p.Note, "; the request began before the kept part of the rolling profile") {
			t.Errorf("an old one: %+v, %v", p, err)
		}
	})
}

func TestRollingWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRolling(RollingOptions{Source: func() Source { return nil }})
		if mine, samples, _, _ := r.Cut(t.Context(), only(idA)); mine != nil || samples != 0 {
			t.Errorf("Cut = %v, %d", mine, samples)
		}
		resume, err := r.Pause(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		resume()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Pause(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Pause = %v", err)
		}
		rig := newRig(t, &fakeTarget{}, func(o *Options) { o.Rolling = r })
		if _, err := rig.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu"}, get("/")); err == nil || !strings.Contains(err.Error(), "has nothing yet") {
			t.Errorf("Record = %v", err)
		}
	})
}
