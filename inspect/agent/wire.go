package agent

// The wire between the agent and pastedev: a stream socket that the target
// inherits, and on it frames in both directions. A frame is a big-endian uint32,
// the number of bytes that follow, at most MaxFrame, and so many bytes: one that is
// Version, and then the fields of a Message that are not zero, each once. A field is
// a tag, whose upper two bits are the kind and whose lower six the place of the
// field among those of its kind, as the lists in fields.go say, and its value:
//
//	0 number  a varint, least significant seven bits first, of the integer in zigzag
//	1 text    a varint, the number of bytes, and the bytes
//	2 list    a varint, the number of texts, and the texts, each as above
//	3 data    a varint, the number of bytes, and the bytes, which are no text
//
// What is sent, with the fields that count:
//
//	target → pastedev
//	  hello      pid; once, first
//	  listen     id network address
//	  listening  id address: connections are accepted there
//	  closed     id; also: the listen failed or was given up
//	  output     something was written or logged: exchange goroutine time stream text level attrs.
//	             Text is what one write wrote, line ends and all; a long one comes in several. It is
//	             the message where stream is "log"
//	  span       exchange goroutine seq kind time duration error frames, and for "sql": op text args
//	             rows tx; for "call": method text (the URL) status
//	  rows       the rows of the query of that exchange and seq were closed: rows
//	  panic      id exchange goroutine thread time valuetype text causes frames created wait count. When
//	             the same stack has panicked often, frames and causes are left out
//	  traceable  id: the process that "trace" named may attach now
//	  fatal      id goroutine: nobody recovers that panic; the process ends
//	  calls      exchange seq count data: piece seq, from 0 on, of count of the exchange's call
//	             tree, see ParseCalls. It comes before done, and again when goroutines went on after it
//	  done       the handler has returned or panicked: exchange time duration status logs sql sqltime
//	             calls calltime count panic. Count is what was only counted. No done comes for an
//	             exchange in which nothing happened and
//	             that has no call tree
//	  dropped    count: frames lost for good since the last such message; nobody read the socket
//	pastedev → target
//	  trace      id pid: only when panic said wait: allow that process to attach
//	  go         id: let the panicking goroutine go on
//	  answer     id verdict, and for "private": private public; for "fail": errno text
//
// Both ends come from one build of pastedev. The version is there for the process
// that outlives it.
const (
	Version    = 3
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
	// EnvCalls switches the call tree on from the start when it is "1".
	EnvCalls = EnvPrefix + "CALLS"

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
	TypeCalls     = "calls"
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
	out = m.appendBody(out)
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
