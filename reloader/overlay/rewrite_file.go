package overlay

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// callsAlias is what rewritten files call package runtime, with more letters when
// the package of the file uses the name.
const callsAlias = "pdrt"

// maxColumn is the last column that the compiler counts: behind it everything is
// there.
const maxColumn = 255

// maxRewrittenFile is the size in bytes above which a file is left alone: such
// files hold tables that a program wrote.
const maxRewrittenFile = 4 << 20

// callsFile is what became of one file.
type callsFile struct {
	text      []byte   // nil when nothing was inserted
	functions int      // that are timed now
	imports   []string // paths, as the file itself names them
	head      string   // what comes before the package clause and its name
	skipped   string   // the rule by which the whole file is left alone, or ""
}

// rewriteFile inserts into the functions of a file what times their calls, and an
// import of package runtime as alias. All that was there keeps its file, line and
// column, as if it were read from the file of this name. With beside, files that line
// directives name are looked for beside it, as by the compiler since Go 1.27, and not in
// the folder of the build. An error means that the file does not parse.
func rewriteFile(name string, text []byte, alias string, beside bool) (callsFile, error) {
	switch {
	case len(text) > maxRewrittenFile:
		return callsFile{skipped: ruleBigFile}, nil
	case strings.ContainsAny(name, "\r\n") || strings.Contains(name, "*/"):
		return callsFile{skipped: ruleName}, nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return callsFile{}, err
	}
	r := fileRewriter{fset: fset, file: file, text: text, alias: alias}
	out := callsFile{head: string(text[:r.offset(file.Name.End())])}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value) // the parser has read it
		out.imports = append(out.imports, path)
	}
	switch {
	case slices.Contains(out.imports, "C"):
		out.skipped = ruleCgo
	case codeFollows(text[r.offset(file.Name.End()):]):
		out.skipped = ruleOneLine
	}
	if out.skipped != "" {
		return out, nil
	}
	r.rules = newRules(file)
	r.functions()
	if len(r.splices) == 0 {
		return out, nil
	}
	out.functions = len(r.splices)
	r.name(name)
	if beside {
		r.place(filepath.Dir(name))
	}
	r.insert(file.Name.End(), fmt.Sprintf("; import %s %q", alias, "runtime"))
	out.text = apply(text, r.splices)
	return out, nil
}

// fileRewriter collects what is to be inserted into one file.
type fileRewriter struct {
	fset    *token.FileSet
	file    *ast.File
	text    []byte
	alias   string
	rules   *rules
	splices []splice

	line, added int // how many columns have been added to that line
}

// offset is a place in the file itself, whatever its line directives say.
func (r *fileRewriter) offset(p token.Pos) int { return r.fset.PositionFor(p, false).Offset }

// functions visits all functions with a body, literals in variables among them.
func (r *fileRewriter) functions() {
	ast.Inspect(r.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			rule := r.rules.declaration(n)
			if rule == "" {
				r.time(n.Body)
			}
			return rule != ruleDirective && rule != ruleLinkname
		case *ast.FuncLit:
			if r.rules.body(n.Body) == "" {
				r.time(n.Body)
			}
		}
		return true
	})
}

// time inserts the statement that times a call. It declares nothing: a goto may
// jump over it. A deferred call keeps the compiler from inlining the function, so
// that the caller's pc names it.
//
// When something of the program follows in the line, its position comes behind it.
// Where a line directive without a column rules, there are no columns to keep.
func (r *fileRewriter) time(body *ast.BlockStmt) {
	text := fmt.Sprintf("if %[1]s.PastedevCalls(){defer %[1]s.PastedevLeave(%[1]s.PastedevEnter())};", r.alias)
	p := body.Lbrace + 1
	rest := r.text[r.offset(p):]
	if !codeFollows(rest) {
		r.insert(p, text)
		return
	}
	pos, physical := r.fset.Position(p), r.fset.PositionFor(p, false)
	if pos.Column > 0 {
		text += fmt.Sprintf("/*line :%d:%d*/", pos.Line, pos.Column)
	}
	if physical.Line != r.line {
		r.line, r.added = physical.Line, 0
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	if physical.Column+len(line)+r.added+len(text) > maxColumn { // ruleLongLine
		return
	}
	r.added += len(text)
	r.insert(p, text)
}

// name says which file this is, unless a directive of its own does: the go command
// leaves the name of the overlaid file in messages of the compiler.
func (r *fileRewriter) name(name string) {
	if pos := r.fset.Position(r.file.Package); pos.Filename == "" {
		r.insert(r.file.Package, fmt.Sprintf("/*line %s:%d:%d*/", name, pos.Line, pos.Column))
	}
}

// place gives the file names in line directives this folder.
func (r *fileRewriter) place(dir string) {
	for _, group := range r.file.Comments {
		for _, c := range group.List {
			name, found := strings.CutPrefix(c.Text[2:], "line ")
			if !found || c.Text[1] == '/' && r.fset.PositionFor(c.Pos(), false).Column != 1 {
				continue
			}
			name = trimNumber(strings.TrimSuffix(strings.TrimSuffix(name, "*/"), "\r"))
			if short := trimNumber(name); short != "" {
				name = short
			}
			if name == "" || filepath.IsAbs(name) {
				continue
			}
			at := r.offset(c.Pos()) + len("//line ")
			r.splices = append(r.splices, splice{at: at, end: at + len(name), text: filepath.Join(dir, name)})
		}
	}
}

// trimNumber returns what comes before ":12" at the end of s, or "".
func trimNumber(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return ""
	}
	if _, err := strconv.ParseUint(s[i+1:], 10, 32); err != nil {
		return ""
	}
	return s[:i]
}

func (r *fileRewriter) insert(p token.Pos, text string) {
	at := r.offset(p)
	r.splices = append(r.splices, splice{at: at, end: at, text: text})
}

// codeFollows reports whether the first line of text holds more than comments whose
// column does not matter.
func codeFollows(text []byte) bool {
	for {
		text = bytes.TrimLeft(text, " \t\r\f\v")
		switch {
		case bytes.HasPrefix(text, []byte("//go:")):
			return true // where the compiler says that it does not belong
		case len(text) == 0, text[0] == '\n', bytes.HasPrefix(text, []byte("//")):
			return false
		case !bytes.HasPrefix(text, []byte("/*")):
			return true
		}
		comment, rest, _ := bytes.Cut(text[2:], []byte("*/"))
		if bytes.IndexByte(comment, '\n') >= 0 {
			return false
		}
		text = rest
	}
}

// freeAlias returns a name for package runtime that occurs in none of the texts.
func freeAlias(texts [][]byte) string {
	alias := callsAlias
	for slices.ContainsFunc(texts, func(t []byte) bool { return bytes.Contains(t, []byte(alias)) }) {
		alias += "x"
	}
	return alias
}

// directive returns the word of a //go: comment, such as "nosplit", or "".
func directive(comment string) string {
	rest, is := strings.CutPrefix(comment, "//go:")
	if !is {
		return ""
	}
	word, _, _ := strings.Cut(rest, " ")
	return strings.TrimSpace(word)
}
