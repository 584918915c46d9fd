package css

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFunctions(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  []string
	}{
		{"width:foo(1px)", []string{"value foo("}},
		{"width:expression(a.b)", []string{"value expression("}},
		{"_width:expression(a - b)", []string{"value -"}},
		{"_width:expression(a)", nil},
		{"width:-x-foo(1px)", nil},
		{"-x-width:foo(1px)", nil},
		{"width:--mine(a + b ? c)", nil},
		{"width:FIT-content(2em)", nil},
		{"width:\\66oo(1)", nil},
		{"margin:1px foo()", []string{"value foo("}},
		{"background:linear-gradient(red, @x 100%)", []string{"value @x"}},
		{"color:rgb(from red r g b / 50%)", nil},
		{"color:rgb($a)", []string{"value $"}},
		{"color:var($a)", nil},
		{"width:calc(var(--a)+var(--b))", []string{"value +"}},
		{"width:calc(var(--a) + var(--b))", nil},
		{"width:calc(1em+2px)", []string{"value +2px"}},
		{"width:calc(1em +2px)", []string{"value +2px"}},
		{"width:calc(1px-2px)", []string{"value 1px-2px"}},
		{"width:calc((1px - 2px)*-1)", nil},
		{"width:calc(-1*(1px - 2px))", nil},
		{"width:calc(1px + -2px)", nil},
		{"width:calc((1px)-(2px))", []string{"value -"}},
		{"width:max(1px, 2px + 3px)", nil},
		{"width:max(1px, -2px)", nil},
		{"width:min(1px,2px -3px)", []string{"value -3px"}},
		{"margin:minmax(1px + 2px)", []string{"value +"}},
		{"background:linear-gradient(top,red,blue)", []string{"value top"}},
		{"background:linear-gradient(to top,red,blue)", nil},
		{"background-image:repeating-linear-gradient(left,red,blue)", []string{"value left"}},
		{"background:-moz-linear-gradient(top,red,blue)", nil},
		{"background:-webkit-gradient(linear, left top, from(#fff), color-stop(50%, red))", nil},
		{"background:radial-gradient(at top,red,blue)", nil},
		{"transform:translate(1,2px)", []string{"value 1"}},
		{"transform:translate(0,2px) scale(2)", nil},
		{"transform:rotate(45)", []string{"value 45"}},
		{"transform:rotate(0)", nil},
		{"filter:alpha(opacity=50)", nil},
		{"filter:alpha(opacity = 50)", []string{"value alpha(opacity = 50)"}},
		{"font-size:%a%", []string{"value %"}},
		{"font-family:a.b", []string{"value ."}},
		{"--x:foo(a ? b.c)", nil},
	} {
		if diff := cmp.Diff(tc.want, check(styled("a{"+tc.value+"}"))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.value, diff)
		}
	}
	if diff := cmp.Diff([]string{"unclosed-block ;"}, check(styled("@font-face{src:url(a);"))); diff != "" {
		t.Errorf("@font-face: (-want +got)\n%s", diff)
	}
}
