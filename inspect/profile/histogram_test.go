package profile

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestHistogram(t *testing.T) {
	many := []inspect.Millis{1000}
	for range 40 {
		many = append(many, 10, 20)
	}
	tests := []struct {
		name    string
		walls   []inspect.Millis
		buckets int
		want    []Bucket
		bars    string
	}{
		{"nothing", nil, 4, nil, ""},
		{"no buckets", []inspect.Millis{1}, 0, nil, ""},
		{"one", []inspect.Millis{7}, 4, []Bucket{{7, 7, 1}}, "█"},
		{"equal", []inspect.Millis{7, 7, 7}, 4, []Bucket{{7, 7, 3}}, "█"},
		{"even", []inspect.Millis{40, 10, 20, 30, 50}, 4, []Bucket{{10, 20, 1}, {20, 30, 1}, {30, 40, 1}, {40, 50, 2}}, "▄▄▄█"},
		{"a gap", []inspect.Millis{0, 0, 0, 9}, 3, []Bucket{{0, 3, 3}, {3, 6, 0}, {6, 9, 1}}, "█ ▃"},
		{"an outlier", many, 2, []Bucket{{10, 15, 40}, {15, 1000, 41}}, "██"},
	}
	for _, tt := range tests {
		before := slices.Clone(tt.walls)
		got := Histogram(tt.walls, tt.buckets)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if bars := Bars(got); bars != tt.bars {
			t.Errorf("%s: bars %q, want %q", tt.name, bars, tt.bars)
		}
		if !slices.Equal(before, tt.walls) {
			t.Errorf("%s: the values were sorted in place", tt.name)
		}
	}
}

func TestSpreadOf(t *testing.T) {
	var walls []inspect.Millis
	for i := range 101 {
		walls = append(walls, inspect.Millis(100-i))
	}
	if diff := cmp.Diff(Spread{0, 50, 95, 100}, SpreadOf(walls)); diff != "" {
		t.Errorf("spread (-want +got):\n%s", diff)
	}
	if got := SpreadOf(nil); got != (Spread{}) {
		t.Errorf("spread of nothing = %v", got)
	}
}

func TestThinned(t *testing.T) {
	var kept thinned
	for i := range 5 * maxWalls {
		kept.add(inspect.Millis(i))
		if len(kept.values) > maxWalls {
			t.Fatalf("%d values are kept", len(kept.values))
		}
	}
	for i, v := range kept.values {
		if int(v) != i*kept.stride {
			t.Fatalf("value %d is %d: not every %dth is kept", i, v, kept.stride)
		}
	}
	if got := len(kept.values) * kept.stride; got < 5*maxWalls || got > 5*maxWalls+kept.stride {
		t.Errorf("%d values, each for %d, do not stand for %d", len(kept.values), kept.stride, 5*maxWalls)
	}
}
