package datatype

import (
	"slices"
	"strings"
)

// Enumerations that several attributes share; the grammar says the others as literals. They
// are compared ASCII case-insensitively, referrer policies excepted.
func keywordTypes() []Type {
	return []Type{
		{"referrer-policy", "Referrer Policy 3", oneOf(true, "", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
			"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url")},
		{"crossorigin", "2.4.6", oneOf(false, "", "anonymous", "use-credentials")},
		{"fetchpriority", "2.4.8", oneOf(false, "high", "low", "auto")},
		{"loading", "2.4.7", oneOf(false, "lazy", "eager")},
		{"decoding", "4.8.3", oneOf(false, "sync", "async", "auto")},
		{"enterkeyhint", "6.8.9", oneOf(false, "enter", "done", "go", "next", "previous", "search", "send")},
		{"inputmode", "6.8.8", oneOf(false, "none", "text", "tel", "url", "email", "numeric", "decimal", "search")},
		{"autocomplete-on-off", "4.10.3", oneOf(false, "on", "off")},
		{"custom-command", "4.10.6", checkCustomCommand},
		{"blocking", "2.4.9", oneOf(false, "render")},
		{"preload-as", "4.2.4", oneOf(false, "fetch", "font", "image", "script", "style", "track")},
		{"method", "4.10.19.6", oneOf(false, "get", "post", "dialog")},
		{"enctype", "4.10.19.6", oneOf(false, "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")},
		{"dir", "3.2.6.4", oneOf(false, "ltr", "rtl", "auto")},
		{"shape", "4.8.14", oneOf(false, "circle", "default", "poly", "rect")},
		{"scope", "4.9.10", oneOf(false, "row", "col", "rowgroup", "colgroup")},
		{"kind", "4.8.11", oneOf(false, "subtitles", "captions", "descriptions", "chapters", "metadata")},
		{"preload", "4.8.11", oneOf(false, "", "none", "metadata", "auto")},
		{"wrap", "4.10.11", oneOf(false, "soft", "hard")},
	}
}

// oneOf takes one of the words, which are in lower case; exact says that case matters.
func oneOf(exact bool, words ...string) func(string) *Problem {
	return func(v string) *Problem {
		for _, word := range words {
			if v == word || !exact && equalFold(v, word) {
				return nil
			}
		}
		return problem(0, 0, "attr-value/keyword", "must be "+alternatives(words))
	}
}

// alternatives joins words with commas and "or".
func alternatives(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; word == "" {
			quoted[i] = "empty"
		}
	}
	if i := slices.Index(quoted, "empty"); i == 0 {
		quoted = append(quoted[1:], "empty")
	}
	n := len(quoted)
	if n == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:n-1], ", ") + " or " + quoted[n-1]
}

// checkCustomCommand takes a command of the page's own.
func checkCustomCommand(v string) *Problem {
	if strings.HasPrefix(v, "--") {
		return nil
	}
	return problem(0, 0, "attr-value/command", `must begin with "--", when it is none of the commands that the standard names`)
}
