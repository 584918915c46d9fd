package datatype

import "strings"

const sandboxWords = " allow-downloads allow-forms allow-modals allow-orientation-lock allow-pointer-lock allow-popups" +
	" allow-popups-to-escape-sandbox allow-presentation allow-same-origin allow-scripts allow-top-navigation" +
	" allow-top-navigation-by-user-activation allow-top-navigation-to-custom-protocols "

// checkSandbox checks the tokens of a sandbox attribute. It warns where one of them undoes
// the sandbox or another one.
func checkSandbox(v string) *Problem {
	p, words := sandboxTokens(v, 0, len(v))
	if p != nil {
		return p
	}
	both := func(a, b string) bool { return words.has(a) && words.has(b) }
	switch {
	case both("allow-scripts", "allow-same-origin"):
		return &Problem{Warning: true, Rule: "attr-value/sandbox-contradiction",
			Message: "has both allow-scripts and allow-same-origin: a page of the same origin can then remove its own sandbox"}
	case both("allow-top-navigation", "allow-top-navigation-by-user-activation"):
		return &Problem{Rule: "attr-value/sandbox-contradiction",
			Message: "has both allow-top-navigation and allow-top-navigation-by-user-activation: the second has no effect beside the first; keep one"}
	}
	return nil
}

// wordSet is a set of the words of a list, by their place in it.
type wordSet struct {
	list string
	bits uint32
}

func (w wordSet) has(word string) bool {
	i := wordIndex(w.list, word)
	return i >= 0 && w.bits&(1<<i) != 0
}

// wordIndex returns the number of the word in a list of words, each between spaces, or -1.
func wordIndex(list, word string) int {
	for n := 0; len(list) > 1; n++ {
		list = list[1:]
		end := strings.IndexByte(list, ' ')
		if strings.EqualFold(list[:end], word) {
			return n
		}
		list = list[end:]
	}
	return -1
}

// sandboxTokens checks the words of v between two offsets.
func sandboxTokens(v string, start, stop int) (*Problem, wordSet) {
	words := wordSet{list: sandboxWords}
	for i := start; ; {
		s, e := nextToken(v[:stop], i)
		if i = e; s == e {
			return nil, words
		}
		n := -1
		if e-s <= maxWord {
			n = wordIndex(sandboxWords, v[s:e])
		}
		if n < 0 {
			return &Problem{Start: s, End: e, Rule: "attr-value/sandbox", Message: "has " + quote(v[s:e]) +
				", which is no sandbox keyword: they are" + strings.TrimRight(sandboxWords, " ")}, words
		}
		if words.bits&(1<<n) != 0 {
			return &Problem{Start: s, End: e, Rule: "attr-value/sandbox", Message: "has " + quote(v[s:e]) + " twice: once is enough"}, words
		}
		words.bits |= 1 << n
	}
}
