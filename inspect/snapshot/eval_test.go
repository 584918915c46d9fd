//go:build linux && (amd64 || arm64)

package snapshot

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEval(t *testing.T) {
	s, tg := frozen(t, variant{}, "visit", LoadConfig{})
	tests := []struct{ expr, want string }{
		{"id", "int = 42"},
		{"s.users[7].Name", `string = "eve"`},
		{"len(names)", "int = 3"},
		{"names[i]", `string = "bert"`},
		{"names[1:]", "[]string = []string len 2 cap 2"},
		{"cap(queue)", "int = 3"},
		{`prices["tea"] * 2`, "float64 = 5"},
		{"u.Boss.Name == \"bob\"", "bool = true"},
		{"id + 1", "int = 43"},
		{"float64(id)", "float64 = 42"},
		{"u.Boss == nil", "bool = false"},
		{"nobody", "*main.User = nil"},
		{"notFound.(*fs.PathError).Op", `string = "open"`},
		{"*u.Boss", `main.User = main.User{ID: 1, Name: "bob", Boss: nil, Tags: nil, Since: 0001-01-01T00:00:00Z, note: nil}`},
		{"grid[1][0]", "int = 3"},
		{"wait", "time.Duration = 1.5s"},
		{"string(body)", `string = "hello\n"`},

		{"", "1: an empty expression"},
		{"id +", "5: expected operand, found 'EOF'"},
		{"nothing", "1: nothing is not known in this frame"},
		{"id + nothing", "6: nothing is not known in this frame"},
		{"later", "1: later is not known in this frame"},
		{"u.Bos", "1: u has no member Bos"},
		{"nobody.Name", "1: nobody is nil"},
		{"names[i+5]", "1: index out of bounds"},
		{`prices["milk"]`, "1: the map has no such key"},
		{"use(1)", "1: functions cannot be called: the snapshot is read-only"},
		{"1 + s.Visit(2)", "5: functions cannot be called: the snapshot is read-only"},
		{"func() {}", "1: functions cannot be called: the snapshot is read-only"},
		{"<-queue", "1: a channel cannot be received from: the snapshot is read-only"},
	}
	for _, tt := range tests {
		v, err := s.Eval(tg.goroutine, 0, tt.expr)
		got := v.Type + " = " + v.Value
		if e, ok := errors.AsType[*Error](err); ok {
			got = fmt.Sprintf("%d: %s", e.Column, e.Message)
			if e.Kind != KindExpression {
				t.Errorf("%s: kind %s", tt.expr, e.Kind)
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.expr, d)
		}
	}
	if v, err := s.Eval(tg.goroutine, 1, "s.open"); err != nil || v.Value != "true" {
		t.Errorf("s.open in the caller: %+v, %v", v, err)
	}
	if _, err := s.Eval(tg.goroutine, 99, "id"); KindOf(err) != KindNotFound {
		t.Errorf("a frame that does not exist: %v", err)
	}
}
