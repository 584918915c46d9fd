package profile

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Bucket is one bar of a histogram: how many values are From or more and less than To. The
// last bucket also holds To itself.
type Bucket struct {
	From  inspect.Millis `json:"from_ms"`
	To    inspect.Millis `json:"to_ms"`
	Count int            `json:"count"`
}

// outliers is from how many values on the slowest 2 % share the last bucket: one garbage
// collection would else squeeze all others into the first.
const outliers = 20

// Histogram sorts walls into buckets of one width, the last of which may be wider: from 20
// values on the slowest 2 % are in it. Without walls or buckets it is nil; when all are
// equal it has one bucket. walls is not changed.
func Histogram(walls []inspect.Millis, buckets int) []Bucket {
	if len(walls) == 0 || buckets <= 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(walls))
	low, high := sorted[0], sorted[len(sorted)-1]
	end := high
	if len(sorted) >= outliers {
		end = sorted[len(sorted)-1-len(sorted)/50]
	}
	if end <= low || buckets == 1 {
		return []Bucket{{From: low, To: high, Count: len(sorted)}}
	}
	width := float64(end-low) / float64(buckets)
	edge := func(i int) inspect.Millis { return low + inspect.Millis(float64(i)*width) }
	out := make([]Bucket, buckets)
	for i := range out {
		out[i] = Bucket{From: edge(i), To: edge(i + 1)}
	}
	out[buckets-1].To = high
	i := 0
	for _, w := range sorted {
		for i < buckets-1 && w >= out[i].To {
			i++
		}
		out[i].Count++
	}
	return out
}

// Spread is how long several runs of the same took.
type Spread struct {
	Min    inspect.Millis `json:"min_ms"`
	Median inspect.Millis `json:"median_ms"`
	P95    inspect.Millis `json:"p95_ms"` // 95 % took no longer
	Max    inspect.Millis `json:"max_ms"`
}

// SpreadOf returns the spread of walls; all zero without any.
func SpreadOf(walls []inspect.Millis) Spread {
	if len(walls) == 0 {
		return Spread{}
	}
	s := slices.Sorted(slices.Values(walls))
	last := len(s) - 1
	return Spread{Min: s[0], Median: s[last/2], P95: s[(95*last+99)/100], Max: s[last]}
}

// Bars draws a histogram in one line, a character a bucket: "▁▇█▃▁". A bucket that holds
// anything is never drawn empty, an empty one is a space.
func Bars(buckets []Bucket) string {
	const bars = "▁▂▃▄▅▆▇█"
	steps := []rune(bars)
	most := 0
	for _, b := range buckets {
		most = max(most, b.Count)
	}
	var out strings.Builder
	for _, b := range buckets {
		if b.Count == 0 {
			out.WriteByte(' ')
			continue
		}
		out.WriteRune(steps[(b.Count*len(steps)-1)/most])
	}
	return out.String()
}
