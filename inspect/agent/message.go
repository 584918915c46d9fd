package agent

// Message is the content of every frame. Which fields count depends on Type; the
// table is at the top of wire.go.
type Message struct {
	Type    string
	ID      int64
	PID     int64
	Network string
	Address string
	Verdict Verdict
	Private string
	Public  string
	Errno   int64
	Text    string

	Exchange  string   // 32 hex digits; empty for what the program did on its own
	Goroutine int64    // its id
	Time      int64    // when it began, microseconds since 1970
	Duration  int64    // microseconds
	Stream    string   // "stdout", "stderr" or "log"
	Level     string   // of a log record: "INFO", "ERROR+2"; "LOG" for package log
	Attrs     []string // of a log record: key, value, key, value ...
	Kind      string   // of a span: "sql" or "call"
	Op        string   // of an SQL span, the words of inspect.SQLOp
	Seq       int64    // of a span within its exchange, 1 or more
	Args      []string // of an SQL span
	Rows      int64    // of an SQL span; -1 unknown
	Tx        int64    // number of the transaction within the process
	Error     string   // what a span failed with
	Method    string   // of a call
	Status    int64    // of a call or of a finished exchange; 0 none
	Frames    []string // see Frame, innermost first
	Created   string   // the frame of the go statement that started the goroutine
	Thread    int64    // the system's id of the thread that waits
	ValueType string   // of a panic value
	Causes    []string // see Cause, in depth-first order
	Wait      int64    // 1: the goroutine waits for an answer of type "go"
	Count     int64    // how many there were
	Logs      int64    // sums of an exchange
	SQL       int64
	SQLTime   int64 // microseconds
	Calls     int64
	CallTime  int64 // microseconds
	Panic     int64 // id of the panic that left the handler, 0 none
}

// A Frame is one call of a stack.
type Frame struct {
	Function string // "example.com/shop.(*Cart).Add"
	File     string
	Line     int64
	PC       uint64
}

// pack is the form of a Frame on the wire: line, pc, function and file with tabs
// between. Only the file can hold a tab.
func (f Frame) pack() string {
	b := append(appendInt(nil, f.Line), '\t')
	b = append(appendInt(b, int64(f.PC)), '\t')
	return string(append(append(append(b, f.Function...), '\t'), f.File...))
}

// ParseFrame reads an element of Message.Frames.
func ParseFrame(s string) (Frame, bool) {
	var part [3]string
	for i := range part {
		at := indexByte(s, '\t')
		if at < 0 {
			return Frame{}, false
		}
		part[i], s = s[:at], s[at+1:]
	}
	line, ok := parseInt(part[0])
	pc, isPC := parseInt(part[1])
	if !ok || !isPC {
		return Frame{}, false
	}
	return Frame{Function: part[2], File: s, Line: line, PC: uint64(pc)}, true
}

// A Cause is one error that a panic value wraps.
type Cause struct {
	Depth   int64 // 1 for what the value itself wraps
	Type    string
	Message string
}

func (c Cause) pack() string {
	b := append(appendInt(nil, c.Depth), '\t')
	return string(append(append(append(b, c.Type...), '\t'), c.Message...))
}

// ParseCause reads an element of Message.Causes.
func ParseCause(s string) (Cause, bool) {
	at := indexByte(s, '\t')
	if at < 0 {
		return Cause{}, false
	}
	depth, ok := parseInt(s[:at])
	s = s[at+1:]
	if at = indexByte(s, '\t'); !ok || at < 0 {
		return Cause{}, false
	}
	return Cause{Depth: depth, Type: s[:at], Message: s[at+1:]}, true
}

func indexByte(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return -1
}

func parseInt(s string) (int64, bool) {
	p := parser{rest: []byte(s)}
	n := p.int()
	return n, !p.failed && len(p.rest) == 0
}

