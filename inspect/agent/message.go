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
	CallTime  int64  // microseconds
	Panic     int64  // id of the panic that left the handler, 0 none
	Data      string // a piece of what is packed in a way of its own
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

// appendInt appends n in decimal.
func appendInt(b []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		b = append(b, '-')
		u = -u
	}
	var digits [20]byte // of the largest uint64
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + u%10)
		if u /= 10; u == 0 {
			return append(b, digits[i:]...)
		}
	}
}

// parseInt reads what appendInt writes, of at most 18 digits.
func parseInt(s string) (n int64, ok bool) {
	const maxDigits = 18 // cannot overflow an int64
	digits := s
	if s != "" && s[0] == '-' {
		digits = s[1:]
	}
	if digits == "" || len(digits) > maxDigits {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(digits[i]-'0')
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}
