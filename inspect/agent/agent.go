// Package agent is the part of pastedev that runs inside the target. It reports over
// an inherited socket the addresses the program listens at, and what happens inside
// of the requests that pastedev sends it: prints, log records, SQL, outgoing calls,
// panics, and the tree of what they call. It brings back what pastedev wants done with a
// listen and when a panicking goroutine may go on.
//
// Its files, as [Source] returns them, are joined to the standard library of an
// instrumented build, below every package that has a hook but runtime. There [Start]
// runs before package os is ready, hence before anything of the program can look at
// its environment. The hooks ask [Active] or [Current], which costs one atomic load
// when pastedev does not listen. The handler's hook calls [Begin]; the others find
// the [Exchange] on their goroutine. pastedev reads the frames with [Parse].
//
// The agent never prints, never imports what needs package os, and never makes the
// program wait except in Listen, for at most [ListenWait], and in a panic that
// pastedev takes a snapshot of, for at most three seconds. What the socket does not
// take is kept within bounds and then dropped and counted. It has no goroutine: now
// and then a timer starts one that sends what waits and ends, and one lives while the
// socket is full. Without [EnvFD] in the environment it does nothing.
//
// It has no ancestor in Paste, whose filters lived in the process they watched.
package agent

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ListenWait is how long Listen waits for pastedev before it lets the program
// listen as it asked: far above what binding a port takes, and below the patience
// of those who look at a program that does not start.
const ListenWait = 10 * time.Second

// link is the socket to pastedev. There is one environment per process and it is
// read before the first goroutine, so this is a variable of the package.
var link struct {
	socket atomic.Int64 // the descriptor + 1; 0 when the agent is inert

	asking sync.Mutex // held from a question to its answer
	lastID int64      // guarded by asking

	snapshots bool // EnvSnapshots; written by Start
}

// An Answer is what pastedev wants done with one listen.
type Answer struct {
	ID      int64   // names the listen in Listening and Closed; 0 when nobody was asked
	Verdict Verdict // what to do
	Private string  // for VerdictPrivate: the address to listen at, "127.0.0.1:0"
	Public  string  // for VerdictPrivate: the address the listener shall report as its own
	Errno   int     // for VerdictFail: the system's error number, 0 if there is none
	Text    string  // for VerdictFail: the error in words
}

// Start takes every variable of the agent out of the environment and, when they
// name a socket of pastedev, says hello on it. It is called once, before the
// program has a second goroutine.
func Start() {
	snapshots, _ := syscall.Getenv(EnvSnapshots)
	token, _ := syscall.Getenv(EnvToken)
	calls, _ := syscall.Getenv(EnvCalls)
	fd, ok := takeEnvironment()
	if !ok || !adopt(fd) {
		return
	}
	command.token = token
	link.snapshots = snapshots == "1"
	link.socket.Store(int64(fd) + 1)
	for _, f := range host.started {
		f()
	}
	SetCalls(calls == "1")
	send(&Message{Type: TypeHello, PID: int64(syscall.Getpid())})
}

// Active reports whether pastedev listens to this process.
func Active() bool { return link.socket.Load() != 0 }

// Listen asks what to do about a TCP listen at an address that is resolved
// already. It blocks until the answer is here, at most ListenWait; when none comes
// the Answer is to listen as asked. It is safe for concurrent use.
func Listen(network, address string) Answer {
	link.asking.Lock()
	defer link.asking.Unlock()
	link.lastID++
	id := link.lastID
	deadline := time.Now().Add(ListenWait)
	if !send(&Message{Type: TypeListen, ID: id, Network: network, Address: address}) {
		return Answer{Verdict: VerdictAsked}
	}
	for {
		m, ok := receive(deadline)
		if !ok {
			Closed(id) // an answer under way is void
			return Answer{Verdict: VerdictAsked}
		}
		if m.Type != TypeAnswer || m.ID != id {
			continue // the late answer to an earlier question
		}
		return Answer{
			ID: id, Verdict: m.Verdict, Private: m.Private, Public: m.Public,
			Errno: int(m.Errno), Text: m.Text,
		}
	}
}

// Listening reports that the listen of that id succeeded, and where.
func Listening(id int64, address string) {
	send(&Message{Type: TypeListening, ID: id, Address: address})
}

// Closed reports that the listener of that id is gone, or never came to be.
func Closed(id int64) { send(&Message{Type: TypeClosed, ID: id}) }

// takeEnvironment removes the agent's variables and returns the descriptor they
// name.
func takeEnvironment() (fd int, ok bool) {
	value, _ := syscall.Getenv(EnvFD)
	for _, entry := range syscall.Environ() {
		name := entry
		for i := range len(entry) {
			if entry[i] == '=' && i > 0 {
				name = entry[:i]
				break
			}
		}
		if len(name) >= len(EnvPrefix) && name[:len(EnvPrefix)] == EnvPrefix {
			syscall.Unsetenv(name)
		}
	}
	return parseFD(value)
}

// parseFD reads a descriptor above standard error.
func parseFD(s string) (fd int, ok bool) {
	const maxDigits = 9 // fits an int everywhere
	if s == "" || len(s) > maxDigits {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		fd = fd*10 + int(s[i]-'0')
	}
	return fd, fd > 2
}

// receive reads one frame. False means that none came until the deadline; what is
// broken or not ours ends the conversation.
func receive(deadline time.Time) (m Message, ok bool) {
	fd := int(link.socket.Load()) - 1
	if fd < 0 {
		return m, false
	}
	var header [HeaderSize]byte
	n, ok := readFull(fd, header[:], deadline)
	if !ok {
		if n != timedOut {
			hangUp(fd)
		}
		return m, false
	}
	size, ok := FrameSize(header)
	if ok {
		body := make([]byte, size)
		if _, ok = readFull(fd, body, deadline); ok {
			m, ok = Parse(body)
		}
	}
	if !ok {
		hangUp(fd)
	}
	return m, ok
}

// hangUp makes the agent inert. The descriptor stays taken, so that no other file
// can come by its number while a call is still under way.
func hangUp(fd int) {
	if link.socket.CompareAndSwap(int64(fd)+1, 0) {
		shutdown(fd)
	}
}
