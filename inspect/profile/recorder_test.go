package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// fakeTarget is a program whose requests take some time and are sampled each 10 ms.
type fakeTarget struct {
	mu        sync.Mutex
	running   bool            // a recording
	kinds     []string        // of the recordings that began, and "stop" for those that ended
	pending   []stackSample   // of the current recording
	labels    bool            // labels its samples
	declared  bool            // and says so
	request   time.Duration   // time that a request takes, all of it on the processor
	noise     int64           // samples of others a request
	startErr  error           // of the next Start
	stopErr   error           // of the next Stop
	replayErr map[int]error   // by number, from 1
	replayed  []inspect.ID    // those that ended
	status    map[int]int     // by number, else 200
	seen      []time.Duration // limits of the recordings
}

func (f *fakeTarget) Labels() bool { return f.declared }

func (f *fakeTarget) Start(ctx context.Context, kind inspect.ProfileKind, limit time.Duration) (Recording, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.startErr; err != nil {
		f.startErr = nil
		return nil, err
	}
	if f.running {
		return nil, ErrBusy
	}
	f.running, f.pending = true, nil
	f.kinds, f.seen = append(f.kinds, string(kind)), append(f.seen, limit)
	return stopFunc(func(context.Context) (Data, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running = false
		f.kinds = append(f.kinds, "stop")
		if err := f.stopErr; err != nil {
			f.stopErr = nil
			return Data{}, err
		}
		switch kind {
		case inspect.ProfileTrace:
			return Data{Trace: []byte("trace")}, nil
		case inspect.ProfileHeap:
			return Data{Profile: heapProfile(40, 2)}, nil
		}
		return Data{Profile: cpuProfile(f.pending...)}, nil
	}), nil
}

func (f *fakeTarget) isRunning() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.running }

// serve is a request that arrives at the target.
func (f *fakeTarget) serve(ctx context.Context, id inspect.ID) error {
	t := time.NewTimer(f.request)
	defer t.Stop()
	var err error
	began := time.Now()
	select {
	case <-t.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running {
		if !f.labels {
			id = ""
		}
		f.pending = append(f.pending, stackSample{id, "main;handler;work", int64(time.Since(began) / (10 * time.Millisecond))}, stackSample{idB, "main;other", f.noise})
	}
	return err
}

func (f *fakeTarget) Replay(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error) {
	f.mu.Lock()
	n := len(f.replayed) + 1
	err := f.replayErr[n]
	f.mu.Unlock()
	if err != nil {
		return "", fmt.Errorf("replay %s %s: %w", ex.Method, ex.URL, err)
	}
	id := inspect.ID(fmt.Sprintf("%032x", n))
	if err := f.serve(ctx, id); err != nil {
		return id, nil // it was sent
	}
	f.mu.Lock()
	f.replayed = append(f.replayed, id)
	f.mu.Unlock()
	return id, nil
}

func (f *fakeTarget) Finished(id inspect.ID) (inspect.Summary, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.replayed {
		if r == id {
			s := inspect.Summary{ID: id, Status: 200, Duration: inspect.Millis(f.request)}
			if status := f.status[i+1]; status != 0 {
				s.Status = status
			}
			return s, true
		}
	}
	return inspect.Summary{}, false
}

// rig is a recorder of a fake target, and what it published.
type rig struct {
	*Recorder
	target *fakeTarget
	mu     sync.Mutex
	events []inspect.Event
	build  int
}

func newRig(t *testing.T, target *fakeTarget, change func(*Options)) *rig {
	r := &rig{target: target, build: 3}
	o := Options{
		Source: func() Source { return target }, Archive: openArchive(t, t.TempDir()),
		Replay: target.Replay, Finished: target.Finished,
		Publish: func(e inspect.Event) { r.mu.Lock(); defer r.mu.Unlock(); r.events = append(r.events, e) },
		Build:   func() int { r.mu.Lock(); defer r.mu.Unlock(); return r.build },
	}
	if change != nil {
		change(&o)
	}
	r.Recorder = New(o)
	return r
}

func (r *rig) progress() (all []inspect.ProfileProgress, recorded []inspect.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		switch e := e.(type) {
		case inspect.ProfileProgressed:
			all = append(all, e.Progress)
		case inspect.ProfileRecorded:
			recorded = append(recorded, e.Profile)
		}
	}
	return all, recorded
}

