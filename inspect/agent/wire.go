package agent

// The wire between the agent and pastedev: a stream socket that the target
// inherits, and on it frames in both directions. A frame is a big-endian uint32,
// the number of bytes that follow, at most MaxFrame, and so many bytes of JSON:
// one flat object of strings, integers and lists of strings. Absent fields are
// zero, and zero fields absent. The fields are those of Message, in lower case.
//
//	target → pastedev
//	  {"v":1,"type":"hello","pid":123}                        once, first
//	  {"v":1,"type":"listen","id":1,"network":"tcp","address":":8080"}
//	  {"v":1,"type":"listening","id":1,"address":"127.0.0.1:40123"}
//	  {"v":1,"type":"closed","id":1}                          also: the listen failed or was given up
//	  output   something was written or logged: exchange goroutine time stream text level attrs.
//	           Text is what one write wrote, line ends and all; a long one comes in several. It is
//	           the message where stream is "log"
//	  span     exchange goroutine seq kind time duration error frames, and for "sql": op text args
//	           rows tx; for "call": method text (the URL) status
//	  rows     the rows of the query of that exchange and seq were closed: rows
//	  panic    id exchange goroutine thread time valuetype text causes frames created wait count. When
//	           the same stack has panicked often, frames and causes are left out
//	  traceable  id: the process that "trace" named may attach now
//	  fatal    id goroutine: nobody recovers that panic; the process ends
//	  done     the handler has returned or panicked: exchange time duration status logs sql sqltime
//	           calls calltime count panic. Count is what was only counted. No done comes for an
//	           exchange in which nothing happened
//	  dropped  count: frames lost for good since the last such message; nobody read the socket
//	pastedev → target
//	  {"v":1,"type":"trace","id":7,"pid":99}                  only when panic said wait: allow process 99 to attach
//	  {"v":1,"type":"go","id":7}                              let the panicking goroutine go on
//	  {"v":1,"type":"answer","id":1,"verdict":"private","private":"127.0.0.1:0","public":"[::]:8080"}
//	  {"v":1,"type":"answer","id":1,"verdict":"asked"}
//	  {"v":1,"type":"answer","id":1,"verdict":"fail","errno":98,"text":"address already in use"}
//
// Both ends come from one build of pastedev. The version is there for the process
// that outlives it.
const (
	Version    = 1
	HeaderSize = 4
	// MaxFrame bounds what either end allocates for a frame; texts are
	// cut so that even a panic with its stack fits.
	MaxFrame = 64 << 10

	// EnvPrefix begins the names of all variables that are meant for the agent
	// alone. It takes them out of the environment.
	EnvPrefix = "PASTEDEV_AGENT_"
	// EnvFD holds the number of the inherited socket, in decimal.
	EnvFD = EnvPrefix + "FD"
	// EnvSnapshots makes a panicking goroutine wait for "go" when it is "1".
	EnvSnapshots = EnvPrefix + "SNAPSHOTS"
	// EnvAll gives every request an exchange, header or not, when it is "1".
	EnvAll = EnvPrefix + "ALL"

	// HeaderExchange carries the id of the exchange in a request from pastedev's
	// proxy, 32 lower-case hex digits. The program does not see it.
	HeaderExchange = "Pastedev-Exchange"
	// HeaderSums carries what had happened when the response's head was written, as
	// "logs=2;sql=1;sqlus=153;calls=0;callus=0", and is for the proxy alone.
	HeaderSums = "Pastedev-Sums"
)

// The types of messages.
const (
	TypeHello     = "hello"
	TypeListen    = "listen"
	TypeAnswer    = "answer"
	TypeListening = "listening"
	TypeClosed    = "closed"
	TypeOutput    = "output"
	TypeSpan      = "span"
	TypeRows      = "rows"
	TypePanic     = "panic"
	TypeTrace     = "trace"
	TypeTraceable = "traceable"
	TypeGo        = "go"
	TypeFatal     = "fatal"
	TypeDone      = "done"
	TypeDropped   = "dropped"
)

// Verdict is what pastedev wants done with a listen.
type Verdict string

// The verdicts. One that the agent does not know means VerdictAsked.
const (
	VerdictPrivate Verdict = "private" // listen at Private, report Public
	VerdictAsked   Verdict = "asked"   // listen as asked
	VerdictFail    Verdict = "fail"    // do not listen: return the error
)

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
