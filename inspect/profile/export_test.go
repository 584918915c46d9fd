package profile

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pb "github.com/google/pprof/profile"
)

func TestFolded(t *testing.T) {
	p := cpuProfile(stackSample{"", "main;b c", 1}, stackSample{"", "main;a", 2}, stackSample{idA, "main;a", 3}, stackSample{"", "main;less", -1})
	if diff := cmp.Diff("main;a 50000000\nmain;b c 10000000\n", folded(t, p)); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
	named := cpuProfile(stackSample{"", "x", 1})
	named.Function[0].Name = "f[struct { A int; B int }]"
	named.Sample[0].Location = append(named.Sample[0].Location, &pb.Location{ID: 9, Address: 0x40})
	if diff := cmp.Diff("0x40;f[struct { A int: B int }] 10000000\n", folded(t, named)); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
	if got := folded(t, &pb.Profile{}); got != "" {
		t.Errorf("folded nothing = %q", got)
	}
}

func TestSpeedscope(t *testing.T) {
	p := cpuProfile(stackSample{"", "main;a", 2}, stackSample{"", "main;a;b", 3}, stackSample{"", "main", 0})
	var b strings.Builder
	if err := Speedscope(&b, p, "GET /cart"); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	frame := func(name string, line float64) any {
		return map[string]any{"name": name, "file": "/src/" + name + ".go", "line": line}
	}
	stacks := []any{[]any{1.0, 0.0}, []any{1.0, 0.0, 2.0}}
	one := func(name, unit string, scale float64) any {
		return map[string]any{
			"type": "sampled", "name": "GET /cart: " + name, "unit": unit, "startValue": 0.0, "endValue": 5 * scale,
			"samples": stacks, "weights": []any{2 * scale, 3 * scale},
		}
	}
	want := map[string]any{
		"$schema": "https://www.speedscope.app/file-format-schema.json", "name": "GET /cart", "exporter": "pastedev", "activeProfileIndex": 1.0,
		"shared":   map[string]any{"frames": []any{frame("a", 10), frame("main", 20), frame("b", 30)}},
		"profiles": []any{one("samples", "none", 1), one("cpu", "nanoseconds", 1e7)},
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("speedscope (-want +got):\n%s", diff)
	}
}
