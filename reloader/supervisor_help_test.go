package reloader

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// helperVariable makes the test binary play the target.
const helperVariable = "RELOADER_TEST_TARGET"

func TestMain(m *testing.M) {
	if role := os.Getenv(helperVariable); role != "" {
		os.Exit(playTarget(role))
	}
	os.Exit(m.Run())
}

// awaitLimit is how long a test waits for what must come. It is never reached when all
// is well.
const awaitLimit = 2 * time.Minute

// playTarget is the program under supervision. Its roles are lists "a b=c".
func playTarget(role string) int {
	name, arg, _ := strings.Cut(role, "=")
	switch name {
	case "exit":
		code, _ := strconv.Atoi(arg)
		fmt.Fprintln(os.Stderr, "last words")
		return code
	case "serve", "serve-then-crash":
		l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 9
		}
		defer l.Close()
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		fmt.Println("serving", os.Getpid())
		if name == "serve-then-crash" {
			conn, err := l.Accept() // the supervisor's own look, or the test's
			for err == nil {
				if line, _ := bufio.NewReader(conn).ReadString('\n'); line == "crash\n" {
					fmt.Fprintln(os.Stderr, "panic: told to")
					return 2
				}
				conn, err = l.Accept()
			}
		}
		<-stop
		fmt.Println("drained")
		return 0
	case "wander":
		return playWanderer()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready", os.Getpid())
		select {}
	case "sleep":
		fmt.Println("ready", os.Getpid())
		select {}
	case "flood":
		w := bufio.NewWriterSize(os.Stdout, 1<<16)
		line := strings.Repeat("x", 99) + "\n"
		for range 100_000 { // 10 MB
			io.WriteString(w, line)
		}
		w.Flush()
		return 0
	case "echo", "echo-then-leave-stubborn":
		sc := bufio.NewScanner(os.Stdin)
		for sc.Scan() {
			fmt.Println("echo:", sc.Text())
		}
		if name == "echo-then-leave-stubborn" {
			return leaveStubborn()
		}
		return 0
	case "tty":
		for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
			fmt.Println(f.Name(), isTerminal(f))
		}
		fmt.Fprintln(os.Stderr, "to stderr")
		return 0
	case "daemon": // leaves a grandchild in a session of its own, without a parent
		middle := exec.Command(os.Args[0])
		middle.Env = append(os.Environ(), helperVariable+"=daemon-middle")
		middle.Stdout = os.Stdout // keeps the pipe open
		if err := middle.Run(); err != nil {
			fmt.Println(err)
		}
		return playTarget("serve")
	case "daemon-middle":
		return playDaemonMiddle()
	}
	fmt.Println("unknown role", role)
	return 99
}

// leaveStubborn leaves a process of the group behind that does not care for SIGTERM.
func leaveStubborn() int {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), helperVariable+"=stubborn")
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n') // it ignores the signal from now on
	}
	if err != nil {
		fmt.Println("leave a process:", err)
		return 1
	}
	fmt.Println("left stubborn")
	return 0
}

// newTestSupervisor runs a supervisor until the test ends.
type testSupervisor struct {
	*Supervisor
	t      *testing.T
	states chan StateChange
	events chan inspect.Event
	cancel context.CancelFunc
	done   chan error
	stop   sync.Once
}

func superviseRole(t *testing.T, role string, edit func(*Options)) *testSupervisor {
	t.Helper()
	o := Options{
		Target: Target{Kind: TargetCommand, Args: []string{os.Args[0]}},
		Env:    append(os.Environ(), helperVariable+"="+role),
	}
	if edit != nil {
		edit(&o)
	}
	return supervise(t, o)
}

func supervise(t *testing.T, o Options) *testSupervisor {
	t.Helper()
	if o.StateDir == "" {
		o.StateDir = filepath.Join(t.TempDir(), "state")
	}
	o.NoDebug = o.OnDebug == nil // a test that wants it listens
	ts := &testSupervisor{t: t, states: make(chan StateChange, 4096), events: make(chan inspect.Event, 4096), done: make(chan error, 1)}
	onState := o.OnState
	o.OnState = func(c StateChange) {
		if onState != nil {
			onState(c)
		}
		ts.states <- c
	}
	notify := o.Notify
	o.Notify = func(ev inspect.Event) {
		if notify != nil {
			notify(ev)
			return
		}
		select {
		case ts.events <- ev:
		default:
		}
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ts.Supervisor = s
	ctx, cancel := context.WithCancel(context.Background())
	ts.cancel = cancel
	go func() { ts.done <- s.Run(ctx) }()
	t.Cleanup(ts.end)
	return ts
}

// end ends the supervisor and waits for Run.
func (ts *testSupervisor) end() {
	ts.stop.Do(func() {
		ts.cancel()
		select {
		case err := <-ts.done:
			if err != nil {
				ts.t.Errorf("Run: %v", err)
			}
		case <-time.After(awaitLimit):
			ts.t.Error("Run does not end")
		}
	})
}

// await returns the next change of state that ok accepts.
func (ts *testSupervisor) await(what string, ok func(StateChange) bool) StateChange {
	ts.t.Helper()
	limit := time.After(awaitLimit)
	var seen []string
	for {
		select {
		case c := <-ts.states:
			seen = append(seen, fmt.Sprintf("%s(%s)", c.State, c.Detail))
			if ok(c) {
				return c
			}
		case <-limit:
			ts.t.Fatalf("no %s; saw %s; output %v", what, strings.Join(seen, " "), ts.LastOutput(20))
		}
	}
}

func (ts *testSupervisor) awaitState(want inspect.State) StateChange {
	ts.t.Helper()
	return ts.await(string(want), func(c StateChange) bool { return c.State == want })
}

// awaitLine returns the next output line that holds text.
func (ts *testSupervisor) awaitLine(text string) inspect.Output {
	ts.t.Helper()
	limit := time.After(awaitLimit)
	for {
		select {
		case ev := <-ts.events:
			if line, ok := ev.(inspect.OutputWritten); ok && strings.Contains(line.Output.Text, text) {
				return line.Output
			}
		case <-limit:
			ts.t.Fatalf("no line with %q; output %v", text, ts.LastOutput(20))
		}
	}
}

// pollUntil is for what the system gives no event for.
func pollUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.Now().Add(awaitLimit)
	for !ok() {
		if time.Now().After(limit) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// playWanderer listens at ports of its own choice: until somebody has called at one, and
// then at the next.
func playWanderer() int {
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 9
		}
		l.Accept()
		l.Close()
	}
}
