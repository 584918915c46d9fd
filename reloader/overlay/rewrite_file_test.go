package overlay

import (
	"bytes"
	"flag"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// fileName is where the files of these tests are.
const fileName = "/src/p/file.go"

var update = flag.Bool("update", false, "write the golden files anew")

// Each archive shows a file before and after.
func TestRewriteFile(t *testing.T) {
	names, err := filepath.Glob("testdata/rewrite/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			before := a.Files[0].Data
			made, err := rewriteFile(fileName, before, freeAlias([][]byte{before}), false)
			if err != nil {
				t.Fatal(err)
			}
			checkPositions(t, before, made.text, "/src/p/overlaid.go")
			checkBeside(t, before)
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "after.go", Data: made.text})
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(a.Files[1].Data), string(made.text)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A word of the program's text and where the compiler says it is.
type word struct {
	text string
	pos  token.Position
}

// words lists the tokens of a file by their offsets. What is inserted at line ends
// is none.
func words(t *testing.T, text []byte, name string) (list []word, offsets []int) {
	t.Helper()
	fset := token.NewFileSet()
	file := fset.AddFile(name, -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return list, offsets
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		p := fset.Position(pos)
		offsets = append(offsets, fset.PositionFor(pos, false).Offset)
		p.Offset = 0
		list = append(list, word{tok.String() + " " + lit, p})
	}
}

// checkPositions fails the test unless every word of before is in after, in its
// place when it is read as the file of that name, and after parses.
func checkPositions(t *testing.T, before, after []byte, name string) {
	t.Helper()
	if after == nil {
		return
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", after, 0); err != nil {
		t.Fatalf("%v:\n%s", err, after)
	}
	alias := freeAlias([][]byte{before})
	want, _ := words(t, before, fileName)
	all, offsets := words(t, after, name)
	var got []word
	for i, w := range all {
		if !inserted(after, offsets[i], alias) {
			got = append(got, w)
		}
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(word{})); d != "" {
		t.Errorf("words move (-before +after):\n%s\n%s", d, after)
	}
}

// checkBeside does the same where files are looked for beside the one that names them.
func checkBeside(t *testing.T, before []byte) {
	t.Helper()
	made, err := rewriteFile(fileName, before, freeAlias([][]byte{before}), true)
	if err != nil {
		t.Fatal(err)
	}
	checkPositions(t, before, made.text, "/state/overlaid.go")
}

// inserted reports whether the byte at that offset is one of ours.
func inserted(text []byte, at int, alias string) bool {
	for _, ours := range []string{
		"; import " + alias + ` "runtime"`,
		"if " + alias + ".PastedevCalls(){defer " + alias + ".PastedevLeave(" + alias + ".PastedevEnter())};",
	} {
		from := max(0, at-len(ours)+1)
		if i := bytes.Index(text[from:], []byte(ours)); i >= 0 && from+i <= at {
			return true
		}
	}
	return false
}

// The bytes of a file that an archive cannot show.
func TestRewriteBytes(t *testing.T) {
	const timed = "if pdrt.PastedevCalls(){defer pdrt.PastedevLeave(pdrt.PastedevEnter())};"
	const this = "/*line /src/p/file.go:1:1*/package p; import pdrt \"runtime\""
	long := strings.Repeat("x", maxColumn-len(timed)-len("/*line :2:11*/func f() { g() }"))
	for _, tt := range []struct{ name, before, after string }{
		{"CRLF", "package p\r\n\r\nfunc f() {\r\n\tg()\r\n}\r\n", this + "\r\n\r\nfunc f() {" + timed + "\r\n\tg()\r\n}\r\n"},
		{"CRLF in one line", "package p\r\nfunc f() { g() }\r\n", this + "\r\nfunc f() {" + timed + "/*line :2:11*/ g() }\r\n"},
		{"byte order mark", "\ufeffpackage p\n\nfunc f() {\n\tg()\n}\n", "\ufeff" + strings.Replace(this, "1:1", "1:4", 1) + "\n\nfunc f() {" + timed + "\n\tg()\n}\n"},
		{"no last line end", "package p\nfunc f() { g() }", this + "\nfunc f() {" + timed + "/*line :2:11*/ g() }"},
		{"letters of several bytes", "package p\nfunc é() { g(\"ü\") }\n", this + "\nfunc é() {" + timed + "/*line :2:12*/ g(\"ü\") }\n"},
		{"code behind the package clause", "package p; import \"q\"; func f() { q.G() }", ""},
		{"long line", "package p\nfunc f() { g" + long[1:] + "() }\n", this + "\nfunc f() {" + timed + "/*line :2:11*/ g" + long[1:] + "() }\n"},
		{"too long a line", "package p\nfunc f() { gg" + long + "() }\n", ""},
		{"two in a line", "package p\nfunc f() { g() }; func g() { f() }\n", this + "\nfunc f() {" + timed + "/*line :2:11*/ g() }; func g() {" + timed + "/*line :2:29*/ f() }\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made, err := rewriteFile(fileName, []byte(tt.before), callsAlias, false)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.after, string(made.text)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			checkPositions(t, []byte(tt.before), made.text, "/src/p/overlaid.go")
		})
	}
}

func TestRewriteBigFile(t *testing.T) {
	text := "package p\nfunc f() { g() }\n//" + strings.Repeat("x", maxRewrittenFile)
	if made, err := rewriteFile(fileName, []byte(text), callsAlias, false); err != nil || made.text != nil || made.skipped != ruleBigFile {
		t.Errorf("%q, %v", made.skipped, err)
	}
}

// What the parser refuses is left to the compiler.
func TestRewriteBroken(t *testing.T) {
	for _, text := range []string{"", "package", "package p\nfunc f() {", "package p\nfunc f() { g( }\n", "package p\nimport x\n"} {
		if made, err := rewriteFile(fileName, []byte(text), callsAlias, false); err == nil || made.text != nil {
			t.Errorf("%q becomes %q", text, made.text)
		}
	}
}

func FuzzRewriteFile(f *testing.F) {
	names, _ := filepath.Glob("testdata/rewrite/*.txtar")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	f.Add([]byte("package p\nfunc f(){g();L:goto L}//line x:3\nfunc g(){f()}\n/*line y.go:7:9*/func h(){f();f()}"))
	f.Fuzz(func(t *testing.T, before []byte) {
		made, err := rewriteFile(fileName, before, freeAlias([][]byte{before}), false)
		if err != nil {
			return
		}
		checkPositions(t, before, made.text, "/src/p/overlaid.go")
		checkBeside(t, before)
		if bytes.Count(before, []byte("\n")) != bytes.Count(made.text, []byte("\n")) && made.text != nil {
			t.Error("the number of lines has changed")
		}
	})
}

func TestMatchPath(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		want          bool
	}{
		{"a/b", "a/b", true}, {"a/b", "a/bc", false}, {"a/...", "a", true}, {"a/...", "a/b/c", true}, {"a/...", "ab", false},
		{"a...", "ab/c", true}, {"...", "a", true}, {".../x", "a/x", true}, {".../x", "a/y", false}, {"a/.../c", "a/b/c", true},
		{"a/.../c/...", "a/b/c", true}, {"a...b", "a", false}, {"", "a", false},
	} {
		if got := matchPath(tt.pattern, tt.path); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.pattern, tt.path, got)
		}
	}
}
