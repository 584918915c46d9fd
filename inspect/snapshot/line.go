package snapshot

import (
	"bytes"
	"cmp"
	"fmt"
	"go/constant"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-delve/delve/pkg/dwarf/godwarf"
	"github.com/go-delve/delve/pkg/proc"
)

// lineDepth is how many levels of structs and pointers the one-line form goes into.
const lineDepth = 2

// line is the value in one line, as Go syntax where it has any.
func (c *converter) line(v *proc.Variable) string {
	return cut(c.short(v, lineDepth))
}

// cut bounds a line to maxLine bytes, at a whole character.
func cut(s string) string {
	if len(s) <= maxLine {
		return s
	}
	end := maxLine - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

func (c *converter) short(v *proc.Variable, depth int) string {
	if v.Unreadable != nil {
		return "?"
	}
	if text, ok := errorText(v, lineDepth); ok && v.Kind != reflect.Interface {
		return typeName(v) + "(" + strconv.Quote(text) + ")"
	}
	switch v.Kind {
	case reflect.Pointer:
		return c.shortPointer(v, depth)
	case reflect.Interface:
		switch {
		case isNil(v) || len(v.Children) == 0:
			return "nil"
		case v.Children[0].OnlyAddr:
			return typeName(&v.Children[0]) + "(…)"
		}
		return c.short(&v.Children[0], depth)
	case reflect.Struct:
		if isTime(v) {
			return c.timeText(v)
		}
		return c.shortStruct(v, depth)
	case reflect.Slice, reflect.Array:
		return c.shortList(v)
	case reflect.Map:
		if v.Base == 0 {
			return "nil"
		}
		return fmt.Sprintf("%s len %d", typeName(v), v.Len)
	case reflect.Chan:
		return shortChan(v)
	case reflect.Func:
		if v.Base == 0 {
			return "nil"
		}
		return typeArguments.ReplaceAllString(stringOf(v), "[...]")
	case reflect.String:
		return quote(stringOf(v), v.Len)
	case reflect.UnsafePointer:
		if len(v.Children) == 1 {
			return fmt.Sprintf("unsafe.Pointer(%#x)", v.Children[0].Addr)
		}
	}
	return number(v)
}

func quote(s string, length int64) string {
	if int64(len(s)) < length {
		return strconv.Quote(s) + "…"
	}
	return strconv.Quote(s)
}

func (c *converter) shortPointer(v *proc.Variable, depth int) string {
	if isNil(v) {
		return "nil"
	}
	to := &v.Children[0]
	for _, l := range c.path {
		if l.addr == to.Addr && l.typ == typeName(to) {
			return fmt.Sprintf("(%s)(%#x)", typeName(v), to.Addr)
		}
	}
	if to.OnlyAddr || depth <= 0 || to.Unreadable != nil {
		return fmt.Sprintf("(%s)(%#x)", typeName(v), to.Addr)
	}
	return "&" + c.short(to, depth-1)
}

func (c *converter) shortStruct(v *proc.Variable, depth int) string {
	var b strings.Builder
	b.WriteString(typeName(v) + "{")
	if depth <= 0 || (len(v.Children) == 0 && v.Len > 0) {
		return b.String() + "…}"
	}
	for i := range v.Children {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > maxLine {
			break // it is cut anyway
		}
		b.WriteString(v.Children[i].Name + ": " + c.short(&v.Children[i], depth-1))
	}
	return b.String() + "}"
}

func (c *converter) shortList(v *proc.Variable) string {
	name := typeName(v)
	if v.Kind == reflect.Slice && v.Base == 0 {
		return "nil"
	}
	if isBytes(v) {
		return c.shortBytes(v, name)
	}
	if v.Kind == reflect.Array {
		return fmt.Sprintf("%s len %d", name, v.Len)
	}
	return fmt.Sprintf("%s len %d cap %d", name, v.Len, v.Cap)
}

// shortBytes shows text as text, anything else as numbers.
func (c *converter) shortBytes(v *proc.Variable, name string) string {
	b := c.bytes(v)
	if isText(b) {
		return name + "(" + quote(string(b), v.Len) + ")"
	}
	var out strings.Builder
	for i, x := range b {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "%#02x", x)
	}
	if int64(len(b)) < v.Len {
		out.WriteString(", …")
	}
	return name + "{" + out.String() + "}"
}

