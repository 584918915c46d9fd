// The program says what a Go program can find out about itself. What it says must not
// depend on whether its calls are timed.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

//go:embed hello.txt
var hello string

var start = func() {}

func main() {
	start()
	if len(os.Args) > 1 {
		defer fmt.Println("not with os.Exit")
		end(os.Args[1])
	}
	for _, f := range []func(){positions, names, panics, defers, order, exits, func() { loops() }, jumps, errorsAtLines, depth, allocations, generated, stacks} {
		f()
	}
	fmt.Print(hello)
}

func end(how string) {
	defer func() { fmt.Println("deferred") }()
	switch how {
	case "exit":
		os.Exit(3)
	case "panic":
		func() { defer func() { panic(fmt.Sprint("again ", recover())) }(); panic("first") }()
	case "goexit":
		runtime.Goexit()
	case "nil":
		var p *struct{ x int }
		fmt.Println(p.x)
	}
}

// here is where it is called from.
func here(skip int) string {
	_, file, line, ok := runtime.Caller(skip + 1)
	return fmt.Sprint(file[strings.LastIndexByte(file, '/')+1:], ":", line, " ", ok)
}

func positions() {
	fmt.Println("positions", here(0), here(1))
	one := func() string { return here(0) }
	two := func() string { x := here(0); return x + " " + here(1) }; three := func() string { fmt.Print(); return here(0) }
	fmt.Println(one(), two(), three(), method{}.where(), generic[int](1), generic("x"))
	func() {
		fmt.Println(here(0), here(1))
		func() { fmt.Println(here(0), here(1), here(2)) }()
	}()
}

type method struct{ x int }

func (method) where() string { return here(0) + " " + here(1) }

func (m *method) pointer() { fmt.Println(here(0), here(1)) }

func generic[T any](x T) string { return fmt.Sprintf("%T %s", x, here(0)) }

var literal = func() string { return name(1) }

// name is what the function is called that calls it.
func name(skip int) string {
	pc, _, _, _ := runtime.Caller(skip)
	return runtime.FuncForPC(pc).Name()
}

func names() {
	first := func() string { return name(1) }
	second := func() string {
		defer fmt.Print() // inlined, it would give the literal in it another name
		inner := func() string { return name(1) }
		return name(1) + " " + inner()
	}
	fmt.Println("names", name(1), first(), second(), literal())
	for _, f := range []any{first, second, literal, method.where, (*method).pointer, generic[int], method{}.where} {
		fmt.Println(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name())
	}
	defer func() { fmt.Println(name(1)) }()
	(&method{}).pointer()
	done := make(chan bool)
	go func() { fmt.Println(name(1)); close(done) }()
	<-done
	for x := range sequence(1) {
		fmt.Println(x, name(1))
	}
}

func panics() {
	try := func(what string, f func()) {
		defer func() { fmt.Println("recovered", what, recover(), recover()) }()
		f()
		fmt.Println("no panic", what)
	}
	try("plain", func() { panic("x") })
	try("nil", func() { panic(nil) })
	try("error", func() { panic(errors.New("e")) })
	try("helper", func() { defer catch(); panic("helped") })
	try("too deep", func() { defer func() { catch() }(); panic("not helped") })
	try("again", func() { defer func() { panic("second") }(); panic("first") })
	try("swallowed", func() { defer func() { recover() }(); panic("swallowed") })
	try("repeated", func() {
		defer func() {
			e := recover()
			defer func() { fmt.Println("inner", recover()); panic(e) }()
			panic("between")
		}()
		panic("outer")
	})
	try("method", func() { defer method{1}.catch(); panic("by a method") })
	try("generic", func() { defer genericCatch[string](); panic("by a generic") })
	fmt.Println(named(1))
	fmt.Println(named(0))
}

func catch() { fmt.Println("caught", recover()) }

func (m method) catch() { fmt.Println(m.x, "caught", recover()) }

func genericCatch[T any]() { x, ok := recover().(T); fmt.Println("caught", x, ok) }

