package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Phases of a Go crash text.
const (
	goHead     = iota // the message and what the runtime says before the first goroutine
	goStack           // between calls
	goCall            // a function line was read, its file line must follow
	goFinished        // the last line belongs, none after it
)

// headLoose is how many lines may stand between the message and the first goroutine: a
// value of several lines, or other output in between.
const headLoose = 16

var (
	goGoroutine = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[(.*?)\](?: \{.*\})?:$`)
	goFunction  = regexp.MustCompile(`^((?:[^\s()]|\([^\s()]*\))+)\((.*)\)$`)
	goFile      = regexp.MustCompile(`^\t(.+?):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=\S+ sp=\S+ pc=\S+)?$`)
	goCreated   = regexp.MustCompile(`^created by (\S+)(?: in goroutine (\d+))?$`)
	goSignal    = regexp.MustCompile(`^\[signal (\S+): .*\baddr=(0x[0-9a-f]+)`)
	goSignalRun = regexp.MustCompile(`^SIG(ABRT|SEGV|BUS|FPE|ILL|TRAP|SYS): `)
	goElided    = regexp.MustCompile(`^\.\.\.\s?(\d+ frames elided\.\.\.|additional frames elided\.\.\.)$`)
	goRegister  = regexp.MustCompile(`^[a-z][a-z0-9]{1,6} +0x[0-9a-f]+$`)
)

var goGrammar = grammar{language: "go", opens: opensGo, joins: joinsGo, parse: parseGo}

// servingPanic follows "http" or "http2" in what net/http logs of a panic.
const servingPanic = ": panic serving "

// opensGo knows the first lines of the runtime's own dumps, of net/http's, and of a stack
// printed by runtime/debug with a message on the line before it.
func opensGo(prev []string, line string) (int, int, bool) {
	switch {
	case strings.HasPrefix(line, "panic: "), strings.HasPrefix(line, "fatal error: "),
		strings.HasPrefix(line, "runtime: goroutine stack exceeds "), strings.HasPrefix(line, "runtime: out of memory: "),
		strings.HasPrefix(line, "panic recovered: "),
		strings.Contains(line, servingPanic), strings.HasPrefix(line, "SIG") && goSignalRun.MatchString(line):
		return 0, goHead, true
	case strings.HasPrefix(line, "goroutine ") && goGoroutine.MatchString(line):
		return min(1, len(prev)), goStack, true
	}
	return 0, 0, false
}

func joinsGo(b *block, line string) bool {
	switch b.phase {
	case goHead:
		if goGoroutine.MatchString(line) || line == "runtime stack:" {
			b.phase = goStack
			return true
		}
		b.loose++
		return b.loose <= headLoose
	case goCall:
		if goFile.MatchString(line) {
			b.phase = goStack
			return true
		}
		return false
	case goFinished:
		return false
	}
	switch {
	case line == "", goGoroutine.MatchString(line), line == "runtime stack:", goElided.MatchString(line),
		goRegister.MatchString(line), strings.HasPrefix(line, "\tgoroutine running on other thread"):
		return true
	case strings.HasPrefix(line, "exit status "):
		b.phase = goFinished
		return true
	case goCreated.MatchString(line), isGoFunction(line):
		b.phase = goCall
		return true
	}
	return false
}

func isGoFunction(line string) bool {
	m := goFunction.FindStringSubmatch(line)
	return m != nil && (strings.Contains(m[1], ".") || m[1] == "panic")
}

// goDump is what is read of a crash text of Go.
type goDump struct {
	head       []string
	goroutines []goStackText
	now        *goStackText
	signal     bool
	addr       string
}

type goStackText struct {
	id      int64
	state   string
	frames  []inspect.Frame
	created *inspect.Frame
}

func parseGo(lines []string) (inspect.Trace, bool) {
	var d goDump
	for i := 0; i < len(lines); i++ {
		i += d.line(lines, i)
	}
	g := d.failed()
	if g == nil {
		return inspect.Trace{}, false
	}
	t := inspect.Trace{Goroutine: g.id, CreatedBy: g.created, Kind: inspect.TraceCrash}
	msg, crash := d.message()
	if !crash {
		t.Kind, t.Recovered = inspect.TraceText, true
	}
	frames, panicked := afterPanic(g.frames)
	switch {
	case msg == "" && !panicked:
		return t, false // a stack that was printed for another reason
	case len(d.head) > 0 && d.printedOnly() && !panicked:
		return t, false
	}
	t.Message, t.Causes = splitPanics(msg)
	if d.signal && d.addr != "" && d.addr != "0x0" && strings.Contains(t.Message, "nil pointer dereference") {
		t.Message += " (address " + d.addr + ")"
	}
	t.Frames = frames
	t.Type = goType(t.Message)
	return t, len(frames) > 0
}

// line reads line i and returns how many more it took.
func (d *goDump) line(lines []string, i int) int {
	line := lines[i]
	if m := goGoroutine.FindStringSubmatch(line); m != nil {
		id, _ := strconv.ParseInt(m[1], 10, 64)
		d.goroutines = append(d.goroutines, goStackText{id: id, state: m[2]})
		d.now = &d.goroutines[len(d.goroutines)-1]
		return 0
	}
	if line == "runtime stack:" {
		d.now = &goStackText{}
		return 0
	}
	if d.now == nil {
		if m := goSignal.FindStringSubmatch(line); m != nil {
			d.signal, d.addr = true, m[2]
		}
		d.head = append(d.head, line)
		return 0
	}
	if i+1 == len(lines) {
		return 0
	}
	file := goFile.FindStringSubmatch(lines[i+1])
	if file == nil {
		return 0
	}
	n, _ := strconv.Atoi(file[2])
	f := inspect.Frame{Location: inspect.Location{Path: file[1], File: file[1], Line: n}}
	if m := goCreated.FindStringSubmatch(line); m != nil {
		f.Function, f.Package = m[1], goPackage(m[1])
		d.now.created = &f
		return 1
	}
	if m := goFunction.FindStringSubmatch(line); m != nil {
		f.Function, f.Package = m[1], goPackage(m[1])
		d.now.frames = append(d.now.frames, f)
		return 1
	}
	return 0
}

// failed is the goroutine that failed: the runtime prints it first. Of a deadlock all are
// equal, and the first that is not the runtime's own is taken.
func (d *goDump) failed() *goStackText {
	for i := range d.goroutines {
		if len(d.goroutines[i].frames) > 0 {
			return &d.goroutines[i]
		}
	}
	return nil
}

// printedOnly is true for a stack without a header of the runtime or of net/http.
func (d *goDump) printedOnly() bool {
	first := d.head[0]
	return !strings.HasPrefix(first, "panic: ") && !strings.HasPrefix(first, "panic recovered: ") && !strings.HasPrefix(first, "fatal error: ") &&
		!strings.HasPrefix(first, "runtime: ") && !strings.Contains(first, servingPanic) && !goSignalRun.MatchString(first)
}

// message is the text of the panic or error, and whether the process ended by it.
func (d *goDump) message() (text string, crash bool) {
	if len(d.head) == 0 {
		return "", false
	}
	first := d.head[0]
	if _, after, ok := strings.Cut(first, servingPanic); ok {
		// "127.0.0.1:1234: value", "[::1]:1234: value"
		if _, v, ok := strings.Cut(after, ": "); ok {
			after = v
		}
		return strings.Join(append([]string{after}, d.rest(1)...), "\n"), false
	}
	if v, ok := strings.CutPrefix(first, "panic recovered: "); ok {
		return v, false
	}
	for i, l := range d.head {
		if v, ok := strings.CutPrefix(l, "fatal error: "); ok {
			return v, true
		}
		if v, ok := strings.CutPrefix(l, "panic: "); ok {
			return strings.Join(append([]string{v}, d.rest(i+1)...), "\n"), true
		}
		if goSignalRun.MatchString(l) {
			return l, true
		}
	}
	return recoveredText(first), false
}

// rest is the head from line i on without what the runtime says about itself.
func (d *goDump) rest(i int) []string {
	var out []string
	for _, l := range d.head[min(i, len(d.head)):] {
		if strings.HasPrefix(l, "[signal ") || strings.HasPrefix(l, "runtime: ") {
			break
		}
		out = append(out, l)
	}
	for len(out) > 0 && strings.TrimSpace(out[len(out)-1]) == "" {
		out = out[:len(out)-1]
	}
	return out
}

// recoveredText takes the value out of a line that a recoverer logged before the stack.
func recoveredText(line string) string {
	for _, mark := range []string{"panic recovered: ", "recovered from panic: ", "Recovered from panic: ", "recovered: ", "panic: "} {
		if _, after, ok := strings.Cut(line, mark); ok {
			return after
		}
	}
	return strings.TrimSpace(line)
}

// splitPanics makes a chain of `a [recovered]`, tab, `panic: b`: the last is what ended
// the program, those before led to it. Further lines of a value are indented by the
// runtime with a tab, which is taken away.
func splitPanics(msg string) (string, []inspect.Cause) {
	var values []string
	for i, l := range strings.Split(msg, "\n") {
		l = strings.TrimPrefix(l, "\t")
		if v, ok := strings.CutPrefix(l, "panic: "); ok && i > 0 {
			values = append(values, v)
		} else if i == 0 {
			values = append(values, l)
		} else {
			values[len(values)-1] += "\n" + l
		}
	}
	var causes []inspect.Cause
	for i := len(values) - 1; i >= 0; i-- {
		values[i] = strings.TrimRight(values[i], "\n")
		for _, s := range []string{" [recovered, repanicked]", " [recovered]"} {
			values[i] = strings.TrimSuffix(values[i], s)
		}
		if i < len(values)-1 && len(causes) < maxCauses && values[i] != values[len(values)-1] {
			causes = append(causes, inspect.Cause{Type: goType(values[i]), Message: values[i]})
		}
	}
	return values[len(values)-1], causes
}

// afterPanic drops the frames of the recoverer and the runtime that stand above the one
// that panicked, and says whether there was a panic on the stack.
func afterPanic(frames []inspect.Frame) ([]inspect.Frame, bool) {
	last := -1
	for i, f := range frames {
		if f.Function == "panic" || f.Function == "runtime.gopanic" {
			last = i
			break
		}
	}
	if last < 0 {
		return frames, false
	}
	rest := frames[last+1:]
	for len(rest) > 1 && (rest[0].Package == "runtime" || rest[0].Package == "internal/runtime/maps") {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return frames, true
	}
	return rest, true
}

// goPackage is the import path in the name of a function as the runtime prints it.
func goPackage(function string) string {
	name := function
	if i := strings.IndexByte(name, '['); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 || strings.HasPrefix(name, "(") {
		return ""
	}
	return strings.ReplaceAll(name[:slash+dot], "%2e", ".")
}

// goType is the type of the panic value where the text tells it.
func goType(msg string) string {
	switch {
	case strings.HasPrefix(msg, "interface conversion: "):
		return "*runtime.TypeAssertionError"
	case strings.HasPrefix(msg, "runtime error: index out of range"), strings.HasPrefix(msg, "runtime error: slice bounds out of range"):
		return "runtime.boundsError"
	case strings.HasPrefix(msg, "runtime error: "), msg == "assignment to entry in nil map",
		msg == "send on closed channel", msg == "close of closed channel", msg == "close of nil channel":
		return "runtime.Error"
	}
	if m := goPrinted.FindStringSubmatch(msg); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// `main.code(7)` and `(main.named) 0x4d4558`, as the runtime prints values it knows no text of.
var goPrinted = regexp.MustCompile(`^(?:\((\*?[\w./]+)\) |([\w./]+\.\w+)\(.*\)$)`)
