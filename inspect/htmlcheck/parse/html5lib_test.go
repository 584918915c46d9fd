package parse

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// html5lib returns the folder of the html5lib tests that the x/net module carries.
func html5lib(t testing.TB, sub string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		t.Skipf("go list -m golang.org/x/net: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "html", "testdata", "html5lib-tests", sub)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the html5lib tests are not in the module cache: %v", err)
	}
	return dir
}

// tokenizerTest is one test of html5lib's tokenizer format.
type tokenizerTest struct {
	Description   string
	Input         json.RawMessage
	Output        []json.RawMessage
	InitialStates []string
	LastStartTag  string
	DoubleEscaped bool
	Errors        []place
}

type place struct {
	Code      Code
	Line, Col int
}

var stateNames = map[string]State{
	"Data state": Data, "RCDATA state": RCDATA, "RAWTEXT state": RAWTEXT,
	"Script data state": ScriptData, "PLAINTEXT state": PLAINTEXT, "CDATA section state": CDATASection,
}

// unquote reads a JSON string and keeps lone surrogates, which only a byte stream of
// another age could hold, out: ok is false then.
func unquote(raw json.RawMessage, double bool) (s string, ok bool) {
	text := string(raw)
	if double {
		text = strings.ReplaceAll(text, `\\u`, `\u`)
	}
	for i := 0; i+6 <= len(text); i++ {
		if text[i:i+2] != `\u` {
			continue
		}
		u, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
		if err != nil || !utf16.IsSurrogate(rune(u)) {
			continue
		}
		if i+12 > len(text) || text[i+6:i+8] != `\u` {
			return "", false
		}
		low, err := strconv.ParseUint(text[i+8:i+12], 16, 16)
		if err != nil || utf16.DecodeRune(rune(u), rune(low)) == utf8.RuneError {
			return "", false
		}
		i += 11
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return "", false
	}
	return s, true
}

// wantTokens turns the expected tokens into the notation of gotTokens.
func wantTokens(t *testing.T, tt tokenizerTest) []string {
	var out []string
	str := func(raw json.RawMessage) string {
		s, _ := unquote(raw, tt.DoubleEscaped)
		return s
	}
	opt := func(raw json.RawMessage) string {
		if string(raw) == "null" {
			return "null"
		}
		return strconv.Quote(str(raw))
	}
	for _, raw := range tt.Output {
		var parts []json.RawMessage
		if err := json.Unmarshal(raw, &parts); err != nil {
			t.Fatal(err)
		}
		switch kind := str(parts[0]); kind {
		case "Character":
			s := str(parts[1])
			if n := len(out); n > 0 && strings.HasPrefix(out[n-1], "text ") {
				old, _ := strconv.Unquote(out[n-1][5:])
				out[n-1] = "text " + strconv.Quote(old+s)
			} else {
				out = append(out, "text "+strconv.Quote(s))
			}
		case "StartTag":
			attrs := map[string]json.RawMessage{}
			if err := json.Unmarshal(parts[2], &attrs); err != nil {
				t.Fatal(err)
			}
			var list []string
			for name, value := range attrs {
				if tt.DoubleEscaped {
					name, _ = unquote(json.RawMessage(`"`+name+`"`), true)
				}
				list = append(list, strconv.Quote(name)+"="+strconv.Quote(str(value)))
			}
			sort.Strings(list)
			out = append(out, "start "+str(parts[1])+" "+strings.Join(list, " ")+strconv.FormatBool(len(parts) > 3))
		case "EndTag":
			out = append(out, "end "+str(parts[1]))
		case "Comment":
			out = append(out, "comment "+strconv.Quote(str(parts[1])))
		case "DOCTYPE":
			out = append(out, "doctype "+opt(parts[1])+" "+opt(parts[2])+" "+opt(parts[3])+" "+string(parts[4]))
		}
	}
	return out
}

// gotTokens runs the tokenizer alone.
func gotTokens(z *Tokenizer) []string {
	var out []string
	opt := func(s string, has bool) string {
		if !has {
			return "null"
		}
		return strconv.Quote(s)
	}
	for tok := (Token{}); ; {
		z.Next(&tok)
		switch tok.Kind {
		case EOF:
			return out
		case Text:
			out = append(out, "text "+strconv.Quote(tok.Data))
		case StartTag:
			var list []string
			for _, a := range tok.Attrs {
				list = append(list, strconv.Quote(a.Name)+"="+strconv.Quote(a.Value))
			}
			sort.Strings(list)
			out = append(out, "start "+tok.Name+" "+strings.Join(list, " ")+strconv.FormatBool(tok.SelfClosing))
		case EndTag:
			out = append(out, "end "+tok.Name)
		case Comment:
			out = append(out, "comment "+strconv.Quote(tok.Data))
		case Doctype:
			d := tok.Doctype
			out = append(out, "doctype "+opt(d.Name, d.HasName)+" "+opt(d.Public, d.HasPublic)+" "+opt(d.System, d.HasSystem)+" "+strconv.FormatBool(!d.ForceQuirks))
		}
	}
}

// tokenizerErrors lists the errors of a tokenizer and its input by place.
func tokenizerErrors(in *Input, z *Tokenizer) []place {
	var out []place
	for _, e := range append(append([]Error{}, in.errs.list...), z.Errors()...) {
		line, col := in.textPosition(e.At)
		out = append(out, place{e.Code, line, col})
	}
	sortPlaces(out)
	return out
}

func sortPlaces(p []place) {
	sort.SliceStable(p, func(i, j int) bool {
		if p[i].Line != p[j].Line {
			return p[i].Line < p[j].Line
		}
		if p[i].Col != p[j].Col {
			return p[i].Col < p[j].Col
		}
		return p[i].Code < p[j].Code
	})
}

func loadTokenizerTests(t *testing.T, file string) []tokenizerTest {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Tests []tokenizerTest }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return doc.Tests
}

// TestHTML5LibTokenizer compares tokens, error codes and the places of the errors.
func TestHTML5LibTokenizer(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(html5lib(t, "tokenizer"), "*.test"))
	total, equal := 0, 0
	for _, file := range files {
		for _, tt := range loadTokenizerTests(t, file) {
			input, ok := unquote(tt.Input, tt.DoubleEscaped)
			if !ok {
				continue // a lone surrogate cannot come out of a byte stream
			}
			states := tt.InitialStates
			if len(states) == 0 {
				states = []string{"Data state"}
			}
			for _, state := range states {
				total++
				in := &Input{}
				in.decode([]byte(input), utf8Name)
				if strings.HasPrefix(input, "\uFEFF") {
					in.Text = input
				}
				z := NewTokenizer(in.Text)
				z.SetState(stateNames[state], tt.LastStartTag)
				want, got := wantTokens(t, tt), gotTokens(z)
				wantErrs, gotErrs := append([]place(nil), tt.Errors...), tokenizerErrors(in, z)
				sortPlaces(wantErrs)
				if d := cmp.Diff(want, got) + cmp.Diff(wantErrs, gotErrs); d != "" {
					t.Errorf("%s: %s: %q (%s)\n%s", filepath.Base(file), tt.Description, input, state, d)
					continue
				}
				equal++
			}
		}
	}
	t.Logf("%d of %d equal", equal, total)
	if total < 6000 {
		t.Errorf("only %d tests were found", total)
	}
}
