package profile

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

const (
	idA = inspect.ID("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	idB = inspect.ID("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
)

// stackSample is n samples of one stack, outermost function first. An ID of "" is no label.
type stackSample struct {
	id    inspect.ID
	stack string
	n     int64
}

// cpuProfile makes a processor profile as the runtime does.
func cpuProfile(samples ...stackSample) *pb.Profile {
	return testProfile([]*pb.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		func(n int64) []int64 { return []int64{n, n * int64(10*time.Millisecond)} }, samples)
}

func testProfile(types []*pb.ValueType, values func(int64) []int64, samples []stackSample) *pb.Profile {
	p := &pb.Profile{SampleType: types, PeriodType: &pb.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: int64(10 * time.Millisecond), TimeNanos: 1, DurationNanos: 1}
	m := &pb.Mapping{ID: 1, File: "app", HasFunctions: true}
	p.Mapping = []*pb.Mapping{m}
	known := map[string]*pb.Location{}
	for _, s := range samples {
		sample := &pb.Sample{Value: values(s.n)}
		if s.id != "" {
			sample.Label = map[string][]string{LabelExchange: {string(s.id)}}
		}
		names := strings.Split(s.stack, ";")
		for i := len(names) - 1; i >= 0; i-- {
			l := known[names[i]]
			if l == nil {
				f := &pb.Function{ID: uint64(len(known) + 1), Name: names[i], SystemName: names[i], Filename: "/src/" + names[i] + ".go"}
				l = &pb.Location{ID: f.ID, Mapping: m, Address: f.ID * 16, Line: []pb.Line{{Function: f, Line: int64(10 * f.ID)}}}
				known[names[i]] = l
				p.Function, p.Location = append(p.Function, f), append(p.Location, l)
			}
			sample.Location = append(sample.Location, l)
		}
		p.Sample = append(p.Sample, sample)
	}
	return p
}

func folded(t *testing.T, p *pb.Profile) string {
	t.Helper()
	var b strings.Builder
	if err := Folded(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCut(t *testing.T) {
	p := cpuProfile(
		stackSample{idA, "main;handler;work", 7},
		stackSample{idB, "main;handler;work", 5},
		stackSample{"", "main;gc", 3},
		stackSample{idA, "main;handler", 1},
	)
	before := p.String()
	mine, samples, others := Cut(p, func(id inspect.ID) bool { return id == idA })
	if samples != 8 || others != 8 {
		t.Errorf("Cut = %d samples and %d others, want 8 and 8", samples, others)
	}
	want := "main;handler 10000000\nmain;handler;work 70000000\n"
	if diff := cmp.Diff(want, folded(t, mine)); diff != "" {
		t.Errorf("what was cut (-want +got):\n%s", diff)
	}
	if err := mine.CheckValid(); err != nil {
		t.Error(err)
	}
	if len(mine.Function) != 3 {
		t.Errorf("%d functions are left, want 3: gc is not used any more", len(mine.Function))
	}
	if diff := cmp.Diff(before, p.String()); diff != "" {
		t.Errorf("Cut changed its argument (-want +got):\n%s", diff)
	}
	none, samples, others := Cut(p, func(inspect.ID) bool { return false })
	if samples != 0 || others != 16 || len(none.Sample) != 0 {
		t.Errorf("Cut of nothing = %d samples, %d others, %d stacks", samples, others, len(none.Sample))
	}
	data, err := Encode(none)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(data); err != nil {
		t.Errorf("a profile without samples cannot be read again: %v", err)
	}
}

func TestMerge(t *testing.T) {
	a, b := cpuProfile(stackSample{idA, "main;f", 2}), cpuProfile(stackSample{idA, "main;f", 3}, stackSample{"", "main;g", 1})
	sum, err := Merge(nil, a, nil, b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("main;f 50000000\nmain;g 10000000\n", folded(t, sum)); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
	if p, err := Merge(nil); p != nil || err != nil {
		t.Errorf("Merge(nil) = %v, %v", p, err)
	}
	heap := testProfile([]*pb.ValueType{{Type: "x", Unit: "count"}}, func(n int64) []int64 { return []int64{n} }, nil)
	if _, err := Merge(a, heap); err == nil {
		t.Error("profiles of different values were merged")
	}
}

func heapProfile(alloc, inuse int64) *pb.Profile {
	p := testProfile([]*pb.ValueType{
		{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"},
		{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"},
	}, func(int64) []int64 { return []int64{alloc, alloc * 100, inuse, inuse * 100} }, []stackSample{{"", "main;make", 1}})
	p.DefaultSampleType = "alloc_space"
	return p
}

func TestDelta(t *testing.T) {
	d, err := Delta(heapProfile(10, 9), heapProfile(15, 4))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{5, 500, 4, 400}, d.Sample[0].Value); diff != "" {
		t.Errorf("delta (-want +got):\n%s", diff)
	}
	if d, err = Delta(heapProfile(10, 0), heapProfile(10, 0)); err != nil || len(d.Sample) != 0 {
		t.Errorf("delta of the same = %v, %v", d, err)
	}
	if _, err := Delta(cpuProfile(), heapProfile(1, 1)); err == nil {
		t.Error("a processor profile was subtracted from a heap profile")
	}
}

func TestTop(t *testing.T) {
	p := cpuProfile(
		stackSample{"", "main;fib;fib;fib", 6}, // recursion counts once
		stackSample{"", "main;fib", 1},
		stackSample{"", "main;load;fib", 2},
	)
	rows, total := Top(p, 0)
	ms := func(n int64) int64 { return n * int64(10*time.Millisecond) }
	want := []inspect.ProfileRow{
		{Function: "fib", File: "/src/fib.go", Line: 10, Flat: ms(9), Cum: ms(9), Unit: "nanoseconds"},
		{Function: "main", File: "/src/main.go", Line: 20, Cum: ms(9), Unit: "nanoseconds"},
		{Function: "load", File: "/src/load.go", Line: 30, Cum: ms(2), Unit: "nanoseconds"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if total != ms(9) {
		t.Errorf("total = %d", total)
	}
	if rows, _ := Top(p, 1); len(rows) != 1 {
		t.Errorf("Top(1) has %d rows", len(rows))
	}
	var b strings.Builder
	if err := WriteTop(&b, p, 2); err != nil {
		t.Fatal(err)
	}
	table := "      flat  flat%        cum   cum%  function\n" +
		"   90.0 ms 100.0%    90.0 ms 100.0%  fib  fib.go:10\n" +
		"         0   0.0%    90.0 ms 100.0%  main  main.go:20\n"
	if diff := cmp.Diff(table, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := WriteTop(&b, cpuProfile(), 2); err != nil || b.String() != "no samples\n" {
		t.Errorf("table of nothing = %q, %v", b.String(), err)
	}
}

func TestValue(t *testing.T) {
	if i, unit := Value(heapProfile(1, 1)); i != 1 || unit != "bytes" {
		t.Errorf("Value of a heap profile = %d %q", i, unit)
	}
	if i, _ := Value(&pb.Profile{}); i != -1 {
		t.Errorf("Value of an empty profile = %d", i)
	}
	if rows, total := Top(&pb.Profile{}, 3); rows != nil || total != 0 {
		t.Errorf("Top of an empty profile = %v, %d", rows, total)
	}
}

func TestAmount(t *testing.T) {
	tests := []struct {
		v    int64
		unit string
		want string
	}{
		{1_234_567_890, "nanoseconds", "1.23 s"},
		{40_000_000, "nanoseconds", "40.0 ms"},
		{12_345, "nanoseconds", "12.3 µs"},
		{72_345_000_000, "nanoseconds", "1m12s"},
		{999, "bytes", "999 B"},
		{3_100_000, "bytes", "3.1 MB"},
		{-2_000, "bytes", "-2.0 kB"},
		{12, "count", "12"},
	}
	for _, tt := range tests {
		if got := Amount(tt.v, tt.unit); got != tt.want {
			t.Errorf("Amount(%d, %q) = %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	data, err := Encode(cpuProfile(stackSample{idA, "main;f", 2}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("main;f 20000000\n", folded(t, p)); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	for _, bad := range [][]byte{nil, {0x1f, 0x8b}, []byte("<html>not found</html>"), data[:len(data)/2], bytes.Repeat([]byte{0xff}, 64)} {
		if _, err := Parse(bad); err == nil || !strings.HasPrefix(err.Error(), "read profile: ") {
			t.Errorf("Parse(%.20q) = %v, want an error that says what was read", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, p := range []*pb.Profile{cpuProfile(), cpuProfile(stackSample{idA, "main;f", 2}), heapProfile(3, 1)} {
		data, err := Encode(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		raw, err := unpack(data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		mine, samples, others := Cut(p, func(id inspect.ID) bool { return id == idA })
		if samples+others != Count(p) {
			t.Errorf("%d + %d samples of %d", samples, others, Count(p))
		}
		Top(mine, 10)
		Top(p, 10)
		var b bytes.Buffer
		if err := Folded(&b, p); err != nil {
			t.Error(err)
		}
		if err := Speedscope(&b, p, "x"); err != nil {
			t.Error(err)
		}
	})
}
