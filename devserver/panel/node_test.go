package panel

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is shown is what is there: no text of the app turns the order of what stands beside it.
func TestElementIsHonest(t *testing.T) {
	got := element("p", "", nil, "a\u202egnp\x1b[31m\u200b", node{"b", "", attrs(nil), []any{}})
	want := node{"p", "", attrs(nil), []any{`a\u202egnp\u200b`, node{"b", "", attrs(nil), []any{}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
