// The probe does with listeners what its first argument says, prints what it
// sees, and ends with its input. Its names are no obstacle to the agent.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"example.com/probe/early"
	"example.com/probe/earlynet"
)

type agent struct{}

func len(agent) {}
func init()     { len(agent{}) }

func main() {
	os.Stdin.Stat()
	verb := os.Args[1]
	network, address := "", ""
	for i, a := range os.Args {
		switch i {
		case 2:
			network = a
		case 3:
			address = a
		}
	}
	switch verb {
	case "http", "listentcp", "control", "nomptcp", "tls":
		serve(verb, network, address)
	case "error":
		_, err := net.Listen(network, address)
		var op *net.OpError
		fmt.Println(err, "EADDRINUSE="+fmt.Sprint(errors.Is(err, syscall.EADDRINUSE)))
		if errors.As(err, &op) {
			fmt.Printf("%s %s %v %T %v\n", op.Op, op.Net, op.Addr, op.Err, op.Source)
		}
	case "unix":
		ln, err := net.Listen(network, address)
		check(err)
		fmt.Println(ln.Addr())
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		check(err)
		fmt.Println(pc.LocalAddr().(*net.UDPAddr).IP)
	case "close":
		closeAll(network, address)
	case "environment":
		environment()
	case "child":
		fmt.Printf("child: %s\n", strings.Join([]string{count(os.Environ()), sockets()}, ", "))
	case "descriptor":
		_, err := os.NewFile(3, "three").Stat()
		check(err)
		out, err := exec.Command("ls", "-l", "/proc/self/fd").CombinedOutput()
		check(err)
		if strings.Contains(string(out), " 3 -> /dev/null") {
			fmt.Println("3 is inherited")
		}
		return
	}
	io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func serve(verb, network, address string) {
	var ln net.Listener
	var err error
	control := ""
	var lc net.ListenConfig
	switch verb {
	case "listentcp":
		var a *net.TCPAddr
		a, err = net.ResolveTCPAddr(network, address)
		check(err)
		ln, err = net.ListenTCP(network, a)
	case "control":
		lc.Control = func(network, address string, c syscall.RawConn) error {
			control = " " + network + " " + address
			return nil
		}
		lc.SetMultipathTCP(false)
		ln, err = lc.Listen(context.Background(), network, address)
	case "nomptcp":
		lc.SetMultipathTCP(false)
		ln, err = lc.Listen(context.Background(), network, address)
	case "tls":
		var cert tls.Certificate
		cert, err = tls.LoadX509KeyPair(os.Args[4], os.Args[5])
		check(err)
		ln, err = tls.Listen(network, address, &tls.Config{Certificates: []tls.Certificate{cert}})
	default:
		ln, err = net.Listen(network, address)
	}
	check(err)
	fmt.Println(ln.Addr().String() + control)
	go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
}

func closeAll(network, address string) {
	first, err := net.Listen(network, address)
	check(err)
	second, err := net.Listen(network, address)
	check(err)
	fmt.Println(first.Addr())
	fmt.Println(second.Addr())
	io.Copy(io.Discard, os.Stdin)
	check(first.Close())
	if first.Close() != nil {
		fmt.Println("closed")
	}
	again, err := net.Listen(network, first.Addr().String())
	check(err)
	if again.Addr().String() == first.Addr().String() {
		fmt.Println("listening again at the same address")
	}
	again.Close()
}

func environment() {
	fmt.Println("early:", count(early.Seen))
	fmt.Println("early listens:", earlynet.Listener.Addr().(*net.TCPAddr).Port > 0)
	fmt.Println("main:", count(os.Environ()))
	out, err := exec.Command(os.Args[0], "child").Output()
	check(err)
	fmt.Print(string(out))
	fmt.Println("goroutines:", runtime.NumGoroutine())
}

func count(environ []string) string {
	ours, probe := 0, ""
	for _, e := range environ {
		if strings.HasPrefix(e, "PASTEDEV_") {
			ours++
		} else if e == "PROBE=1" {
			probe = e
		}
	}
	return fmt.Sprintf("%d variables of pastedev, %s", ours, probe)
}

// sockets counts the open files that are sockets.
func sockets() string {
	n := 0
	for fd := range 64 {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFSOCK {
			n++
		}
	}
	return fmt.Sprintf("%d sockets", n)
}
