package traceback

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Limits of the scanner. They bound memory whatever a program prints.
const (
	maxLine    = 8 << 10   // bytes of a line that are looked at; frames are shorter
	maxJSON    = 256 << 10 // bytes of a line that is one JSON object: it may hold a whole stack
	maxBlock   = 128 << 10 // bytes kept of one crash text: some hundred goroutines; the rest is joined but dropped
	maxStreams = 64        // streams followed at a time; the one silent for longest gives way
	lookBack   = 8         // lines before the first frame that may hold the message
)

// Scanner finds crash text among printed lines. The zero value is ready; it may not be
// used by two goroutines at once. Lines of different streams, exchanges and goroutines may be
// mixed: each is followed by itself.
type Scanner struct {
	Roots   Roots // tells the app's frames from others
	streams map[streamKey]*stream
}

type streamKey struct {
	stream    inspect.Stream
	exchange  inspect.ID
	goroutine int64
}

type stream struct {
	partial string // the beginning of a line that goes on in the next Output
	prev    []string
	block   *block
	last    time.Time
}

// block is a crash text that is being collected.
type block struct {
	grammar *grammar
	lines   []string
	size    int
	first   inspect.Output // the output that opened it: time, exchange, build
	phase   int            // the grammar's own
	loose   int            // lines since the grammar was last certain
}

// grammar knows the crash text of one language. Its functions see plain lines.
type grammar struct {
	language string
	// opens says whether line begins a block, and how many of the lines before belong to it.
	opens func(prev []string, line string) (back int, phase int, ok bool)
	// joins says whether the line goes on with the block.
	joins func(b *block, line string) bool
	// parse makes the trace, or reports false when it was none after all.
	parse func(lines []string) (inspect.Trace, bool)
}

// Grammars are tried in this order: the certain ones before those that need to look back.
func grammars() []*grammar {
	return []*grammar{&goGrammar, &ginGrammar, &chiGrammar, &pythonGrammar, &phpGrammar, &javaGrammar, &nodeGrammar, &rubyGrammar}
}

// Line takes the next printed line and returns the traces that it ends. A trace that is
// still open ends with a line that does not belong to it, with Flush or with End.
func (s *Scanner) Line(o inspect.Output) []inspect.Trace {
	if o.Stream == inspect.Pastedev {
		return nil // what we say about the program is none of its failures
	}
	st := s.stream(o)
	st.last = o.Time
	text := st.partial + o.Text
	if o.Partial && len(text) < maxJSON {
		st.partial = text
		return nil
	}
	st.partial = ""
	return s.line(st, o, text)
}

func (s *Scanner) line(st *stream, o inspect.Output, text string) []inspect.Trace {
	var found []inspect.Trace
	if len(text) > maxLine || strings.Contains(text, `\n`) {
		if inner := embedded(text); inner != "" {
			found = s.end(st)
			traces := Find(inner, s.Roots)
			for i := range traces {
				stamp(&traces[i], o)
			}
			return append(found, traces...)
		}
	}
	text, _ = cut(text, maxLine)
	text = plain(strings.TrimRight(text, "\r\n"))
	if st.block != nil {
		if st.block.grammar.joins(st.block, text) {
			st.block.add(text)
			return nil
		}
		found = s.end(st)
	}
	if !candidate(text) {
		st.remember(text)
		return found
	}
	for _, g := range grammars() {
		back, phase, ok := g.opens(st.prev, text)
		if !ok {
			continue
		}
		b := &block{grammar: g, first: o, phase: phase}
		for _, l := range st.prev[len(st.prev)-back:] {
			b.add(l)
		}
		b.add(text)
		st.block, st.prev = b, nil
		return found
	}
	st.remember(text)
	return found
}

// candidate rules out most ordinary lines cheaply: each line that opens a block holds one
// of these.
func candidate(line string) bool {
	return strings.Contains(line, "panic") ||
		strings.Contains(line, "at ") ||
		strings.Contains(line, "rror") ||
		strings.Contains(line, "goroutine ") ||
		strings.Contains(line, "Traceback ") ||
		strings.Contains(line, "File \"") ||
		strings.Contains(line, ":in ") ||
		strings.HasPrefix(line, "SIG") || strings.HasPrefix(line, "[signal ") || strings.HasPrefix(line, "runtime: ")
}

func (st *stream) remember(line string) {
	if len(st.prev) == lookBack {
		copy(st.prev, st.prev[1:])
		st.prev = st.prev[:lookBack-1]
	}
	st.prev = append(st.prev, line)
}

