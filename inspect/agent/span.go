package agent

import (
	"sync/atomic"
	"time"
)

const (
	maxStatement = 4 << 10 // bytes of an SQL statement
	maxURL       = 2 << 10
)

// transactions counts those of this process.
var transactions atomic.Int64

// NextTx numbers a transaction.
func NextTx() int64 { return transactions.Add(1) }

// A Span is timed work that goes on. A nil one does nothing.
type Span struct {
	x     *Exchange
	seq   int64
	time  int64         // when it began, in microseconds since 1970
	begun time.Duration // from the begin of the exchange on
	leaf  Leaf
}

// StartSpan begins a span of this goroutine's exchange; it is nil when there is
// none.
func StartSpan() *Span {
	x := Current()
	if x == nil {
		return nil
	}
	s := &Span{x: x, begun: time.Since(x.begun)}
	s.time = x.timeAt(s.begun)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seq++
	s.seq = x.seq
	return s
}

// StartSQL is StartSpan for a call of package database/sql.
func StartSQL(op, statement string) *Span {
	s := StartSpan()
	if s != nil {
		s.leaf = EnterLeaf(NodeSQL, op, statement)
	}
	return s
}

// Calling says where an outgoing HTTP request goes.
func (s *Span) Calling(method, url string) { s.leaf = EnterLeaf(NodeHTTP, method, url) }

// whole reports whether the span is sent, rather than counted.
func (s *Span) whole() bool { return s.seq <= keepSpans }

// EndSQL sends a call of package database/sql. Rows that are not known are -1.
func (s *Span) EndSQL(op, statement string, args []string, rows, tx int64, err error) {
	if s == nil {
		return
	}
	took := s.took()
	s.leaf.Leave()
	m := s.message("sql", took, err)
	if s.whole() {
		m.Op, m.Text, m.Args, m.Rows, m.Tx = op, cut(statement, maxStatement), args, rows, tx
		m.Frames = callers()
	}
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	s.x.sums.sql++
	s.x.sums.sqlTime += int64(took / time.Microsecond)
	s.send(&m)
}

// Args writes arguments for EndSQL, each by format. A nil span writes none.
func (s *Span) Args(args []any, format func(any) string) []string {
	if s == nil || !s.whole() || len(args) == 0 {
		return nil
	}
	list := make([]string, min(len(args), maxArgs))
	for i := range list {
		list[i] = format(args[i])
	}
	if left := len(args) - maxArgs; left > 0 {
		list = append(list, "… "+Go(left)+" more")
	}
	return list
}

// Rows says how many rows of the query were read when they were closed.
func (s *Span) Rows(n int64) {
	if s == nil || !s.whole() {
		return
	}
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	s.x.add(&Message{Type: TypeRows, Exchange: s.x.id, Seq: s.seq, Rows: n})
}

// EndCall sends an outgoing HTTP request. Without a response the status is 0.
func (s *Span) EndCall(method, url string, status int, err error) {
	if s == nil {
		return
	}
	took := s.took()
	s.leaf.Leave()
	m := s.message("call", took, err)
	if s.whole() {
		m.Method, m.Text, m.Status = cut(method, maxKey), cut(url, maxURL), int64(status)
		m.Frames = callers()
	}
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	s.x.sums.calls++
	s.x.sums.callTime += int64(took / time.Microsecond)
	s.send(&m)
}

// Traceparent is the header of W3C Trace Context for an outgoing request: the
// exchange is the trace.
func (s *Span) Traceparent() string {
	b := append(make([]byte, 0, 55), "00-"...)
	b = append(append(b, s.x.id...), '-')
	return string(append(appendHex(b, random()|1), "-01"...))
}

func (s *Span) took() time.Duration { return time.Since(s.x.begun) - s.begun }

func (s *Span) message(kind string, took time.Duration, err error) Message {
	return Message{
		Type: TypeSpan, Kind: kind, Exchange: s.x.id, Goroutine: host.goid(), Seq: s.seq,
		Time: s.time, Duration: int64(took / time.Microsecond), Error: errorText(err),
	}
}

// send adds the message or counts it. The exchange's lock is held.
func (s *Span) send(m *Message) {
	s.x.happened = true
	if !s.whole() {
		s.x.lost++
		return
	}
	s.x.add(m)
}
