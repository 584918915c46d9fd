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

	"github.com/pastedev/pastedev/inspect"
)

func TestRecordReplays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &fakeTarget{labels: true, declared: true, request: 20 * time.Millisecond, noise: 1, ours: 2}, nil)
		began := time.Now()
		p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: idA, Replay: true}, get("/cart"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Samples < 200 || p.Samples > 210 || int64(p.Replays) != p.Samples/2 || p.Others != 3*int64(p.Replays) || len(p.Walls) != p.Replays {
			t.Errorf("profile = %+v, want 200 samples, two each replay, one of others and two of ours", p)
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
			"250 samples of 5 replays; 2 of 5 replays ended otherwise than the request itself"},
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
	for _, kind := range []inspect.ProfileKind{inspect.ProfileCPU, inspect.ProfileMutex} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, &fakeTarget{labels: true, request: 500 * time.Millisecond}, nil)
			r.target.status = map[int]int{}
			time.AfterFunc(time.Second, func() { r.mu.Lock(); defer r.mu.Unlock(); r.build = 4 })
			p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: kind, Replay: true}, get("/cart"))
			if kind == inspect.ProfileMutex { // what two processes have counted has no difference
				if !errors.Is(err, errAnew) {
					t.Errorf("%s: %v, want that the program was started anew", kind, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Build != 3 || !strings.Contains(p.Note, "build 4 has taken the place of build 3 meanwhile") {
				t.Errorf("profile = %+v", p)
			}
		})
	}
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
		for _, tt := range []struct {
			err    error
			replay bool
			want   string
		}{
			{errors.New("unknown version\nof a trace"), true, "it has no summary: unknown version"},
			{inspect.ErrNotFound, true, "the program does not mark requests in its trace, so that there is no summary"},
			{inspect.ErrNotFound, false, "the request is not in these 3 s: only one that is under way meanwhile is; have it sent again by a replay"},
		} {
			r.o.Summarize = func(io.Reader, inspect.ID) (inspect.TraceSummary, error) { return inspect.TraceSummary{}, tt.err }
			if p, err = r.Record(t.Context(), inspect.ProfileRequest{Kind: "trace", Replay: tt.replay}, get("/cart")); err != nil || p.Trace != nil || p.Note != tt.want {
				t.Errorf("a trace that cannot be read: %+v, %v, want %q", p, err, tt.want)
			}
		}
		asked = ""
		r.o.Summarize = func(_ io.Reader, id inspect.ID) (inspect.TraceSummary, error) {
			asked = "asked"
			return inspect.TraceSummary{}, nil
		}
		if p, err = r.Record(t.Context(), inspect.ProfileRequest{Kind: "trace"}, nil); err != nil || p.Trace != nil || p.Note != "" || asked != "" {
			t.Errorf("a trace of the whole program: %+v, %v", p, err)
		}
	})
}

// TestRecordIdle records a program that does nothing.
func TestRecordIdle(t *testing.T) {
	for kind, want := range map[inspect.ProfileKind]string{
		inspect.ProfileCPU: "0 samples: the program hardly used the processor", inspect.ProfileWall: "0 samples: no request was under way",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, &fakeTarget{declared: true}, nil)
			p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: kind, Seconds: 1}, nil)
			if err != nil || p.Note != want || p.Samples != 0 {
				t.Errorf("%s: %+v, %v", kind, p, err)
			}
		})
	}
}
