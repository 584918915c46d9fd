package agent

import "unsafe"

const (
	// EnvToken holds the token that tells a request of pastedev's own from those that
	// it passes on. Without it there are none.
	EnvToken = EnvPrefix + "TOKEN"
	// HeaderCommand carries the token in a request that the hook in net/http answers in
	// place of the program, and marks the response to it.
	HeaderCommand = "Pastedev-Command"
	// CommandPath is what the path of such a request begins with: should it ever reach a
	// program, it is one that the program does not have.
	CommandPath = "/_pastedev/command"
	// stackDepth bounds the calls of a Stack, innermost first: deeper ones are cut.
	stackDepth = 128
)

// command is what the hooks of package agent, runtime and net/http share for the
// requests of pastedev's own. The hook fills the functions in before the program has a
// second goroutine.
var command = struct {
	token string // written by Start
	// sample fills in the stacks of the goroutines that have an exchange, and returns
	// how many, and how many more there are.
	sample func([]Stack) (n, more int)
	// dump writes the stacks of the goroutines whose exchange is one of these.
	dump func([]byte, func(unsafe.Pointer) bool) int
}{
	sample: func([]Stack) (n, more int) { return 0, 0 },
	dump:   func([]byte, func(unsafe.Pointer) bool) int { return 0 },
}

// Token returns the token of pastedev's own requests; empty: there are none.
func Token() string {
	if !Active() {
		return ""
	}
	return command.token
}

// ExchangeID returns what a request's HeaderExchange says, empty when that is no id.
func ExchangeID(values []string) string {
	if len(values) != 1 || !validID(values[0]) {
		return ""
	}
	return values[0]
}

// A Stack is what one goroutine of an exchange was doing. Package runtime has the same
// type; the two must stay alike.
type Stack struct {
	exchange unsafe.Pointer
	// State is "running", also of a goroutine that is ready to, "syscall", or what it
	// waits for, in the runtime's words.
	State string
	depth int
	pcs   [stackDepth]uintptr
}

// Sample fills in what the goroutines of exchanges are doing, at one moment in which
// the world stands still. It returns how many stacks it has filled in and how many
// goroutines it had no place for.
func Sample(into []Stack) (n, more int) { return command.sample(into) }

// Calls are the return addresses of the stack, innermost first.
func (s *Stack) Calls() []uintptr { return s.pcs[:s.depth] }

// Exchange returns the id of the exchange; empty when its handler has ended.
func (s *Stack) Exchange() string {
	x := (*Exchange)(s.exchange)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done {
		return ""
	}
	return x.id
}

// Dump writes the stacks of the goroutines of the exchange of that id, as
// runtime.Stack does, those included that outlived its handler. It returns how much it
// wrote.
func Dump(buf []byte, id string) int {
	return command.dump(buf, func(p unsafe.Pointer) bool { return (*Exchange)(p).id == id })
}

// Detach makes this goroutine nobody's.
func Detach() { host.setExchange(nil) }
