package traceback

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// rule explains one kind of failure.
type rule struct {
	name    string // stable: part of the fingerprint
	match   *regexp.Regexp
	head    string // headline; $1... are the groups of match
	hints   []string
	recurse bool // name the functions that call each other
}

// Explain writes the headline and the hints of a trace. detail, from a snapshot of the
// process, names what the message cannot ("u is nil"); it may be "".
func Explain(t *inspect.Trace, detail string) {
	t.Headline, t.Hints = "", nil
	detail = oneLine(detail, maxHeadline)
	if r := findRule(t); r != nil {
		m := r.match.FindStringSubmatchIndex(ruleText(t))
		t.Headline = string(r.match.ExpandString(nil, r.head, ruleText(t), m))
		for _, h := range r.hints {
			t.Hints = append(t.Hints, oneLine(string(r.match.ExpandString(nil, h, ruleText(t), m)), maxHeadline))
		}
		if r.recurse {
			if c := cycle(t.Frames); c != "" {
				t.Headline += ": " + c
			}
		}
	} else {
		t.Headline = plainHeadline(t)
	}
	if detail != "" {
		t.Headline += ": " + detail
	}
	t.Headline = oneLine(t.Headline, maxHeadline)
	t.Hints = append(t.Hints, causeHints(t)...)
}

func findRule(t *inspect.Trace) *rule {
	if t.Language == "go" {
		return goRule(t.Message)
	}
	return firstMatch(otherRules(t.Language), ruleText(t))
}

// ruleText is what rules match: of Go the message, of others `Type: message`.
func ruleText(t *inspect.Trace) string {
	if t.Language == "go" {
		return t.Message
	}
	return t.Type + ": " + t.Message
}

func firstMatch(rules []rule, text string) *rule {
	for i := range rules {
		if rules[i].match.MatchString(text) {
			return &rules[i]
		}
	}
	return nil
}

// plainHeadline says the message, with the type where the language has one that is read first.
func plainHeadline(t *inspect.Trace) string {
	first, _, _ := strings.Cut(t.Message, "\n")
	switch {
	case t.Language != "go" && t.Type != "" && first != "":
		return t.Type + ": " + first
	case first != "":
		return first
	case t.Type != "":
		return t.Type
	}
	return "failed without a message"
}

// causeHints knows well-known errors wherever they stand in the message or the chain.
func causeHints(t *inspect.Trace) []string {
	var hints []string
	texts := []string{t.Message}
	for _, c := range t.Causes {
		texts = append(texts, c.Message)
	}
	for _, k := range knownErrors() {
		for _, text := range texts {
			if strings.Contains(text, k.text) {
				hints = append(hints, k.hint)
				break
			}
		}
	}
	return hints
}

type knownError struct{ text, hint string }

func knownErrors() []knownError {
	return []knownError{
		{"sql: no rows in result set", "The query found no row. Compare with errors.Is(err, sql.ErrNoRows) and answer 404, or give a default."},
		{"sql: database is closed", "Close was called on the *sql.DB while requests still used it: close it after the server has shut down."},
		{"context deadline exceeded", "A deadline passed before the work was done. Look at the outgoing calls and SQL of this request for the slow one."},
		{"context canceled", "The client went away, or the request's context was used after the handler returned. Work that outlives the request needs context.WithoutCancel."},
		{"address already in use", "Another process listens at this address, perhaps an earlier run of this program. Stop it, or choose another port."},
		{"connection refused", "Nothing listens at the address that was called. Is the other service running, and is the port right?"},
		{"no such host", "The host name could not be resolved. Look for a typing error, or for a name that only exists inside containers."},
		{"permission denied", "The process may not open this file or port. Ports below 1024 need a privilege on most systems."},
		{"too many open files", "Files, connections or response bodies are opened and not closed. Every resp.Body and rows needs a Close."},
		{"no such table", "The table is missing from this database: have the migrations run, and is it the database you mean?"},
		{"template: ", "A template failed while it was executed. The position after the name is line and column in the template."},
	}
}

// cycle names the functions that call each other at the top of the stack.
func cycle(frames []inspect.Frame) string {
	for size := 1; size <= 8 && 3*size <= len(frames); size++ {
		same := true
		for i := range 2 * size {
			if frames[i].Function != frames[i+size].Function {
				same = false
				break
			}
		}
		if !same {
			continue
		}
		if size == 1 {
			return shortFunction(frames[0].Function) + " calls itself"
		}
		names := make([]string, 0, size+1)
		for i := size - 1; i >= 0; i-- {
			names = append(names, shortFunction(frames[i].Function))
		}
		// Which of them the stack ended in is chance: begin with the first by name.
		first := slices.Index(names, slices.Min(names))
		names = append(names[first:], names[:first]...)
		return fmt.Sprintf("%s call each other", strings.Join(names, " → "))
	}
	return ""
}

// shortFunction is a function's name without the directories of its package.
func shortFunction(name string) string {
	end := len(name)
	if i := strings.IndexAny(name, "[("); i > 0 {
		end = i
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}