func (m *Message) appendJSON(b []byte) []byte {
	b = append(b, `{"v":`...)
	b = appendInt(b, Version)
	b = appendStringField(b, "type", m.Type)
	b = appendIntField(b, "id", m.ID)
	b = appendIntField(b, "pid", m.PID)
	b = appendStringField(b, "network", m.Network)
	b = appendStringField(b, "address", m.Address)
	b = appendStringField(b, "verdict", string(m.Verdict))
	b = appendStringField(b, "private", m.Private)
	b = appendStringField(b, "public", m.Public)
	b = appendIntField(b, "errno", m.Errno)
	b = appendStringField(b, "text", m.Text)
	b = appendStringField(b, "exchange", m.Exchange)
	b = appendIntField(b, "goroutine", m.Goroutine)
	b = appendIntField(b, "time", m.Time)
	b = appendIntField(b, "duration", m.Duration)
	b = appendStringField(b, "stream", m.Stream)
	b = appendStringField(b, "level", m.Level)
	b = appendListField(b, "attrs", m.Attrs)
	b = m.appendSpan(b)
	b = m.appendPanic(b)
	b = appendIntField(b, "count", m.Count)
	b = appendIntField(b, "logs", m.Logs)
	b = appendIntField(b, "sql", m.SQL)
	b = appendIntField(b, "sqltime", m.SQLTime)
	b = appendIntField(b, "calls", m.Calls)
	b = appendIntField(b, "calltime", m.CallTime)
	b = appendIntField(b, "panic", m.Panic)
	return append(b, '}')
}

func (m *Message) appendSpan(b []byte) []byte {
	b = appendStringField(b, "kind", m.Kind)
	b = appendStringField(b, "op", m.Op)
	b = appendIntField(b, "seq", m.Seq)
	b = appendListField(b, "args", m.Args)
	b = appendIntField(b, "rows", m.Rows)
	b = appendIntField(b, "tx", m.Tx)
	b = appendStringField(b, "error", m.Error)
	b = appendStringField(b, "method", m.Method)
	b = appendIntField(b, "status", m.Status)
	return appendListField(b, "frames", m.Frames)
}

func (m *Message) appendPanic(b []byte) []byte {
	b = appendStringField(b, "created", m.Created)
	b = appendIntField(b, "thread", m.Thread)
	b = appendStringField(b, "valuetype", m.ValueType)
	b = appendListField(b, "causes", m.Causes)
	return appendIntField(b, "wait", m.Wait)
}

// Parse reads the body of a frame. It is false for anything that AppendFrame of
// this version does not write, save unknown fields, which are skipped.
func Parse(body []byte) (Message, bool) {
	var m Message
	version := int64(0)
	p := parser{rest: body}
	p.expect('{')
	for more := !p.skip('}'); more && !p.failed; more = p.next() {
		key := p.string()
		p.expect(':')
		if key == "v" {
			version = p.int()
		} else if s := m.text(key); s != nil {
			*s = p.string()
		} else if n := m.number(key); n != nil {
			*n = p.int()
		} else if l := m.list(key); l != nil {
			*l = p.list()
		} else {
			p.value()
		}
	}
	p.space()
	if p.failed || len(p.rest) > 0 || version != Version || m.Type == "" {
		return Message{}, false
	}
	return m, true
}

func (m *Message) text(key string) *string {
	switch key {
	case "type":
		return &m.Type
	case "network":
		return &m.Network
	case "address":
		return &m.Address
	case "verdict":
		return (*string)(&m.Verdict)
	case "private":
		return &m.Private
	case "public":
		return &m.Public
	case "text":
		return &m.Text
	case "exchange":
		return &m.Exchange
	case "stream":
		return &m.Stream
	case "level":
		return &m.Level
	case "kind":
		return &m.Kind
	case "op":
		return &m.Op
	case "error":
		return &m.Error
	case "method":
		return &m.Method
	case "created":
		return &m.Created
	case "valuetype":
		return &m.ValueType
	}
	return nil
}

func (m *Message) number(key string) *int64 {
	switch key {
	case "id":
		return &m.ID
	case "pid":
		return &m.PID
	case "errno":
		return &m.Errno
	case "goroutine":
		return &m.Goroutine
	case "time":
		return &m.Time
	case "duration":
		return &m.Duration
	case "seq":
		return &m.Seq
	case "rows":
		return &m.Rows
	case "tx":
		return &m.Tx
	case "status":
		return &m.Status
	case "thread":
		return &m.Thread
	case "wait":
		return &m.Wait
	case "count":
		return &m.Count
	case "logs":
		return &m.Logs
	case "sql":
		return &m.SQL
	case "sqltime":
		return &m.SQLTime
	case "calls":
		return &m.Calls
	case "calltime":
		return &m.CallTime
	case "panic":
		return &m.Panic
	}
	return nil
}

func (m *Message) list(key string) *[]string {
	switch key {
	case "attrs":
		return &m.Attrs
	case "args":
		return &m.Args
	case "frames":
		return &m.Frames
	case "causes":
		return &m.Causes
	}
	return nil
}