func (b *block) add(line string) {
	if b.size+len(line) > maxBlock {
		return
	}
	b.size += len(line) + 1
	b.lines = append(b.lines, line)
}

// Flush ends the crash texts to which nothing was added since before. Called when the
// streams fall silent, a second after the last line, say.
func (s *Scanner) Flush(before time.Time) []inspect.Trace {
	var found []inspect.Trace
	for _, k := range s.keys() {
		if st := s.streams[k]; !st.last.After(before) {
			found = append(found, s.end(st)...)
		}
	}
	return found
}

// End ends all crash texts: the program has ended. The scanner can be used again.
func (s *Scanner) End() []inspect.Trace {
	var found []inspect.Trace
	for _, k := range s.keys() {
		st := s.streams[k]
		if st.partial != "" {
			text := st.partial
			st.partial = ""
			found = append(found, s.line(st, inspect.Output{Stream: k.stream, Exchange: k.exchange, Time: st.last}, text)...)
		}
		found = append(found, s.end(st)...)
	}
	s.streams = nil
	return found
}

// Open says whether a crash text is being collected, so that the owner knows to Flush.
func (s *Scanner) Open() bool {
	for _, st := range s.streams {
		if st.block != nil {
			return true
		}
	}
	return false
}

func (s *Scanner) end(st *stream) []inspect.Trace {
	b := st.block
	st.block, st.prev = nil, nil
	if b == nil {
		return nil
	}
	t, ok := b.trace()
	if !ok {
		return nil
	}
	stamp(&t, b.first)
	Finish(&t, s.Roots, "")
	return []inspect.Trace{t}
}

func stamp(t *inspect.Trace, o inspect.Output) {
	t.Time, t.Exchange, t.Build = o.Time, o.Exchange, o.Build
	if t.Goroutine == 0 {
		t.Goroutine = o.Goroutine
	}
}

func (b *block) trace() (inspect.Trace, bool) {
	for len(b.lines) > 0 && strings.TrimSpace(b.lines[len(b.lines)-1]) == "" {
		b.lines = b.lines[:len(b.lines)-1]
	}
	t, ok := b.grammar.parse(b.lines)
	if !ok {
		return t, false
	}
	t.Language = b.grammar.language
	t.Kind = cmp.Or(t.Kind, inspect.TraceText)
	t.Message, _ = cut(strings.TrimSpace(t.Message), maxMessage)
	t.Count = 1
	t.NoLocals = "read from printed text, which holds no variables"
	t.Raw = strings.Join(b.lines, "\n")
	bound(&t)
	return t, true
}

func (s *Scanner) stream(o inspect.Output) *stream {
	k := streamKey{o.Stream, o.Exchange, o.Goroutine}
	if st := s.streams[k]; st != nil {
		return st
	}
	if s.streams == nil {
		s.streams = map[streamKey]*stream{}
	}
	if len(s.streams) >= maxStreams {
		s.evict()
	}
	st := &stream{}
	s.streams[k] = st
	return st
}

// evict forgets the stream that is silent for longest, one without an open block first.
func (s *Scanner) evict() {
	var oldest streamKey
	var found *stream
	for k, st := range s.streams {
		if found == nil || staler(st, found) {
			oldest, found = k, st
		}
	}
	delete(s.streams, oldest)
}

func staler(a, b *stream) bool {
	if (a.block == nil) != (b.block == nil) {
		return a.block == nil
	}
	return a.last.Before(b.last)
}

// keys are the streams in the order of their last lines, so that results have an order.
func (s *Scanner) keys() []streamKey {
	keys := make([]streamKey, 0, len(s.streams))
	for k := range s.streams {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b streamKey) int {
		return cmp.Or(s.streams[a].last.Compare(s.streams[b].last),
			strings.Compare(string(a.stream), string(b.stream)), cmp.Compare(a.goroutine, b.goroutine))
	})
	return keys
}

// Find returns the traces in a text that is whole.
func Find(text string, roots Roots) []inspect.Trace {
	s := Scanner{Roots: roots}
	var found []inspect.Trace
	text, _ = cut(text, maxBody)
	for line := range strings.Lines(text) {
		st := s.stream(inspect.Output{})
		// Not Line: a text that is already out of its JSON is not looked into again.
		found = append(found, s.plainLine(st, line)...)
	}
	return append(found, s.End()...)
}

func (s *Scanner) plainLine(st *stream, line string) []inspect.Trace {
	if strings.Contains(line, `\n`) {
		line = strings.ReplaceAll(line, `\n`, `\ n`)
	}
	return s.line(st, inspect.Output{}, line)
}
