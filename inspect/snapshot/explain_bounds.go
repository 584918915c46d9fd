package snapshot

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-delve/delve/pkg/proc"
)

// one returns the only sentence of a set, "" when there are none or several.
func one(sentences map[string]bool) string {
	if len(sentences) == 1 {
		for s := range sentences {
			return s
		}
	}
	return ""
}

var indexMessage = regexp.MustCompile(`index out of range \[(-?\d+)\](?: with length (\d+))?`)

// explainIndex finds the index expression whose index is that of the message.
func (l *failingLine) explainIndex(message string) string {
	m := indexMessage.FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	found := map[string]bool{}
	l.nodes(func(n ast.Node) {
		ix, ok := n.(*ast.IndexExpr)
		if !ok {
			return
		}
		x, ok := l.value(ix.X)
		if !ok || !isList(x) {
			return
		}
		length, _ := lengths(x)
		if l.show(ix.Index) != m[1] || (m[2] != "" && m[2] != strconv.FormatInt(length, 10)) {
			return
		}
		text := l.text(ix) + " does not exist: "
		if !isLiteral(ix.Index) {
			text += l.text(ix.Index) + " is " + m[1] + ", "
		}
		found[text+l.text(ix.X)+" "+amount(x, length)] = true
	})
	return one(found)
}

// amount says how much a list holds.
func amount(x *proc.Variable, n int64) string {
	unit := "element"
	if x.Kind == reflect.String {
		unit = "byte"
	}
	switch n {
	case 0:
		return "is empty"
	case 1:
		return "has 1 " + unit
	}
	return fmt.Sprintf("has %d %ss", n, unit)
}

func isList(v *proc.Variable) bool {
	return v.Kind == reflect.Slice || v.Kind == reflect.Array || v.Kind == reflect.String
}

// lengths returns len and cap of a list.
func lengths(v *proc.Variable) (n, c int64) {
	if v.Kind == reflect.Slice {
		return v.Len, v.Cap
	}
	return v.Len, v.Len
}

var sliceMessage = regexp.MustCompile(`slice bounds out of range \[(-?\d*):(-?\d*)(:?)(-?\d*)\](?: with (length|capacity) (\d+))?`)

// explainSlice handles the forms [:high] with length or capacity, and [low:high].
func (l *failingLine) explainSlice(message string) string {
	m := sliceMessage.FindStringSubmatch(message)
	if m == nil || m[3] != "" {
		return "" // three-index slices are rare enough for the runtime's words
	}
	low, high := m[1], m[2]
	found := map[string]bool{}
	l.nodes(func(n ast.Node) {
		sl, ok := n.(*ast.SliceExpr)
		if !ok || sl.Slice3 {
			return
		}
		x, ok := l.value(sl.X)
		if !ok || !isList(x) {
			return
		}
		length, capacity := lengths(x)
		lowIs, highIs := "0", strconv.FormatInt(length, 10)
		lowText, highText := "the beginning", "len("+l.text(sl.X)+")"
		if sl.Low != nil {
			lowIs, lowText = l.show(sl.Low), l.text(sl.Low)
		}
		if sl.High != nil {
			highIs, highText = l.show(sl.High), l.text(sl.High)
		}
		name, bound := "len", length
		if m[5] == "capacity" {
			name, bound = "cap", capacity
		}
		switch {
		case low == "" && high == highIs && m[6] == strconv.FormatInt(bound, 10):
			found[fmt.Sprintf("%s goes beyond %s: %s%s(%s) is %d", l.text(sl), l.text(sl.X), is(sl.High, highText, highIs), name, l.text(sl.X), bound)] = true
		case low != "" && low == lowIs && (high == highIs || high == ""):
			found[fmt.Sprintf("%s ends before it begins: %s%s is %s", l.text(sl), is(sl.Low, lowText, lowIs), highText, highIs)] = true
		}
	})
	return one(found)
}

// is says what a name stands for, and nothing of a number.
func is(n ast.Expr, text, value string) string {
	if n == nil || isLiteral(n) {
		return ""
	}
	return text + " is " + value + ", "
}

// explainNilMap finds the write to an entry of a nil map.
func (l *failingLine) explainNilMap(string) string {
	found := map[string]bool{}
	target := func(n ast.Expr) {
		ix, ok := n.(*ast.IndexExpr)
		if !ok || !l.covers(ix) {
			return
		}
		if m, ok := l.value(ix.X); ok && m.Kind == reflect.Map && isNil(m) {
			found[l.text(ix.X)+" is a nil map: make it before writing to it"] = true
		}
	}
	l.nodes(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				target(e)
			}
		case *ast.IncDecStmt:
			target(n.X)
		}
	})
	return one(found)
}

// explainDivision finds the divisor that is zero.
func (l *failingLine) explainDivision(string) string {
	found := map[string]bool{}
	check := func(n ast.Node, op token.Token, y ast.Expr) {
		switch op {
		case token.QUO, token.REM, token.QUO_ASSIGN, token.REM_ASSIGN:
			if l.show(y) == "0" {
				found[l.text(y)+" is 0 in "+l.text(n)] = true
			}
		}
	}
	l.nodes(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			check(n, n.Op, n.Y)
		case *ast.AssignStmt:
			check(n, n.Tok, n.Rhs[0])
		}
	})
	return one(found)
}

var (
	otherType   = regexp.MustCompile(`interface conversion: .* is (.+), not (.+)$`)
	lacksMethod = regexp.MustCompile(`interface conversion: (.+) is not (.+): missing method (.+)$`)
)

// explainAssertion names the expression whose type was asserted.
func (l *failingLine) explainAssertion(message string) string {
	found := map[string]bool{}
	add := func(holds, want, why string) {
		l.nodes(func(n ast.Node) {
			ta, ok := n.(*ast.TypeAssertExpr)
			if !ok || ta.Type == nil {
				return
			}
			if x, ok := l.value(ta.X); ok {
				if x.Kind != reflect.Interface || (holds == "nil") != isNil(x) ||
					(!isNil(x) && typeName(&x.Children[0]) != sourceType(holds)) {
					return
				}
			}
			if holds == "nil" {
				found[l.text(ta.X)+" is nil, not "+want] = true
			} else {
				found[l.text(ta.X)+" holds "+holds+", not "+want+why] = true
			}
		})
	}
	if m := lacksMethod.FindStringSubmatch(message); m != nil {
		add(m[1], m[2], ": it has no method "+m[3])
	} else if m := otherType.FindStringSubmatch(message); m != nil {
		add(m[1], m[2], "")
	}
	return one(found)
}

func (l *failingLine) explainSend(string) string {
	found := map[string]bool{}
	l.nodes(func(n ast.Node) {
		if send, ok := n.(*ast.SendStmt); ok {
			found[l.text(send.Chan)+" was closed before this send"] = true
		}
	})
	return one(found)
}

func (l *failingLine) explainClose(message string) string {
	found := map[string]bool{}
	l.nodes(func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || l.text(call.Fun) != "close" {
			return
		}
		if strings.Contains(message, "nil") {
			found[l.text(call.Args[0])+" is a nil channel: make it before closing it"] = true
		} else {
			found[l.text(call.Args[0])+" was closed before"] = true
		}
	})
	return one(found)
}
