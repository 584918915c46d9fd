package profile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	pb "github.com/google/pprof/profile"
)

// foldable takes from names what separates them in a folded stack.
var foldable = strings.NewReplacer(";", ":", "\n", " ", "\r", " ")

// Folded writes the stacks of p as text, one a line, the outermost function first:
// "main;handler;work 42". It is what flame graph tools read. Values are those that [Value]
// names, in its unit; stacks whose value is not positive are left out.
func Folded(w io.Writer, p *pb.Profile) error {
	index, _ := Value(p)
	sums := map[string]int64{}
	for _, s := range p.Sample {
		if index < 0 || index >= len(s.Value) {
			continue
		}
		var names []string
		for f := range frames(s) {
			names = append(names, foldable.Replace(f.name))
		}
		slices.Reverse(names)
		sums[strings.Join(names, ";")] += s.Value[index]
	}
	stacks := make([]string, 0, len(sums))
	for stack, v := range sums {
		if v > 0 && stack != "" {
			stacks = append(stacks, stack)
		}
	}
	slices.Sort(stacks)
	bw := bufio.NewWriter(w)
	for _, stack := range stacks {
		fmt.Fprintf(bw, "%s %d\n", stack, sums[stack])
	}
	return bw.Flush()
}

// The file format of speedscope: https://www.speedscope.app/file-format-schema.json
type speedscope struct {
	Schema   string              `json:"$schema"`
	Name     string              `json:"name"`
	Exporter string              `json:"exporter"`
	Active   int                 `json:"activeProfileIndex"`
	Shared   speedscopeShared    `json:"shared"`
	Profiles []speedscopeProfile `json:"profiles"`
}

type speedscopeShared struct {
	Frames []speedscopeFrame `json:"frames"`
}

type speedscopeFrame struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int64  `json:"line,omitempty"`
}

type speedscopeProfile struct {
	Type       string  `json:"type"`
	Name       string  `json:"name"`
	Unit       string  `json:"unit"`
	StartValue int64   `json:"startValue"`
	EndValue   int64   `json:"endValue"`
	Samples    [][]int `json:"samples"`
	Weights    []int64 `json:"weights"`
}

// Speedscope writes p as a file for https://www.speedscope.app, each of its values as a
// profile of its own. Samples whose value is not positive are left out of it.
func Speedscope(w io.Writer, p *pb.Profile, name string) error {
	index, _ := Value(p)
	out := speedscope{
		Schema: "https://www.speedscope.app/file-format-schema.json", Name: name, Exporter: "pastedev",
		Active: max(index, 0), Shared: speedscopeShared{Frames: []speedscopeFrame{}}, Profiles: []speedscopeProfile{},
	}
	stacks := out.Shared.stacks(p)
	for i, t := range p.SampleType {
		q := speedscopeProfile{
			Type: "sampled", Name: fmt.Sprintf("%s: %s", name, t.Type), Unit: speedscopeUnit(t.Unit),
			Samples: [][]int{}, Weights: []int64{},
		}
		for j, s := range p.Sample {
			if i < len(s.Value) && s.Value[i] > 0 {
				q.Samples = append(q.Samples, stacks[j])
				q.Weights = append(q.Weights, s.Value[i])
				q.EndValue += s.Value[i]
			}
		}
		out.Profiles = append(out.Profiles, q)
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return fmt.Errorf("write speedscope file: %w", err)
	}
	return nil
}

// stacks fills the shared frames and returns the stack of each sample, outermost first. A
// function is one frame, wherever in it a sample was taken.
func (s *speedscopeShared) stacks(p *pb.Profile) [][]int {
	type key struct{ name, file string }
	known := map[key]int{}
	stacks := make([][]int, len(p.Sample))
	for i, sample := range p.Sample {
		stack := []int{}
		for f := range frames(sample) {
			k := key{f.name, f.file}
			n, ok := known[k]
			if !ok {
				n = len(s.Frames)
				known[k] = n
				s.Frames = append(s.Frames, speedscopeFrame{f.name, f.file, f.line})
			}
			stack = append(stack, n)
		}
		slices.Reverse(stack)
		stacks[i] = stack
	}
	return stacks
}

func speedscopeUnit(unit string) string {
	switch unit {
	case "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes":
		return unit
	}
	return "none"
}
