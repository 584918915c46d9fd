package agent

// The wire between the agent and pastedev: a stream socket that the target
// inherits, and on it frames in both directions. A frame is a big-endian uint32,
// the number of bytes that follow, at most MaxFrame, and so many bytes of JSON:
// one flat object of strings and integers. Absent fields are zero.
//
//	target → pastedev
//	  {"v":1,"type":"hello","pid":123}                        once, first
//	  {"v":1,"type":"listen","id":1,"network":"tcp","address":":8080"}
//	  {"v":1,"type":"listening","id":1,"address":"127.0.0.1:40123"}
//	  {"v":1,"type":"closed","id":1}                          also: the listen failed or was given up
//	pastedev → target
//	  {"v":1,"type":"answer","id":1,"verdict":"private","private":"127.0.0.1:0","public":"[::]:8080"}
//	  {"v":1,"type":"answer","id":1,"verdict":"asked"}
//	  {"v":1,"type":"answer","id":1,"verdict":"fail","errno":98,"text":"address already in use"}
//
// Both ends come from one build of pastedev. The version is there for the process
// that outlives it.
const (
	Version    = 1
	HeaderSize = 4
	// MaxFrame bounds what either end allocates for a frame; the longest that is
	// sent holds a host name and an error text.
	MaxFrame = 64 << 10

	// EnvPrefix begins the names of all variables that are meant for the agent
	// alone. It takes them out of the environment.
	EnvPrefix = "PASTEDEV_AGENT_"
	// EnvFD holds the number of the inherited socket, in decimal.
	EnvFD = EnvPrefix + "FD"
)

// The types of messages.
const (
	TypeHello     = "hello"
	TypeListen    = "listen"
	TypeAnswer    = "answer"
	TypeListening = "listening"
	TypeClosed    = "closed"
)

// Verdict is what pastedev wants done with a listen.
type Verdict string

// The verdicts. One that the agent does not know means VerdictAsked.
const (
	VerdictPrivate Verdict = "private" // listen at Private, report Public
	VerdictAsked   Verdict = "asked"   // listen as asked
	VerdictFail    Verdict = "fail"    // do not listen: return the error
)

// Message is the content of every frame. Which fields count depends on Type.
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
}

// AppendFrame appends the frame of m to b. It is false when the frame would be
// larger than MaxFrame; b then comes back as it was.
func AppendFrame(b []byte, m *Message) ([]byte, bool) {
	start := len(b)
	out := append(b, 0, 0, 0, 0)
	out = m.appendJSON(out)
	size := len(out) - start - HeaderSize
	if size > MaxFrame {
		return b, false
	}
	out[start], out[start+1] = byte(size>>24), byte(size>>16)
	out[start+2], out[start+3] = byte(size>>8), byte(size)
	return out, true
}

// FrameSize returns the size of the body that follows the header. It is false for
// a size that no frame has.
func FrameSize(h [HeaderSize]byte) (int, bool) {
	size := uint32(h[0])<<24 | uint32(h[1])<<16 | uint32(h[2])<<8 | uint32(h[3])
	if size == 0 || size > MaxFrame {
		return 0, false
	}
	return int(size), true
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
	return append(b, '}')
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
		switch key {
		case "v":
			version = p.int()
		case "type":
			m.Type = p.string()
		case "id":
			m.ID = p.int()
		case "pid":
			m.PID = p.int()
		case "network":
			m.Network = p.string()
		case "address":
			m.Address = p.string()
		case "verdict":
			m.Verdict = Verdict(p.string())
		case "private":
			m.Private = p.string()
		case "public":
			m.Public = p.string()
		case "errno":
			m.Errno = p.int()
		case "text":
			m.Text = p.string()
		default:
			p.value()
		}
	}
	p.space()
	if p.failed || len(p.rest) > 0 || version != Version || m.Type == "" {
		return Message{}, false
	}
	return m, true
}