func named(n int) (result string, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("of %v", e)
		}
		result += "!"
	}()
	return fmt.Sprint(1 / n), nil
}

func defers() {
	for i := range 3 {
		defer func(n int) { fmt.Println("defer", n, i) }(i * 10)
	}
	defer fmt.Println("defers", many())
}

func many() (s string) {
	add := func(x string) { s += x }
	defer add("1")
	defer add("2")
	defer add("3")
	defer add("4")
	defer add("5")
	defer add("6")
	defer add("7")
	defer add("8")
	defer add("9")
	return "0"
}

func order() {
	a := func(x int) int { fmt.Print("a", x, " "); return x }
	b := func(x, y int) (int, int) { defer fmt.Print("b ", x, y, " "); return y, x }
	fmt.Println(b(a(1), a(2)))
}

func exits() {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { fmt.Println("exits", recover()) }()
		func() { defer fmt.Println("going"); runtime.Goexit() }()
	}()
	<-done
	next, stop := iter.Pull(sequence(3))
	fmt.Println(next())
	fmt.Println(next())
	stop()
}

func sequence(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Println("sequence ends")
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func loops() (n int) {
	defer func() { fmt.Println("loops", n) }()
outer:
	for i := range sequence(5) {
		for j := range sequence(5) {
			defer fmt.Println("of the loop", i, j)
			if j == 1 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			n += i
		}
	}
	for i := range sequence(9) {
		if i == 4 {
			return i
		}
	}
	return -1
}

func jumps() {
	n := 0
again:
	n++
	if n < 3 {
		goto again
	}
	fmt.Println("jumps", n, back(3))
}

func back(n int) (s string) { L: if n > 0 { n--; s += fmt.Sprint(n); goto L }; return s }

func errorsAtLines() {
	for _, f := range []func(){
		func() { var p *method; fmt.Println(p.x) },
		func() { var s []int; i := 3; fmt.Println(s[i]) },
		func() { var m map[string]int; m["x"] = len(here(0)) },
		func() {
			var x any = 1
			fmt.Println(x.(string))
		},
	} {
		func() {
			defer func() {
				e := recover()
				for _, line := range trace() {
					if strings.Contains(line, "main.go") {
						fmt.Println(e, line)
					}
				}
			}()
			f()
		}()
	}
}

var numbers = regexp.MustCompile(` \+0x[0-9a-f]+|0x[0-9a-f]+\??|\{\.\.\.\}|\.\.\.|goroutine \d+|, `)

// trace is this goroutine's stack without what differs from build to build. What
// calls are timed with hides itself, as all of package runtime does.
func trace() []string {
	text := numbers.ReplaceAllString(string(debug.Stack()), "")
	return strings.Split(text, "\n")
}

func depth() {
	pcs := make([]uintptr, 100)
	direct := runtime.Callers(0, pcs)
	func() { defer func() { fmt.Println("depth", direct, runtime.Callers(0, pcs)) }(); fmt.Print() }()
	fmt.Println(deep(300_000))
}

func deep(n int) int {
	if n == 0 {
		pcs := make([]uintptr, 5)
		runtime.Callers(0, pcs)
		return 0
	}
	return deep(n-1) + 1
}

type small struct{ x, y int }

func newSmall(x int) *small    { return &small{x: x} }
func (s *small) sum() int      { return s.x + s.y }
func (s small) plus(n int) int { return s.sum() + n }

var sink int

func allocations() {
	fmt.Println("allocations",
		testing.AllocsPerRun(100, func() { sink += newSmall(1).plus(2) }),
		testing.AllocsPerRun(100, func() { busy(&small{1, 2}) }),
		testing.AllocsPerRun(100, func() { defer busy(&small{1, 2}) }))
}

func busy(s *small) {
	for range s.sum() {
		sink++
	}
	nothing()
}

//go:noinline
func nothing() {}

func stacks() {
	func() { fmt.Println(strings.Join(trace(), "\n")) }()
	fmt.Println(generatedTrace())
}
