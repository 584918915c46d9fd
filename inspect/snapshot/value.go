package snapshot

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/go-delve/delve/pkg/proc"

	"github.com/pastedev/pastedev/inspect"
)

// converter turns the reader's values into records. It stops at cycles, at the
// configured depth (the reader does not load deeper) and when left is used up.
type converter struct {
	snapshot *Snapshot
	cfg      LoadConfig
	left     int    // values that may still be made
	path     []link // pointers that lead to the current value
	app      bool   // the frame is the app's: the user decides how it is compiled
}

// link is a pointed-to value: the first field of a struct has the struct's address,
// so the type belongs to it.
type link struct {
	addr uint64
	typ  string
}

// named converts a variable of a frame.
func (c *converter) named(v *proc.Variable) inspect.Variable {
	out := c.variable(v)
	if v.Flags&proc.VariableShadowed != 0 {
		out.Name += " (shadowed)"
	}
	return out
}

func (c *converter) variable(v *proc.Variable) inspect.Variable {
	c.left--
	out := inspect.Variable{Name: v.Name, Type: typeName(v)}
	if v.Unreadable != nil {
		out.Unreadable = c.reason(v.Unreadable)
		return out
	}
	out.Value = c.short(v, lineDepth)
	if v.Kind != reflect.String && !isBytes(v) { // those have their own bound
		out.Value = cut(out.Value)
	}
	switch v.Kind {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		out.Len = v.Len
	}
	c.children(v, &out)
	return out
}

// children fills in what is inside of v.
func (c *converter) children(v *proc.Variable, out *inspect.Variable) {
	switch v.Kind {
	case reflect.Pointer:
		c.pointee(v, out)
	case reflect.Interface:
		if len(v.Children) == 1 && v.Children[0].Kind != reflect.Invalid {
			c.dynamic(&v.Children[0], out)
		}
	case reflect.Struct:
		if isTime(v) {
			return
		}
		out.More = int64(len(v.Children)) < v.Len
		c.list(v.Children, out, nil)
	case reflect.Slice, reflect.Array:
		if isBytes(v) {
			out.More = v.Len > int64(c.cfg.StringLen)
			return
		}
		out.More = int64(len(v.Children)) < v.Len
		c.list(v.Children, out, func(i int) string { return fmt.Sprintf("[%d]", i) })
	case reflect.Map:
		c.entries(v, out)
	case reflect.String:
		out.More = int64(len(stringOf(v))) < v.Len
	case reflect.Func:
		c.list(v.Children, out, nil)
	}
}

// list converts children in their order. name renames them, where it is given.
func (c *converter) list(vs []proc.Variable, out *inspect.Variable, name func(int) string) {
	for i := range vs {
		if vs[i].Name == "_" {
			continue
		}
		if c.left <= 0 {
			out.More = true
			return
		}
		child := c.variable(&vs[i])
		if name != nil {
			child.Name = name(i)
		}
		out.Children = append(out.Children, child)
	}
}

// pointee shows the fields of a pointed-to struct as those of the pointer, which is
// how Go selects them, and any other value as a child named *.
func (c *converter) pointee(v *proc.Variable, out *inspect.Variable) {
	if len(v.Children) != 1 || isNil(v) {
		return
	}
	to := &v.Children[0]
	at := link{to.Addr, typeName(to)}
	if to.OnlyAddr || slices.Contains(c.path, at) {
		out.More = true
		return
	}
	c.path = append(c.path, at)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	switch {
	case to.Unreadable != nil:
		out.Unreadable = c.reason(to.Unreadable)
	case to.Kind == reflect.Struct:
		c.children(to, out)
	case c.left <= 0:
		out.More = true
	default:
		child := c.variable(to)
		child.Name = "*"
		out.Children = []inspect.Variable{child}
	}
}

// dynamic shows what an interface holds as a child named like a type assertion.
func (c *converter) dynamic(v *proc.Variable, out *inspect.Variable) {
	if c.left <= 0 {
		out.More = true
		return
	}
	child := inspect.Variable{Type: typeName(v), More: v.OnlyAddr}
	if !v.OnlyAddr {
		child = c.variable(v)
	}
	child.Name = ".(" + child.Type + ")"
	out.Children = []inspect.Variable{child}
}

// entries shows a map, sorted by key: its own order means nothing.
func (c *converter) entries(v *proc.Variable, out *inspect.Variable) {
	out.More = int64(len(v.Children)/2) < v.Len
	type entry struct {
		key  *proc.Variable
		text string
		val  *proc.Variable
	}
	var entries []entry
	for i := 0; i+1 < len(v.Children); i += 2 {
		k := &v.Children[i]
		entries = append(entries, entry{k, c.line(k), &v.Children[i+1]})
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if d, ok := compareNumbers(a.key, b.key); ok {
			return d
		}
		return strings.Compare(a.text, b.text)
	})
	for _, e := range entries {
		if c.left <= 0 {
			out.More = true
			return
		}
		child := c.variable(e.val)
		child.Name = "[" + e.text + "]"
		out.Children = append(out.Children, child)
	}
}

// typeName is the type as Go's source writes it.
func typeName(v *proc.Variable) string {
	if v.DwarfType == nil {
		return v.Kind.String()
	}
	return sourceType(v.TypeString())
}

// sourceTypes undoes names that the compiler prefers. They are whole words wherever
// they occur: no package is called interface, no type uint8 of another meaning.
var sourceTypes = strings.NewReplacer("interface {}", "any", "[]uint8", "[]byte", "struct struct", "struct")

var packagePath = regexp.MustCompile(`[\w.%~-]+/`)

// sourceType writes a type as messages of Go do: packages by their last element.
func sourceType(name string) string {
	for packagePath.MatchString(name) {
		name = packagePath.ReplaceAllString(name, "")
	}
	return sourceTypes.Replace(name)
}

const optimizedAway = "optimized away"

// reason is plainReason with what the user can do about it.
func (c *converter) reason(err error) string {
	text := plainReason(err)
	if text == optimizedAway && c.app {
		text += ": run without --optimized"
	}
	return text
}

// plainReason says in the user's words why a value cannot be read.
func plainReason(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "loclist"), strings.Contains(text, "empty OP stack"),
		strings.Contains(text, "optimized"), strings.Contains(text, "no location"),
		strings.Contains(text, "could not find location"), strings.Contains(text, "unreadable register"):
		return optimizedAway
	case strings.Contains(text, "could not resolve interface type"):
		return "its dynamic type is lost"
	case strings.Contains(text, "nil pointer"):
		return "behind a nil pointer"
	case strings.Contains(text, "error while reading spliced memory"), strings.Contains(text, "short read"),
		strings.Contains(text, "input/output error"), strings.Contains(text, "offset"), strings.Contains(text, "EOF"):
		return "its memory is not in the snapshot"
	}
	return text
}
