package profile

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	pb "github.com/google/pprof/profile"
)

// LabelState is the label that says what a goroutine was doing: "running", or what it
// waited for, in the runtime's words.
const LabelState = "pastedev_state"

// ParseGoroutines reads the stacks of goroutines as the runtime prints them (see
// runtime.Stack) and returns them as a profile with one sample a goroutine, labelled with
// its state. Lines that it does not know are passed over; a text without any goroutine is
// an error.
func ParseGoroutines(text []byte) (*pb.Profile, error) {
	b := newStackBuilder()
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, len(text)+1)
	for sc.Scan() {
		line := sc.Text()
		switch {
		case strings.HasPrefix(line, "goroutine "):
			b.goroutine(line)
		case strings.HasPrefix(line, "\t"):
			b.place(line[1:])
		case line != "":
			b.call(line)
		}
	}
	b.end()
	if len(b.p.Sample) == 0 {
		return nil, fmt.Errorf("read goroutines: there are none in %d bytes", len(text))
	}
	return b.p.Compact(), nil
}

type stackBuilder struct {
	p         *pb.Profile
	functions map[topKey]*pb.Function
	locations map[frame]*pb.Location
	sample    *pb.Sample
	name      string // of the call whose place comes next
}

func newStackBuilder() *stackBuilder {
	return &stackBuilder{
		p: &pb.Profile{
			SampleType: []*pb.ValueType{{Type: "goroutine", Unit: "count"}},
			PeriodType: &pb.ValueType{Type: "goroutine", Unit: "count"}, Period: 1,
			TimeNanos: time.Now().UnixNano(),
		},
		functions: map[topKey]*pb.Function{}, locations: map[frame]*pb.Location{},
	}
}

// goroutine reads "goroutine 7 [chan receive, 2 minutes]:".
func (b *stackBuilder) goroutine(line string) {
	b.end()
	state := ""
	if _, rest, ok := strings.Cut(line, "["); ok {
		state, _, _ = strings.Cut(rest, "]")
		state, _, _ = strings.Cut(state, ",")
	}
	b.sample = &pb.Sample{Value: []int64{1}}
	if state != "" {
		b.sample.Label = map[string][]string{LabelState: {state}}
	}
}

// call reads "main.(*T).f(0x1, ...)" and "created by main.g in goroutine 1", which is not
// on the stack.
func (b *stackBuilder) call(line string) {
	b.name = ""
	if strings.HasPrefix(line, "created by ") || strings.HasPrefix(line, "...") {
		return
	}
	name := line
	if i := strings.LastIndexByte(line, '('); i > 0 {
		name = line[:i]
	}
	b.name = name
}

// place reads "/path/file.go:12 +0x1d".
func (b *stackBuilder) place(line string) {
	if b.sample == nil || b.name == "" {
		return
	}
	at, _, _ := strings.Cut(line, " +0x")
	f := frame{name: b.name}
	if i := strings.LastIndexByte(at, ':'); i > 0 {
		if n, err := strconv.ParseInt(at[i+1:], 10, 32); err == nil {
			f.file, f.line = at[:i], n
		}
	}
	b.name = ""
	b.sample.Location = append(b.sample.Location, b.location(f))
}

func (b *stackBuilder) location(f frame) *pb.Location {
	if l := b.locations[f]; l != nil {
		return l
	}
	k := topKey{f.name, f.file}
	fn := b.functions[k]
	if fn == nil {
		fn = &pb.Function{ID: uint64(len(b.p.Function) + 1), Name: f.name, SystemName: f.name, Filename: f.file}
		b.functions[k] = fn
		b.p.Function = append(b.p.Function, fn)
	}
	l := &pb.Location{ID: uint64(len(b.p.Location) + 1), Line: []pb.Line{{Function: fn, Line: f.line}}}
	b.locations[f] = l
	b.p.Location = append(b.p.Location, l)
	return l
}

func (b *stackBuilder) end() {
	if b.sample != nil && len(b.sample.Location) > 0 {
		b.p.Sample = append(b.p.Sample, b.sample)
	}
	b.sample, b.name = nil, ""
}
