package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect/htmlcheck"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// renderTrees writes the documents of the tree construction tests into files, so that both
// checkers can read them. Tests of fragments and those that need scripts are left out.
func renderTrees(dir, to string) error {
	files, err := filepath.Glob(filepath.Join(dir, "tree-construction", "*.dat"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("no tree construction tests in %s", dir))
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		for i, chunk := range strings.Split("\n"+string(raw), "\n#data\n")[1:] {
			data, rest, ok := strings.Cut(chunk, "\n#errors")
			if !ok || strings.Contains(rest, "\n#document-fragment\n") || strings.Contains(rest, "\n#script-on") || seen[data] {
				continue
			}
			seen[data] = true
			if err := os.WriteFile(filepath.Join(to, fmt.Sprintf("%s-%03d.html", name, i)), []byte(data), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// tokenizerTest is one test of html5lib's tokenizer format.
type tokenizerTest struct {
	Input         json.RawMessage
	InitialStates []string
	DoubleEscaped bool
	Errors        []struct{ Code string }
}

// measureTokenizer compares the codes of the parse-token findings with those that the
// html5lib tokenizer tests expect, for the tests that begin in the data state and so are
// documents.
func measureTokenizer(o *options, out io.Writer) error {
	files, err := filepath.Glob(filepath.Join(o.html5lib, "tokenizer", "*.test"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("no tokenizer tests in %s", o.html5lib))
	}
	var doc, codes ratio
	total, shown := 0, 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var tests struct{ Tests []tokenizerTest }
		if err := json.Unmarshal(b, &tests); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, t := range tests.Tests {
			input, ok := t.input()
			if !ok {
				continue
			}
			total++
			got, want := tokenCodes(input), t.codes()
			doc.add(len(got) > 0, len(want) > 0)
			both, ours, theirs := common(got, want)
			codes.both, codes.ours, codes.theirs = codes.both+both, codes.ours+ours, codes.theirs+theirs
			if ours+theirs > 0 && (o.misses != "" || o.alarms != "") && shown < o.limit {
				shown++
				fmt.Fprintf(out, "%s: %q: got %v, want %v\n", filepath.Base(file), input, got, want)
			}
		}
	}
	if o.title == "" {
		o.title = "token"
	}
	table := fmt.Sprintf("### %s\n\n%d tokenizer tests of html5lib that begin in the data state.\n\n| what | P | R | both | only ours | only expected |\n|---|---|---|---|---|---|\n", o.title, total)
	table += fmt.Sprintf("| document has an error | %s | %d | %d | %d |\n", doc.percent(), doc.both, doc.ours, doc.theirs)
	table += fmt.Sprintf("| codes | %s | %d | %d | %d |\n", codes.percent(), codes.both, codes.ours, codes.theirs)
	return emitTable(out, o, table)
}

// input is the test's document; not ok when it does not begin in the data state or has half
// a surrogate pair, which no byte stream has.
func (t *tokenizerTest) input() (string, bool) {
	if len(t.InitialStates) > 0 && !slices.Contains(t.InitialStates, "Data state") {
		return "", false
	}
	text := string(t.Input)
	if t.DoubleEscaped {
		text = strings.ReplaceAll(text, `\\u`, `\u`)
	}
	if loneSurrogate(text) {
		return "", false
	}
	var s string
	err := json.Unmarshal([]byte(text), &s)
	return s, err == nil
}

// loneSurrogate reports whether a JSON string escapes half of a pair.
func loneSurrogate(text string) bool {
	unit := func(i int) (rune, bool) {
		if i+6 > len(text) || text[i:i+2] != `\u` {
			return 0, false
		}
		u, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
		return rune(u), err == nil
	}
	for i := 0; i < len(text); i++ {
		u, ok := unit(i)
		if !ok || !utf16.IsSurrogate(u) {
			continue
		}
		low, ok := unit(i + 6)
		if !ok || utf16.DecodeRune(u, low) == utf8.RuneError {
			return true
		}
		i += 11
	}
	return false
}

func (t *tokenizerTest) codes() []string {
	var list []string
	for _, e := range t.Errors {
		list = append(list, e.Code)
	}
	return list
}

// tokenCodes are the rules of our findings about tokens.
func tokenCodes(doc string) []string {
	var list []string
	for _, d := range htmlcheck.Check([]byte(doc), htmlcheck.Options{ContentType: "text/html; charset=utf-8"}) {
		if family, rule, _ := strings.Cut(d.Code, "/"); family == string(finding.ParseToken) {
			list = append(list, rule)
		}
	}
	return list
}

// common counts what two lists share, each entry once, and what only one has.
func common(got, want []string) (both, ours, theirs int) {
	left := slices.Clone(want)
	for _, g := range got {
		if i := slices.Index(left, g); i >= 0 {
			left = slices.Delete(left, i, i+1)
			both++
		}
	}
	return both, len(got) - both, len(want) - both
}
