// Command shop panics in many ways. While it panics it says so on stdout, with the
// number of the goroutine, and waits for a line on stdin; then it recovers, says
// "done" and exits with status 7.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

var stdin = bufio.NewReader(os.Stdin)

func main() {
	// Where Yama restricts ptrace, a process names who may trace it: prctl(2).
	const prSetPtracer, any = 0x59616d61, ^uintptr(0)
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetPtracer, any, 0)
	done := make(chan bool)
	go func() {
		defer close(done)
		run(os.Args[1])
	}()
	<-done
	fmt.Println("done")
	os.Exit(7)
}

func run(name string) {
	defer func() { recover() }()
	defer pause()
	cases[name]()
}

// pause runs as a deferred function: the frames that panicked lie below it.
func pause() {
	var b [64]byte
	id := bytes.Fields(b[:runtime.Stack(b[:], false)])[1]
	fmt.Printf("ready %s\n", id)
	stdin.ReadString('\n')
}
