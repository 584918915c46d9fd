package traceback

import "strings"

// token is a part of a source line with the class of its colour.
type token struct{ Class, Text string }

// highlight colours one line: strings, comments, numbers and the words of the language.
// It sees no more than the line, so a string over several lines stays uncoloured.
func highlight(line, language string) []token {
	var out []token
	emit := func(class, text string) {
		if n := len(out); n > 0 && out[n-1].Class == class {
			out[n-1].Text += text
		} else if text != "" {
			out = append(out, token{class, text})
		}
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	emit("in", line[:indent]) // the page shows it as wide as in the other lines
	line = line[indent:]
	for line != "" {
		class, n := next(line, language)
		emit(class, line[:n])
		line = line[n:]
	}
	return out
}

func next(s, language string) (class string, n int) {
	c := s[0]
	switch {
	case strings.HasPrefix(s, "//") && language != "python" && language != "ruby",
		c == '#' && (language == "python" || language == "ruby" || language == "php"):
		return "c", len(s)
	case c == '"' || c == '\'' || c == '`':
		return "s", stringLen(s)
	case c >= '0' && c <= '9':
		return "n", run(s, func(c byte) bool { return isWord(c) || c == '.' })
	case isWord(c):
		n = run(s, isWord)
		if keyword(s[:n], language) {
			return "k", n
		}
		return "", n
	}
	return "", 1 + run(s[1:], func(c byte) bool { return c >= 0x80 })
}

func stringLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

func run(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

const (
	goWords     = " break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var nil true false "
	pythonWords = " and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield None True False "
	nodeWords   = " async await break case catch class const continue default delete do else export extends finally for from function if import in instanceof interface let new null of return static super switch this throw try type typeof undefined var void while yield true false "
	rubyWords   = " begin break case class def do else elsif end ensure for if in module next nil not or and redo rescue retry return self super then unless until when while yield true false "
	javaWords   = " abstract boolean break byte case catch char class const continue default do double else enum extends final finally float for if implements import instanceof int interface long new null package private protected public return short static super switch synchronized this throw throws try var void volatile while true false "
	phpWords    = " abstract and array as break case catch class const continue declare default do echo else elseif extends final finally fn for foreach function global if implements instanceof interface match namespace new null or private protected public return static switch throw trait try use var while yield true false "
)

func keyword(word, language string) bool {
	words := goWords
	switch language {
	case "python":
		words = pythonWords
	case "node":
		words = nodeWords
	case "ruby":
		words = rubyWords
	case "java":
		words = javaWords
	case "php":
		words = phpWords
	}
	return strings.Contains(words, " "+word+" ")
}
