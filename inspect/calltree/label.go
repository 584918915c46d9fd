package calltree

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
)

// maxLabel bounds a name in what is written: of a statement of many lines the beginning
// says which one it is.
const maxLabel = 300 // bytes

// Label returns how f is called where its kind is not shown beside it: "main.loadCart",
// "go main.worker", "sql query SELECT 1", "wait chan receive". It is one line of at most
// 300 bytes, without control characters.
func Label(f inspect.CallFunction) string {
	name := line(f.Name)
	switch f.Kind {
	case inspect.CallHandler:
		if name == "" {
			return "handler"
		}
	case inspect.CallGoroutine:
		return "go " + name
	case inspect.CallSQL, inspect.CallTemplate, inspect.CallWait:
		return string(f.Kind) + " " + name
	}
	if name == "" {
		return "?"
	}
	return name
}

// Short returns the name of a function without import path, package and type arguments:
// "loadCart", "Cart.Add", "main.func1" of "example.com/shop.main.func1".
func Short(name string) string {
	name = line(name)
	if i := strings.IndexByte(name, '['); i >= 0 { // type arguments have slashes too
		rest := ""
		if j := strings.LastIndexByte(name, ']'); j > i {
			rest = name[j+1:]
		}
		name = name[:i] + rest
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	if _, rest, ok := strings.Cut(name, "."); ok && rest != "" {
		name = rest
	}
	if recv, method, ok := strings.Cut(strings.TrimPrefix(name, "(*"), ")"); ok && strings.HasPrefix(name, "(*") {
		name = recv + method
	}
	return name
}

// line makes one line of s that a terminal only prints: white space is folded, control
// characters and what is not UTF-8 are replaced.
func line(s string) string {
	if len(s) > maxLabel {
		cut := maxLabel
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] > ' ' && s[i] < 0x7f || s[i] == ' ' && i > 0 && s[i-1] != ' '
	}
	if plain {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r): // control and format characters, lone surrogates
			return '\uFFFD'
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
