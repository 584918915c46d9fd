package profile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestNote(t *testing.T) {
	ms := func(n int) inspect.Millis { return inspect.Millis(time.Duration(n) * time.Millisecond) }
	empty := cpuProfile()
	every512k := heapProfile(0, 1)
	every512k.Period = 512 << 10
	tests := []struct {
		name string
		f    facts
		want string
	}{
		{"a short request", facts{kind: "cpu", profile: empty, single: true, wall: ms(4), wanted: 200},
			"0 samples: the request took 4 ms, one sample is 10 ms; press P to replay it until there are 200"},
		{"a very short one", facts{kind: "cpu", profile: empty, single: true, wall: inspect.Millis(300 * time.Microsecond), wanted: 200},
			"0 samples: the request took 0.3 ms, one sample is 10 ms; press P to replay it until there are 200"},
		{"another period", facts{kind: "wall", profile: newWall(time.Unix(0, 0), wallEvery), single: true, wall: ms(40), wanted: 100},
			"0 samples: the request took 40 ms, one sample is 50 ms; press P to replay it until there are 100"},
		{"goroutines of all", facts{kind: "wall", profile: empty, samples: 9, uncut: true},
			"the program does not label its goroutines by request: these are all of them, also idle ones"},
		{"enough", facts{kind: "cpu", profile: empty, single: true, samples: 200, wanted: 200}, ""},
		{"one of each", facts{kind: "cpu", profile: empty, replay: true, replays: 1, samples: 1, wanted: 1}, "1 sample of 1 replay"},
		{"allocations", facts{kind: "heap", samples: 1, profile: heapProfile(1, 0)}, "100 B allocated in about 1 object"},
		{"no allocations", facts{kind: "heap", profile: every512k, uncut: true, replay: true, replays: 3},
			"no allocation was sampled: one is for each 524 kB: by the whole program, while the request was sent 3 times"},
		{"no contention", facts{kind: "mutex", profile: empty},
			"nothing held up others, or the program does not measure it (runtime.SetMutexProfileFraction(5))"},
		{"a trace", facts{kind: "trace", problems: []string{"x", "y", "x"}}, "x; y"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.f.note()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 50 * time.Microsecond: "0.1 ms", 999 * time.Microsecond: "1 ms", 4 * time.Millisecond: "4 ms",
		1500 * time.Microsecond: "2 ms", time.Second: "1 s", 2449 * time.Millisecond: "2.4 s",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%v) = %q, want %q", d, got, want)
		}
	}
}
