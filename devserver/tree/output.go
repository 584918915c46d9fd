package tree

import (
	"bytes"
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// maxOutput and maxOutputLine bound what is kept of what a program prints, for the page
	// that says why it ended.
	maxOutput     = 100
	maxOutputLine = 4 << 10
	// outputGrace is how long after the end of a program those that it left running may
	// still print.
	outputGrace = time.Second
	// drainTime bounds the wait for a reader that does not get a processor.
	drainTime = 2 * time.Second
	// markSize is that of a mark, in bytes: nobody prints it by chance, and a pipe takes it
	// in one piece.
	markSize = 24
)

// output takes what a program prints, line by line.
type output struct {
	stdout, stderr *stream
	readers        sync.WaitGroup

	mu   sync.Mutex
	kept []string // the last lines
}

// newOutput makes the pipes. tell is told of each line, of one stream at a time.
func newOutput(tell func(text string, stderr bool)) (*output, error) {
	o := &output{}
	var err error
	if o.stdout, err = newStream(func(text string) { o.keep(text); tell(text, false) }); err != nil {
		return nil, err
	}
	if o.stderr, err = newStream(func(text string) { o.keep(text); tell(text, true) }); err != nil {
		o.stdout.close()
		return nil, err
	}
	return o, nil
}

// read begins to read; end or abandon is called once, at the end.
func (o *output) read() {
	o.readers.Go(o.stdout.read)
	o.readers.Go(o.stderr.read)
}

// abandon gives up pipes that are not read.
func (o *output) abandon() {
	o.stdout.close()
	o.stderr.close()
}

// end reads what is left of a program that has ended.
func (o *output) end() {
	o.stdout.w.Close()
	o.stderr.w.Close()
	late := time.AfterFunc(outputGrace, o.abandon)
	o.readers.Wait()
	late.Stop()
	o.abandon()
}

// drain returns when all has been told that was printed until now. passed is called for each
// stream, between the last line that was printed before and the first one after.
func (o *output) drain(passed func(stderr bool)) {
	limit := time.NewTimer(drainTime)
	defer limit.Stop()
	out, errs := make(chan struct{}), make(chan struct{})
	o.stdout.mark(func() { passed(false); close(out) })
	o.stderr.mark(func() { passed(true); close(errs) })
	for _, seen := range [...]chan struct{}{out, errs} {
		select {
		case <-seen:
		case <-limit.C:
			return
		}
	}
}

func (o *output) keep(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, text)
	o.kept = o.kept[max(0, len(o.kept)-maxOutput):]
}

// last returns the last lines.
func (o *output) last() []string {
	o.mu.Lock()
	kept := append([]string(nil), o.kept...)
	o.mu.Unlock()
	for _, s := range [...]*stream{o.stdout, o.stderr} {
		if part := s.unfinished(); part != "" {
			kept = append(kept, part)
		}
	}
	return kept
}

// stream is one pipe of a program. We keep an end to write to: as a pipe keeps its order, a
// mark that comes out of it says that all which was written before has come out too.
type stream struct {
	tell func(string)
	r, w *os.File
	sign []byte // what a mark is

	writing sync.Mutex // held while a mark is written, which may take as long as the reader
	mu      sync.Mutex
	waiting []func() // for the marks in the pipe, in their order
	over    bool     // nothing is read any more
	part    []byte   // a line that is not whole
}

func newStream(tell func(string)) (*stream, error) {
	s := &stream{tell: tell, sign: make([]byte, markSize)}
	rand.Read(s.sign) // never fails
	s.sign[0] = 0     // rare in what programs print
	var err error
	s.r, s.w, err = os.Pipe()
	return s, err
}

func (s *stream) close() {
	s.r.Close()
	s.w.Close()
}

// mark has seen called, once, when all has been told that was written until now.
func (s *stream) mark(seen func()) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	over := s.over
	if !over {
		s.waiting = append(s.waiting, seen)
	}
	s.mu.Unlock()
	if over {
		seen()
		return
	}
	if _, err := s.w.Write(s.sign); err == nil {
		return
	}
	s.mu.Lock() // the program has ended
	over = s.over
	if !over {
		s.waiting = s.waiting[:len(s.waiting)-1]
	}
	s.mu.Unlock()
	if !over {
		seen()
	}
}

// read reads to the end.
func (s *stream) read() {
	buf := make([]byte, 32<<10)
	var held []byte // may be the beginning of a mark
	for {
		n, err := s.r.Read(buf)
		held = s.take(append(held, buf[:n]...))
		if err != nil {
			break
		}
	}
	s.add(held)
	if s.unfinished() != "" {
		s.add([]byte("\n"))
	}
	s.mu.Lock()
	s.over = true
	waiting := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	for _, seen := range waiting {
		seen()
	}
}

// take tells of b, and returns what may be the beginning of a mark.
func (s *stream) take(b []byte) []byte {
	for {
		i := bytes.IndexByte(b, s.sign[0])
		if i < 0 {
			s.add(b)
			return b[:0]
		}
		s.add(b[:i])
		switch b = b[i:]; {
		case bytes.HasPrefix(b, s.sign):
			b = b[markSize:]
			s.marked()
		case bytes.HasPrefix(s.sign, b):
			return b
		default:
			s.add(b[:1])
			b = b[1:]
		}
	}
}

// marked tells the one that waits for the next mark.
func (s *stream) marked() {
	s.mu.Lock()
	seen := func() {}
	if len(s.waiting) > 0 {
		seen, s.waiting = s.waiting[0], s.waiting[1:]
	}
	s.mu.Unlock()
	seen()
}

// add takes what was printed.
func (s *stream) add(b []byte) {
	for len(b) > 0 {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		b = rest
		s.mu.Lock()
		s.part = append(s.part, line[:min(len(line), maxOutputLine-len(s.part))]...)
		text := strings.TrimSuffix(string(s.part), "\r")
		if found {
			s.part = s.part[:0]
		}
		s.mu.Unlock()
		if found {
			s.tell(text)
		}
	}
}

// unfinished returns the line that is not whole.
func (s *stream) unfinished() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.part)
}