func get(path string) *inspect.Exchange {
	return &inspect.Exchange{Summary: inspect.Summary{
		ID: idA, Kind: inspect.KindHTTP, Method: "GET", URL: "http://localhost" + path, Path: path, Status: 200, Duration: inspect.Millis(20 * time.Millisecond),
	}}
}

func stored(t *testing.T, r *rig, p inspect.Profile) *pb.Profile {
	t.Helper()
	data, err := r.o.Archive.Data(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRecordReplays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &fakeTarget{labels: true, declared: true, request: 20 * time.Millisecond, noise: 1}, nil)
		began := time.Now()
		p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: idA, Replay: true}, get("/cart"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Samples < 200 || p.Samples > 210 || int64(p.Replays) != p.Samples/2 || p.Others != int64(p.Replays) || len(p.Walls) != p.Replays {
			t.Errorf("profile = %+v, want 200 samples, two each replay, and one of others", p)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v although there were enough samples after 2 s", took)
		}
		want := fmt.Sprintf("%d samples of %d replays", p.Samples, p.Replays)
		if p.Note != want || p.Exchange != idA || p.Build != 3 || p.Kind != inspect.ProfileCPU || p.Walls[0] != inspect.Millis(20*time.Millisecond) {
			t.Errorf("profile = %+v, want the note %q", p, want)
		}
		got := stored(t, r, p)
		if diff := cmp.Diff(fmt.Sprintf("main;handler;work %d\n", p.Samples*1e7), folded(t, got)); diff != "" {
			t.Errorf("what was kept (-want +got):\n%s", diff)
		}
		if len(got.Sample) != 1 {
			t.Errorf("%d samples are told apart by replay", len(got.Sample))
		}
		r.checkProgress(t, p)
	})
}

func (r *rig) checkProgress(t *testing.T, p inspect.Profile) {
	t.Helper()
	all, recorded := r.progress()
	if diff := cmp.Diff([]inspect.Profile{p}, recorded); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if n := int(p.Duration.Duration()/progressEvery) + 2; len(all) < n-1 || len(all) > n+1 {
		t.Errorf("%d progresses in %v", len(all), p.Duration.Duration())
	}
	last := all[len(all)-1]
	for i, pr := range all {
		if pr.Done != (i == len(all)-1) || pr.Exchange != idA || pr.Kind != p.Kind {
			t.Errorf("progress %d of %d = %+v", i, len(all), pr)
		}
		if i > 0 && (pr.Replays < all[i-1].Replays || pr.Samples < all[i-1].Samples || pr.Elapsed < all[i-1].Elapsed) {
			t.Errorf("progress went back: %+v after %+v", pr, all[i-1])
		}
	}
	if last.Samples != p.Samples || last.Replays != p.Replays || last.Wanted != 200 || last.Limit != inspect.Millis(10*time.Second) || last.Error != "" {
		t.Errorf("last progress = %+v", last)
	}
}

// TestRecordNotes has the recorder say what it saw.
func TestRecordNotes(t *testing.T) {
	cpu := inspect.ProfileRequest{Kind: inspect.ProfileCPU, Replay: true}
	ms := time.Millisecond
	tests := []struct {
		name   string
		target *fakeTarget
		req    inspect.ProfileRequest
		want   string
	}{
		{"time is over", &fakeTarget{labels: true, request: 300 * ms}, inspect.ProfileRequest{Kind: "cpu", Replay: true, Seconds: 1.9},
			"190 samples of 6 replays in 1.9 s, fewer than the 200 wanted: small shares say little"},
		{"too short", &fakeTarget{declared: true, request: 4 * ms}, inspect.ProfileRequest{Kind: "cpu", Replay: true, Seconds: 1.01},
			"0 samples of 250 replays: the request takes 4 ms, one sample is 10 ms"},
		{"waits only", &fakeTarget{declared: true, request: 100 * ms}, inspect.ProfileRequest{Kind: "cpu", Replay: true, Seconds: 1.05},
			"0 samples of 10 replays: the request took 100 ms and hardly used the processor; a wall profile shows what it waited for"},
		{"too long", &fakeTarget{labels: true, declared: true, request: time.Minute}, inspect.ProfileRequest{Kind: "cpu", Replay: true, Seconds: 1},
			"100 samples of 0 replays in 1 s, fewer than the 200 wanted: small shares say little; no replay ended within 1 s"},
		{"no labels", &fakeTarget{request: 100 * ms}, inspect.ProfileRequest{Kind: "cpu", Replay: true, Seconds: 1.05},
			"the program does not label its samples by request: these are of all that it did while the request was sent 10 times"},
		{"other status", &fakeTarget{labels: true, request: 500 * ms, status: map[int]int{2: 500, 3: 500}}, cpu,
			"250 samples of 5 replays; 2 of 5 replays had another status than the request itself"},
		{"sent no more", &fakeTarget{labels: true, request: 500 * ms, replayErr: map[int]error{3: errors.New("no such route")}}, cpu,
			"100 samples of 2 replays in 1 s, fewer than the 200 wanted: small shares say little; it ended early: replay GET http://localhost/cart: no such route"},
		{"no samples to count", &fakeTarget{labels: true, request: 500 * ms}, inspect.ProfileRequest{Kind: "heap", Replay: true, Seconds: 5.05},
			"4.0 kB allocated in about 40 objects, 200 B in use at the end: by the whole program, while the request was sent 10 times"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, tt.target, nil)
				p, err := r.Record(t.Context(), tt.req, get("/cart"))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, p.Note); diff != "" {
					t.Errorf("note (-want +got):\n%s", diff)
				}
				if tt.target.isRunning() {
					t.Error("a profile runs on in the target")
				}
			})
		})
	}
}

