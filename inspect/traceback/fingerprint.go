package traceback

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// codeAlphabet has no characters that are taken for another when read out: 0 and o, 1, i and l.
const codeAlphabet = "23456789abcdefghjkmnpqrstuvwxyz"

var (
	closureNumber = regexp.MustCompile(`(?:\.func\d+|\.gowrap\d+|-range\d+|\.deferwrap\d+|\.\d+)+(?:\(\))?$`)
	closureOnly   = regexp.MustCompile(`^\.func\d+(?:\.func\d+|\.\d+)*$`)
	typeArgs      = regexp.MustCompile(`\[[^\[\]]*\]`)
	quoted        = regexp.MustCompile(`"[^"]*"|'[^']*'|` + "`[^`]*`")
	numbers       = regexp.MustCompile(`0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b|\d+`)
)

// Fingerprint is the code of a fault: "E-" and five characters. The same fault has the
// same code, whatever the request, line numbers, addresses and goroutines: it is made of what
// went wrong and the app's own functions on the stack. Without frames it is made of the
// message, without its numbers and quoted values. Call it after the frames have origins.
func Fingerprint(t *inspect.Trace) string {
	h := sha256.New()
	write := func(s string) { h.Write([]byte(s)); h.Write([]byte{0}) }
	write(t.Language)
	write(faultClass(t))
	calls := callNames(t, true)
	if len(calls) == 0 {
		calls = callNames(t, false)
	}
	if len(calls) == 0 {
		write(numbers.ReplaceAllString(quoted.ReplaceAllString(t.Message, "?"), "?"))
	}
	if r := findRule(t); r != nil && r.recurse {
		slices.Sort(calls) // which of the functions the stack ended in is chance
	}
	for _, c := range calls {
		write(c)
	}
	sum := h.Sum(nil)
	code := []byte("E-")
	for _, b := range sum[:5] {
		code = append(code, codeAlphabet[int(b)%len(codeAlphabet)])
	}
	return string(code)
}

// faultClass is what went wrong without the values: the kind of a runtime error of Go,
// which is in the printed text as well as in the captured value, or the exception's type.
func faultClass(t *inspect.Trace) string {
	if r := findRule(t); r != nil {
		return r.name
	}
	if t.Language != "go" {
		return t.Type
	}
	return "" // the type of other values is not in a printed dump
}

// callNames are the functions of the app (or of all), innermost first, each once: a
// recursion is as deep as it was.
func callNames(t *inspect.Trace, app bool) []string {
	var names []string
	seen := map[string]bool{}
	for _, f := range t.Frames {
		if app && f.Origin != inspect.FrameApp {
			continue
		}
		name := f.Function
		if t.Language == "go" {
			name = bareFunction(f)
		}
		name = f.File + " " + name
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// bareFunction is the name of a function without package, type arguments and the numbers
// of its closures: gin prints no packages, and inlining renames closures.
func bareFunction(f inspect.Frame) string {
	name := typeArgs.ReplaceAllString(f.Function, "")
	if f.Package != "" {
		slash := strings.LastIndexByte(name, '/') + 1
		// What is before ".func1" is a function: gin printed it without its package.
		if dot := strings.IndexByte(name[slash:], '.'); dot >= 0 && !closureOnly.MatchString(name[slash+dot:]) {
			name = name[slash+dot+1:]
		}
	}
	return closureNumber.ReplaceAllString(name, "")
}
