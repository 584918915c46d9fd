package cgi

import (
	"log"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// maxStderrLines and maxStderrLine bound what is kept of stderr: a program in a loop
	// prints without end. The first lines say why; the rest is counted.
	maxStderrLines = 1000
	maxStderrLine  = 4 << 10
)

// Report is what is known of one request after its end. Texts are as the program printed
// them, control characters included.
type Report struct {
	Request *http.Request // as the handler got it
	Program string        // its absolute path; empty if it was not found
	Args    []string      // without the program's name
	Dir     string        // where it ran
	// Env is what it was given, NAME=value, sorted by name. It holds what the client
	// sent, secrets too: mask it before it is shown.
	Env     []string
	Dropped []string // names of the request's fields that were not handed on

	Started  time.Time     // when the request came
	Began    time.Time     // when the program was started; zero if it was not
	Duration time.Duration // from the request's arrival to the program's end
	PID      int           // 0 if it did not start
	ExitCode int           // -1 if it did not start or was ended by a signal
	Signal   string        // the signal that ended it, such as "killed"; empty if none
	Input    int64         // bytes of the request's body that it was given
	Output   int64         // bytes of its body that were sent on
	Status   int           // what was answered; 0 if nothing was, or by Redirect

	Stderr        []StderrLine
	StderrDropped int      // lines that are not in Stderr
	Redirect      string   // the local path that Handler.Redirect answered for
	Warnings      []string // what the client was not told, a sentence each: "it ended with exit code 3 after its answer"
	Failure       *Failure // why the program's answer is not, or not all, what was sent; nil if it is
}

// StderrLine is a line without its end.
type StderrLine struct {
	At   time.Time
	Text string
}

// write is what happens to a report that nobody asked for.
func (p Report) write() {
	for _, l := range p.Stderr {
		log.Printf("cgi: %s: stderr: %q", p.Program, l.Text)
	}
	for _, s := range p.Warnings {
		log.Printf("cgi: %s: %s", p.Program, s)
	}
	if p.Failure != nil {
		log.Printf("cgi: %v", p.Failure)
	}
}

// stderrLines collects the lines written to it. It never fails, so that the program
// never notices.
type stderrLines struct {
	heard   func()           // called for each write
	tell    func(StderrLine) // called for each line that is kept; nil tells nobody
	mu      sync.Mutex
	lines   []StderrLine
	dropped int
	part    []byte // an unfinished line
	over    bool   // it is too long already
}

func (s *stderrLines) Write(p []byte) (int, error) {
	s.heard()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		i := 0
		for i < len(p) && p[i] != '\n' {
			i++
		}
		room := min(i, maxStderrLine-len(s.part))
		s.part = append(s.part, p[:room]...)
		s.over = s.over || room < i
		if i == len(p) {
			break
		}
		s.end()
		p = p[i+1:]
	}
	return n, nil
}

// end ends a line. The caller holds mu.
func (s *stderrLines) end() {
	text := strings.TrimSuffix(string(s.part), "\r")
	if s.over {
		text += "…"
	}
	s.part, s.over = s.part[:0], false
	if len(s.lines) == maxStderrLines {
		s.dropped++
		return
	}
	s.lines = append(s.lines, StderrLine{time.Now(), text})
	if s.tell != nil {
		s.tell(s.lines[len(s.lines)-1])
	}
}

// all returns the lines so far.
func (s *stderrLines) all() ([]StderrLine, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.part) > 0 {
		s.end()
	}
	return s.lines, s.dropped
}