// isBytes reports whether v is a slice or an array of bytes.
func isBytes(v *proc.Variable) bool {
	var elem godwarf.Type
	switch t := v.RealType.(type) {
	case *godwarf.SliceType:
		elem = t.ElemType
	case *godwarf.ArrayType:
		elem = t.Type
	default:
		return false
	}
	u, ok := godwarf.ResolveTypedef(elem).(*godwarf.UintType)
	return ok && u.ByteSize == 1
}

// bytes reads the first bytes of v, which isBytes.
func (c *converter) bytes(v *proc.Variable) []byte {
	b := make([]byte, max(0, min(v.Len, int64(c.cfg.StringLen))))
	if _, err := c.snapshot.target.Memory().ReadMemory(b, v.Base); err != nil {
		return nil
	}
	return b
}

// isText reports whether b reads as text. Its last character may be cut off.
func isText(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	for i, r := range string(b) {
		if r == utf8.RuneError && i < len(b)-utf8.UTFMax {
			return false
		}
		if !unicode.IsPrint(r) && !bytes.ContainsRune([]byte("\n\r\t"), r) && r != utf8.RuneError {
			return false
		}
	}
	return true
}

func shortChan(v *proc.Variable) string {
	if v.Base == 0 {
		return "nil"
	}
	n, size := field(v, "qcount"), field(v, "dataqsiz")
	text := fmt.Sprintf("%s len %s cap %s", typeName(v), number(n), number(size))
	if closed := field(v, "closed"); closed != nil && number(closed) != "0" {
		text += " closed"
	}
	return text
}

// field returns the loaded field of v, or of what v points to, or nil.
func field(v *proc.Variable, name string) *proc.Variable {
	if v.Kind == reflect.Pointer && len(v.Children) == 1 {
		v = &v.Children[0]
	}
	for i := range v.Children {
		if v.Children[i].Name == name {
			return &v.Children[i]
		}
	}
	return nil
}

// number is the text of a number, a truth value or a named constant.
func number(v *proc.Variable) string {
	if v == nil || v.Value == nil {
		return "?"
	}
	switch {
	case typeName(v) == "time.Duration":
		n, _ := constant.Int64Val(v.Value)
		return time.Duration(n).String()
	case v.Kind == reflect.Float32 || v.Kind == reflect.Float64:
		return float(v)
	case v.Kind == reflect.Uintptr:
		n, _ := constant.Uint64Val(v.Value)
		return fmt.Sprintf("%#x", n)
	case v.Kind == reflect.Complex64 || v.Kind == reflect.Complex128:
		re, _ := constant.Float64Val(constant.Real(v.Value))
		im, _ := constant.Float64Val(constant.Imag(v.Value))
		return fmt.Sprint(complex(re, im))
	}
	text := v.Value.ExactString()
	if name := v.ConstDescr(); name != "" {
		return name + " (" + text + ")"
	}
	return text
}

func float(v *proc.Variable) string {
	switch v.FloatSpecial {
	case proc.FloatIsNaN:
		return "NaN"
	case proc.FloatIsPosInf:
		return "+Inf"
	case proc.FloatIsNegInf:
		return "-Inf"
	}
	bits := 64
	if v.Kind == reflect.Float32 {
		bits = 32
	}
	f, _ := constant.Float64Val(v.Value)
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// stringOf is the text that the reader put into v.Value, "" for none.
func stringOf(v *proc.Variable) string {
	if v.Value == nil || v.Value.Kind() != constant.String {
		return ""
	}
	return constant.StringVal(v.Value)
}

// isNil reports whether a value of a kind that can be nil is.
func isNil(v *proc.Variable) bool {
	switch v.Kind {
	case reflect.Pointer, reflect.UnsafePointer:
		return len(v.Children) == 0 || v.Children[0].Addr == 0
	case reflect.Interface:
		return len(v.Children) == 0 || v.Children[0].Addr == 0 && v.Children[0].Kind == reflect.Invalid
	case reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		return v.Base == 0
	}
	return false
}

// compareNumbers orders keys that are both numbers.
func compareNumbers(a, b *proc.Variable) (int, bool) {
	if a.Value == nil || b.Value == nil || a.Value.Kind() != constant.Int || b.Value.Kind() != constant.Int {
		return 0, false
	}
	x, okX := constant.Int64Val(a.Value)
	y, okY := constant.Int64Val(b.Value)
	return cmp.Compare(x, y), okX && okY
}