func TestRecordWithoutReplay(t *testing.T) {
	routes := map[inspect.ID]string{idA: "GET /cart/{}", idB: "GET /cart/{}"}
	cart := func(id inspect.ID) string { return routes[id] }
	tests := []struct {
		name   string
		req    inspect.ProfileRequest
		ex     *inspect.Exchange
		target *fakeTarget
		want   inspect.Profile
	}{
		{"the whole program", inspect.ProfileRequest{Kind: "cpu", Seconds: 2}, nil, &fakeTarget{labels: true, declared: true, request: 97 * time.Millisecond, noise: 1},
			inspect.Profile{Samples: 200}},
		{"a route", inspect.ProfileRequest{Kind: "cpu", Seconds: 2, Route: "GET /cart/{}", Samples: 1000}, nil, &fakeTarget{labels: true, declared: true, request: 97 * time.Millisecond, noise: 1},
			inspect.Profile{Samples: 20, Others: 180, Route: "GET /cart/{}"}},
		{"an exchange's route", inspect.ProfileRequest{Kind: "cpu", Seconds: 2, Samples: 1000}, get("/cart/1"), &fakeTarget{labels: true, declared: true, request: 97 * time.Millisecond, noise: 1},
			inspect.Profile{Samples: 20, Others: 180, Exchange: idA, Route: "GET /cart/{}", Note: "20 samples: shares say little; press P to replay the request until there are 1000"}},
		{"no samples", inspect.ProfileRequest{Kind: "cpu", Seconds: 2}, get("/cart/1"), &fakeTarget{declared: true, request: 97 * time.Millisecond},
			inspect.Profile{Exchange: idA, Route: "GET /cart/{}", Others: 180, Note: "0 samples: the request took 20 ms and hardly used the processor; a wall profile shows what it waited for; press P to replay it until there are 200"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, tt.target, func(o *Options) { o.Route = cart })
				ctx, cancel := context.WithCancel(t.Context())
				var traffic sync.WaitGroup
				traffic.Go(func() {
					for i := range 20 {
						if r.target.serve(ctx, inspect.ID(fmt.Sprintf("%032x", 100+i))) != nil {
							return
						}
					}
				})
				p, err := r.Record(t.Context(), tt.req, tt.ex)
				cancel()
				traffic.Wait()
				if err != nil {
					t.Fatal(err)
				}
				got := inspect.Profile{Samples: p.Samples, Others: p.Others, Exchange: p.Exchange, Route: p.Route, Note: p.Note}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("profile (-want +got):\n%s", diff)
				}
				if p.Duration.Duration() < 1500*time.Millisecond || p.Duration.Duration() > 2*time.Second {
					t.Errorf("it took %v", p.Duration.Duration())
				}
			})
		})
	}
}

