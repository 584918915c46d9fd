package overlay

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// tree is a standard library on which hooks are tried. Names of files in it are
// below its src folder, with slashes.
type tree struct {
	root  string // GOROOT, perhaps through a link
	env   goEnv
	user  map[string]string // the user's own overlay
	files map[string][]byte // what will be replaced or added

	packages map[string]map[string][]decl // what declared has read, by package and tag
}

// decl is a declaration that an Anchor names.
type decl struct {
	file   string
	fset   *token.FileSet
	name   *ast.Ident
	fields *ast.FieldList // of a struct type
	body   *ast.BlockStmt // of a function
	text   []byte         // of the file
	typ    string         // as Edit.Want writes it
}

// offset is a place in the file itself, whatever its line directives say.
func (d decl) offset(p token.Pos) int { return d.fset.PositionFor(p, false).Offset }

// splice replaces the bytes from at to end.
type splice struct {
	at, end int
	text    string
}

// instrument fills t.files by all hooks that fit and returns the others.
func (t *tree) instrument(hooks []Hook) (lost []Lost) {
	splices := make(map[string][]splice)
	var done []string // features
	for _, h := range hooks {
		err := t.install(h, done, splices)
		for _, other := range h.Or {
			if err == nil {
				break
			}
			if other.Needs = h.Needs; t.install(other, done, splices) == nil {
				err = nil
			}
		}
		if err != nil {
			lost = append(lost, Lost{h.Feature, fmt.Sprintf("%s of %s: %v", h.Package, t.env.GOVERSION, err)})
			continue
		}
		done = append(done, h.Feature)
	}
	for name, s := range splices {
		text, err := os.ReadFile(t.path(name))
		if err == nil {
			t.files[name] = apply(text, s)
			continue
		}
		// The file was there a moment ago: without it nothing can be trusted.
		t.files = nil
		return allLost(hooks, err.Error())
	}
	return lost
}

// install adds the changes and the files of one hook, or nothing.
func (t *tree) install(h Hook, done []string, splices map[string][]splice) error {
	if h.Needs != "" && !slices.Contains(done, h.Needs) {
		return fmt.Errorf("it needs %s", h.Needs)
	}
	changed, err := t.try(h)
	if err == nil {
		err = overlaps(splices, changed)
	}
	if err != nil {
		return err
	}
	for name, s := range changed {
		splices[name] = append(splices[name], s...)
	}
	for _, name := range h.Files {
		text, err := std.ReadFile("_std/" + name) // try has read it
		if err != nil {
			return err
		}
		t.files[target(name)] = text
	}
	return nil
}

// target is the place of a file of _std in the standard library.
func target(name string) string {
	if rest, ok := strings.CutPrefix(name, "agent/"); ok {
		return agentDir + "/pastedev_" + rest
	}
	return name
}

func allLost(hooks []Hook, reason string) []Lost {
	r := Result{}
	r.lose(hooks, reason)
	return r.Lost
}

// vacant is an error unless the folder is there and without Go files, on disk and
// in the user's own overlay.
func (t *tree) vacant(dir string) error {
	entries, err := os.ReadDir(t.path(dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") {
			return fmt.Errorf("%s holds %s in %s, so the agent has no place", dir, e.Name(), t.env.GOVERSION)
		}
	}
	for from := range t.user {
		if filepath.Dir(from) == t.path(dir) {
			return fmt.Errorf("the -overlay given to the build replaces %s", from)
		}
	}
	return nil
}

func (t *tree) path(name string) string {
	return filepath.Join(t.root, "src", filepath.FromSlash(name))
}

// try returns the splices of one hook by file.
func (t *tree) try(h Hook) (map[string][]splice, error) {
	for _, name := range h.Files {
		if _, err := std.ReadFile("_std/" + name); err != nil {
			return nil, err
		}
		if err := t.free(target(name)); err != nil {
			return nil, err
		}
	}
	changed := make(map[string][]splice)
	for _, e := range h.Edits {
		d, err := t.find(h.Package, e.Tag, e.Anchor)
		if err != nil {
			return nil, err
		}
		if d.typ != e.Want {
			return nil, fmt.Errorf("%s is %q, expected %q", e.Anchor, d.typ, e.Want)
		}
		if err := t.free(d.file); err != nil {
			return nil, err
		}
		s, err := e.Change(d)
		if err != nil {
			return nil, err
		}
		changed[d.file] = append(changed[d.file], s)
	}
	return changed, nil
}

