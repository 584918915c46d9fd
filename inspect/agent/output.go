package agent

import (
	"time"
	"unsafe"
)

const (
	// maxText is how much of a write goes into one message, which then fits a frame
	// with whatever else it carries.
	maxText = 8 << 10
	// maxAttrs, maxKey and maxValue bound what a log record carries.
	maxAttrs = 32
	maxKey   = 64
	maxValue = 256
)

// A Record is a log record that is being handled. The write that renders it takes
// it up, so that one line becomes one message.
type Record struct {
	x     *Exchange
	level string
	text  string
	attrs []string
	taken bool
}

// Log puts a record on this goroutine until its End. It is nil, which End accepts,
// when one is there already: the outermost says most. attrs are keys and values.
func (x *Exchange) Log(level, text string, attrs []string) *Record {
	if x == nil || host.record() != nil {
		return nil
	}
	attrs = attrs[:min(len(attrs), 2*maxAttrs)]
	for i := range attrs {
		attrs[i] = cut(attrs[i], maxKey+(i&1)*(maxValue-maxKey))
	}
	r := &Record{x: x, level: level, text: text, attrs: attrs}
	host.setRecord(unsafe.Pointer(r))
	return r
}

// Logging reports whether this goroutine handles a record.
func Logging() bool { return host.record() != nil }

// End takes the record off the goroutine, and sends it if it was not written to
// standard output or standard error.
func (r *Record) End() {
	if r == nil {
		return
	}
	host.setRecord(nil)
	if !r.taken {
		r.x.output("log", 0, r.text, r)
	}
}

// streams are the names of the descriptors.
var streams = [...]string{"log", "stdout", "stderr"}

// Wrote says that this goroutine has written b to standard output, fd 1, or to
// standard error, fd 2.
func Wrote(fd int, b []byte) {
	x := Current()
	if x == nil || len(b) == 0 || fd < 1 || fd > 2 {
		return
	}
	r := (*Record)(host.record())
	if r != nil && (r.taken || r.x != x) {
		r = nil
	}
	if r != nil {
		r.taken = true
	}
	x.output(streams[fd], fd, unsafe.String(&b[0], len(b)), r)
}

// output counts and sends text, in pieces. It does not keep text.
func (x *Exchange) output(stream string, index int, text string, r *Record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sums.logs += x.begins(index, text)
	x.lines++
	x.bytes += int64(len(text))
	x.happened = true
	if x.lines > keepLines || x.bytes > keepBytes {
		x.lost++
		return
	}
	m := Message{Type: TypeOutput, Exchange: x.id, Goroutine: host.goid(), Time: x.timeAt(time.Since(x.begun)), Stream: stream}
	if r != nil {
		m.Level, m.Attrs = r.level, r.attrs
	}
	for first := true; first || text != ""; first = false {
		n := min(len(text), maxText)
		for n < len(text) && n > maxText-4 && text[n]&0xc0 == 0x80 { // not inside a character
			n--
		}
		m.Text, text = text[:n], text[n:]
		x.add(&m)
		m.Level, m.Attrs = "", nil
	}
}

// begins is how many lines begin in text; a record is one. x.mu is held.
func (x *Exchange) begins(index int, text string) int64 {
	if index == 0 {
		return 1
	}
	n := int64(0)
	for i := range len(text) {
		if text[i] == '\n' {
			n++
		}
	}
	open := text[len(text)-1] != '\n'
	if open {
		n++
	}
	if x.midline[index] {
		n--
	}
	x.midline[index] = open
	return n
}
