package traceback

import "regexp"

// otherRules are the well-known errors of the other languages; they match `Type: message`.
func otherRules(language string) []rule {
	switch language {
	case "python":
		return pythonRules
	case "node":
		return nodeRules
	case "ruby":
		return rubyRules
	case "java":
		return javaRules
	}
	return nil
}

var pythonRules = []rule{
	{name: "none attribute", match: regexp.MustCompile(`^AttributeError: 'NoneType' object has no attribute '(\w+)'`),
		head: "None has no attribute $1", hints: []string{"The value before .$1 is None: a function returned nothing, or a search found nothing."}},
	{name: "none subscript", match: regexp.MustCompile(`^TypeError: 'NoneType' object is not (subscriptable|iterable|callable)`),
		head: "None is not $1", hints: []string{"A function returned None where a value was expected."}},
	{name: "key", match: regexp.MustCompile(`^KeyError: (.*)`),
		head: "no key $1 in the dict", hints: []string{"Use d.get(key) with a default, or ask first: if key in d."}},
	{name: "module", match: regexp.MustCompile(`^ModuleNotFoundError: No module named '(.+)'`),
		head: "the module $1 is not installed", hints: []string{"Is the right virtual environment active? Otherwise: python -m pip install $1 (the package may have another name)."}},
	{name: "recursion", match: regexp.MustCompile(`^RecursionError: `), recurse: true,
		head: "recursion without an end", hints: []string{"Look for the condition that should stop it."}},
	{name: "zero", match: regexp.MustCompile(`^ZeroDivisionError: `), head: "division by zero", hints: []string{"The divisor is 0: check it first."}},
	{name: "unbound", match: regexp.MustCompile(`^UnboundLocalError: .*'(\w+)'`),
		head: "$1 is used before it is set", hints: []string{"An assignment anywhere in a function makes the name local to it; use global or nonlocal where the outer one is meant."}},
}

var nodeRules = []rule{
	{name: "undefined property", match: regexp.MustCompile(`^TypeError: Cannot (read|set) propert(?:y|ies) of (undefined|null) \((?:reading|setting) '(.*)'\)`),
		head: "$2 has no property $3", hints: []string{"The value before .$3 is $2: an await was forgotten, a lookup found nothing, or an argument was left out. x?.$3 allows for it."}},
	{name: "not function", match: regexp.MustCompile(`^TypeError: (.+) is not a function`),
		head: "$1 is not a function", hints: []string{"Look for a typing error, a default export that was imported as a named one, or a circular import."}},
	{name: "missing module", match: regexp.MustCompile(`^Error: Cannot find (?:module|package) '([^']+)'`),
		head: "the module $1 was not found", hints: []string{"A package: npm install. A file: the path is relative to the file that imports it, and ES modules need the ending."}},
	{name: "in use", match: regexp.MustCompile(`^Error: listen EADDRINUSE: address already in use (\S+)`), head: "the address $1 is in use"},
	{name: "no file", match: regexp.MustCompile(`^Error: ENOENT: no such file or directory, (\w+) '([^']*)'`),
		head: "no such file: $2", hints: []string{"A relative path is relative to the directory the program was started in, not to the source file."}},
	{name: "reference", match: regexp.MustCompile(`^ReferenceError: (\S+) is not defined`), head: "$1 is not defined"},
	{name: "stack", match: regexp.MustCompile(`^RangeError: Maximum call stack size exceeded`), recurse: true, head: "recursion without an end"},
	{name: "rejection", match: regexp.MustCompile(`(?s)^UnhandledPromiseRejection: .*reason "(.*?)"`),
		head: `a promise was rejected with "$1" and nobody handled it`, hints: []string{"Await it inside try, or add .catch. Reject with an Error, so that there is a stack."}},
}

var rubyRules = []rule{
	{name: "nil method", match: regexp.MustCompile("^NoMethodError: undefined method [`'](.+?)' for nil"),
		head: "nil has no method $1", hints: []string{"The value before .$1 is nil: a find or a hash lookup found nothing. &.$1 allows for it."}},
	{name: "key", match: regexp.MustCompile(`^KeyError: key not found: (.*)`), head: "no key $1 in the hash"},
}

var javaRules = []rule{
	{name: "null", match: regexp.MustCompile(`^java\.lang\.NullPointerException: Cannot (.+) because "(.+)" is null`),
		head: "$2 is null", hints: []string{"The program tried to $1."}},
	{name: "overflow", match: regexp.MustCompile(`^java\.lang\.StackOverflowError: `), recurse: true, head: "recursion without an end"},
	{name: "zero", match: regexp.MustCompile(`^java\.lang\.ArithmeticException: / by zero`), head: "division by zero"},
}