// free is an error when the user's own overlay replaces the file: it wins.
func (t *tree) free(name string) error {
	for _, root := range []string{t.root, t.env.GOROOT} {
		if _, taken := t.user[filepath.Join(root, "src", filepath.FromSlash(name))]; taken {
			return fmt.Errorf("the -overlay given to the build replaces %s", name)
		}
	}
	return nil
}

// find returns the one declaration of that name in the files of the package that
// this build compiles.
func (t *tree) find(pkg, tag, anchor string) (decl, error) {
	all, err := t.declared(pkg, tag)
	if err != nil {
		return decl{}, err
	}
	if found := all[anchor]; len(found) != 1 {
		return decl{}, fmt.Errorf("%s is declared %d times, expected once", anchor, len(found))
	}
	return all[anchor][0], nil
}

// declared returns the declarations of a package by anchor. It reads the package
// once for each tag.
func (t *tree) declared(pkg, tag string) (map[string][]decl, error) {
	if all := t.packages[pkg+" "+tag]; all != nil {
		return all, nil
	}
	entries, err := os.ReadDir(t.path(pkg))
	if err != nil {
		return nil, err
	}
	bc := t.buildContext(tag)
	all := make(map[string][]decl)
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := bc.MatchFile(t.path(pkg), name); err != nil || !ok {
			continue
		}
		text, err := os.ReadFile(t.path(pkg + "/" + name))
		if err != nil {
			return nil, err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, t.path(pkg+"/"+name), text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range declarations(file) {
			d.file, d.fset, d.text = pkg+"/"+name, fset, text
			all[d.anchor] = append(all[d.anchor], d.decl)
		}
	}
	if t.packages == nil {
		t.packages = make(map[string]map[string][]decl)
	}
	t.packages[pkg+" "+tag] = all
	return all, nil
}

// buildContext selects files as the go command of the tree would, see Edit.Tag.
func (t *tree) buildContext(tag string) *build.Context {
	bc := build.Default
	bc.GOROOT, bc.GOOS, bc.GOARCH = t.root, t.env.GOOS, t.env.GOARCH
	bc.CgoEnabled = t.env.CGO_ENABLED == "1"
	_, minor, _ := strings.Cut(strings.TrimPrefix(version.Lang(baseVersion(t.env.GOVERSION)), "go"), ".")
	if last, err := strconv.Atoi(minor); err == nil {
		bc.ReleaseTags = nil
		for i := 1; i <= last; i++ {
			bc.ReleaseTags = append(bc.ReleaseTags, "go1."+strconv.Itoa(i))
		}
	}
	if not, is := strings.CutPrefix(tag, "!"); is {
		bc.ToolTags = slices.DeleteFunc(slices.Clone(bc.ToolTags), func(t string) bool { return t == not })
	} else if tag != "" {
		bc.BuildTags = append(bc.BuildTags[:len(bc.BuildTags):len(bc.BuildTags)], tag)
	}
	return &bc
}

type anchoredDecl struct {
	anchor string
	decl
}

// declarations lists the functions and types of a file.
func declarations(file *ast.File) []anchoredDecl {
	var all []anchoredDecl
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			anchor := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				recv := types.ExprString(d.Recv.List[0].Type)
				if strings.HasPrefix(recv, "*") {
					recv = "(" + recv + ")"
				}
				anchor = recv + "." + anchor
			}
			all = append(all, anchoredDecl{anchor, decl{name: d.Name, body: d.Body, typ: types.ExprString(d.Type)}})
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					all = append(all, anchoredDecl{"type " + s.Name.Name, typeDecl(s)})
				}
			}
		}
	}
	return all
}

func typeDecl(s *ast.TypeSpec) decl {
	d := decl{name: s.Name, typ: types.ExprString(s.Type)}
	if st, ok := s.Type.(*ast.StructType); ok {
		d.typ, d.fields = "struct", st.Fields
	}
	return d
}

// overlaps is an error when two hooks want the same text.
func overlaps(have, add map[string][]splice) error {
	for name, list := range add {
		for i, a := range list {
			for _, b := range append(slices.Clone(list[:i]), have[name]...) {
				if a.at < b.end && b.at < a.end || a.at == b.at {
					return fmt.Errorf("two hooks change one place of %s", name)
				}
			}
		}
	}
	return nil
}

// apply makes all changes to one file.
func apply(text []byte, splices []splice) []byte {
	slices.SortFunc(splices, func(a, b splice) int { return cmp.Compare(a.at, b.at) })
	var out []byte
	done := 0
	for _, s := range splices {
		out = append(out, text[done:s.at]...)
		out = append(out, s.text...)
		done = s.end
	}
	return append(out, text[done:]...)
}
