package datatype

import "encoding/base64"

// checkIntegrity checks integrity metadata: hashes with their algorithm. A hash of a wrong
// form is a warning, because browsers only ignore it.
func checkIntegrity(v string) *Problem {
	var warning *Problem
	for i := 0; ; {
		s, e := nextToken(v, i)
		if i = e; s == e {
			return warning
		}
		word := v[s:e]
		if !hasPrefixFold(word, "sha256-") && !hasPrefixFold(word, "sha384-") && !hasPrefixFold(word, "sha512-") || len(word) == len("sha256-") {
			return &Problem{Start: s, End: e, Rule: "attr-value/integrity", Message: "has " + quote(word) +
				"; it must be sha256-, sha384- or sha512- and the hash in base64"}
		}
		if warning == nil && !goodHash(word) {
			warning = &Problem{Start: s, End: e, Rule: "attr-value/integrity", Warning: true, Message: "has " + quote(word) +
				", which is no hash of that length in base64, so that browsers check nothing"}
		}
	}
}

// goodHash checks the base64 and the length of a hash with its algorithm.
func goodHash(word string) bool {
	size := map[byte]int{'2': 32, '3': 48, '5': 64}[word[3]]
	hash := word[len("sha256-"):]
	for i := 0; i < len(hash); i++ {
		if hash[i] == '?' { // options
			hash = hash[:i]
			break
		}
	}
	n := 0
	for i := 0; i < len(hash); i++ {
		switch c := hash[i]; {
		case isAlpha(c) || isDigit(c) || c == '+' || c == '/' || c == '-' || c == '_':
			n++
		case c != '=' || i < len(hash)-2:
			return false
		}
	}
	return n == base64.RawStdEncoding.EncodedLen(size)
}
