package store

import "github.com/pastedev/pastedev/inspect"

// ring holds the last output lines. They are not kept on disk: they matter while the
// program that printed them runs, and the terminal that shows them has its own
// scrollback.
type ring struct {
	lines []inspect.Output // ascending Seq
	bytes int
	seq   int64
}

// add stores o and returns its Seq.
func (r *ring) add(o inspect.Output) int64 {
	r.seq++
	o.Seq = r.seq
	r.lines = append(r.lines, o)
	r.bytes += len(o.Text)
	for len(r.lines) > 1 && (len(r.lines) > maxOutputs || r.bytes > outputBytes) {
		r.bytes -= len(r.lines[0].Text)
		r.lines[0] = inspect.Output{}
		r.lines = r.lines[1:]
	}
	return o.Seq
}

// after returns up to limit lines with a greater Seq than after, oldest first: the
// ones next to it, or for 0 the newest. limit 0 means all.
func (r *ring) after(after int64, limit int) []inspect.Output {
	lines := r.lines
	if len(lines) > 0 {
		skip := min(max(0, after-lines[0].Seq+1), int64(len(lines)))
		lines = lines[skip:]
	}
	if limit > 0 && len(lines) > limit {
		if after > 0 {
			lines = lines[:limit]
		} else {
			lines = lines[len(lines)-limit:]
		}
	}
	return append([]inspect.Output{}, lines...)
}