func TestRecordRefuses(t *testing.T) {
	post := get("/cart")
	post.Method = "POST"
	tunnel := get("/")
	tunnel.Kind = inspect.KindTunnel
	tests := []struct {
		name string
		req  inspect.ProfileRequest
		ex   *inspect.Exchange
		is   error
		says string
	}{
		{"unsafe", inspect.ProfileRequest{Kind: "cpu", Replay: true}, post, inspect.ErrConfirm, "replay POST /cart: "},
		{"a tunnel", inspect.ProfileRequest{Kind: "cpu", Replay: true}, tunnel, nil, "this is a tunnel connection"},
		{"nothing to replay", inspect.ProfileRequest{Kind: "cpu", Replay: true}, nil, nil, "no exchange to replay"},
		{"a kind", inspect.ProfileRequest{Kind: "gpu"}, nil, nil, "no kind \"gpu\"\nhint: cpu, wall"},
		{"too long", inspect.ProfileRequest{Kind: "cpu", Seconds: 61}, nil, nil, "61 seconds are not between 0 and 60"},
		{"negative", inspect.ProfileRequest{Kind: "cpu", Seconds: -1}, nil, nil, "-1 seconds"},
		{"less than no samples", inspect.ProfileRequest{Kind: "cpu", Samples: -1}, nil, nil, "-1 samples"},
		{"goroutines of one", inspect.ProfileRequest{Kind: "goroutine"}, get("/"), nil, "hint: pastedev goroutines"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, &fakeTarget{}, nil)
			_, err := r.Record(t.Context(), tt.req, tt.ex)
			if err == nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error = %v, want %q", err, tt.says)
			}
			if len(r.target.kinds) > 0 || len(r.target.replayed) > 0 {
				t.Errorf("the target was asked for %v and replayed %d requests", r.target.kinds, len(r.target.replayed))
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &fakeTarget{labels: true, request: 500 * time.Millisecond}, nil)
		if _, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Replay: true, Confirmed: true}, post); err != nil {
			t.Errorf("a confirmed POST: %v", err)
		}
	})
}

func TestRecordFails(t *testing.T) {
	replay := inspect.ProfileRequest{Kind: inspect.ProfileCPU, Replay: true}
	tests := []struct {
		name   string
		target *fakeTarget
		source func() Source
		says   string
		is     error
	}{
		{"no program", nil, func() Source { return nil }, "profile: there is no program to profile", nil},
		{"another profile", &fakeTarget{startErr: fmt.Errorf("%w: the program's own", ErrBusy)}, nil, "profile: another profile is being recorded: the program's own", ErrBusy},
		{"nothing sent", &fakeTarget{replayErr: map[int]error{1: errors.New("its body was not kept whole\nhint: raise --body-limit")}}, nil, "hint: raise --body-limit", nil},
		{"gone", &fakeTarget{request: 100 * time.Millisecond, stopErr: errors.New("connection refused")}, nil, "connection refused", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := tt.target
				if target == nil {
					target = &fakeTarget{}
				}
				r := newRig(t, target, func(o *Options) {
					if tt.source != nil {
						o.Source = tt.source
					}
				})
				_, err := r.Record(t.Context(), replay, get("/cart"))
				if err == nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("error = %v, want %q", err, tt.says)
				}
				if target.running {
					t.Error("a profile runs on in the target")
				}
				all, recorded := r.progress()
				if len(recorded) != 0 || len(r.o.Archive.List(0)) != 0 {
					t.Errorf("a profile was kept: %+v", recorded)
				}
				if last := all[len(all)-1]; !last.Done || last.Error == "" || last.Exchange != idA {
					t.Errorf("last progress = %+v", last)
				}
				// The next one is not refused.
				if tt.source == nil {
					target.replayErr, target.request, target.labels = nil, 100*time.Millisecond, true
					if _, err := r.Record(t.Context(), replay, get("/cart")); err != nil {
						t.Errorf("the next: %v", err)
					}
				}
			})
		})
	}
}

func TestRecordCancelled(t *testing.T) {
	for _, replay := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, &fakeTarget{labels: true, request: 100 * time.Millisecond}, nil)
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			_, err := r.Record(ctx, inspect.ProfileRequest{Kind: inspect.ProfileWall, Replay: replay, Samples: 100_000}, get("/cart"))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error = %v", err)
			}
			if diff := cmp.Diff([]string{"wall", "stop", "wall", "stop"}, r.target.kinds); diff != "" {
				t.Errorf("replay %v: in the target (-want +got):\n%s", replay, diff)
			}
			if len(r.o.Archive.List(0)) != 0 {
				t.Error("half a profile was kept")
			}
		})
	}
}

func TestRecordOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &fakeTarget{labels: true, request: 100 * time.Millisecond}, nil)
		done := make(chan error)
		go func() {
			_, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Replay: true}, get("/cart"))
			done <- err
		}()
		time.Sleep(time.Second) // of the bubble's clock
		_, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "heap"}, nil)
		if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "cpu of GET /cart, for 1s now\nhint: ") {
			t.Errorf("the second: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("the first: %v", err)
		}
	})
}

func TestRecordNewBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &fakeTarget{labels: true, request: 500 * time.Millisecond}, nil)
		r.target.status = map[int]int{}
		time.AfterFunc(time.Second, func() { r.mu.Lock(); defer r.mu.Unlock(); r.build = 4 })
		p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Replay: true}, get("/cart"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Build != 3 || !strings.Contains(p.Note, "build 4 has taken the place of build 3 meanwhile") {
			t.Errorf("profile = %+v", p)
		}
	})
}

func TestRecordTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked inspect.ID
		r := newRig(t, &fakeTarget{request: 30 * time.Millisecond}, func(o *Options) {
			o.Summarize = func(r io.Reader, id inspect.ID) (inspect.TraceSummary, error) {
				asked = id
				b, err := io.ReadAll(r)
				return inspect.TraceSummary{Goroutines: len(b)}, err
			}
		})
		p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "trace", Replay: true}, get("/cart"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Replays != 1 || p.Trace == nil || p.Trace.Goroutines != 5 || asked != r.target.replayed[0] || p.Note != "" {
			t.Errorf("profile = %+v, summarized for %s", p, asked)
		}
		if b, err := r.o.Archive.Data(p.ID); err != nil || string(b) != "trace" {
			t.Errorf("data = %q, %v", b, err)
		}
		r.o.Summarize = func(io.Reader, inspect.ID) (inspect.TraceSummary, error) {
			return inspect.TraceSummary{}, errors.New("unknown version\nof a trace")
		}
		if p, err = r.Record(t.Context(), inspect.ProfileRequest{Kind: "trace", Replay: true}, get("/cart")); err != nil || p.Trace != nil || p.Note != "it has no summary: unknown version" {
			t.Errorf("a trace that cannot be read: %+v, %v", p, err)
		}
	})
}

// flightTarget has a flight recorder.
type flightTarget struct {
	fakeTarget
	snapshot func(context.Context) ([]byte, error)
}

func (f *flightTarget) Snapshot(ctx context.Context) ([]byte, error) { return f.snapshot(ctx) }

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		target := &flightTarget{snapshot: func(context.Context) ([]byte, error) { <-release; return []byte("flight"), nil }}
		r := newRig(t, &target.fakeTarget, func(o *Options) { o.Source = func() Source { return target } })
		ex := get("/slow")
		ex.Build, ex.Start = 7, time.Now()
		first := make(chan inspect.Profile)
		go func() {
			p, err := r.Slow(t.Context(), ex)
			if err != nil {
				t.Error(err)
			}
			first <- p
		}()
		synctest.Wait()
		if _, err := r.Slow(t.Context(), ex); !errors.Is(err, ErrBusy) {
			t.Errorf("a second at the same time: %v", err)
		}
		close(release)
		p := <-first
		if p.Kind != inspect.ProfileTrace || p.Exchange != idA || p.Build != 7 || p.Size != 6 || p.Note == "" {
			t.Errorf("profile = %+v", p)
		}
		if _, recorded := r.progress(); len(recorded) != 1 {
			t.Errorf("%d were published", len(recorded))
		}
		for range slowPerMinute - 1 {
			if _, err := r.Slow(t.Context(), ex); err != nil {
				t.Error(err)
			}
		}
		if _, err := r.Slow(t.Context(), ex); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "last minute") {
			t.Errorf("one too many: %v", err)
		}
		time.Sleep(time.Minute) // of the bubble's clock
		if _, err := r.Slow(t.Context(), ex); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		target.snapshot = func(context.Context) ([]byte, error) { return nil, errors.New("it is off") }
		if _, err := r.Slow(t.Context(), ex); err == nil || !strings.Contains(err.Error(), "trace of a slow exchange: it is off") {
			t.Errorf("without a flight recorder: %v", err)
		}
	})
	r := newRig(t, &fakeTarget{}, nil)
	if _, err := r.Slow(t.Context(), get("/")); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a target without one: %v", err)
	}
}
