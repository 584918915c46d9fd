package gob

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type item struct {
	SKU   string
	Count int
	Price float64
}

type cart struct {
	Items []item
	By    map[string]*item
	Pair  [2]int8
	Note  any
	Raw   []byte
	At    time.Time
	Big   *big.Int
}

type deep struct{ Next any }

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func register() {
	gob.RegisterName("shop.Cart", cart{})
	gob.RegisterName("shop.deep", deep{})
	gob.Register(time.Time{})
	gob.Register(map[string]int{})
}

// TestDecode holds what is read against what encoding/gob wrote: session values of all kinds.
func TestDecode(t *testing.T) {
	register()
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	full := cart{Items: []item{{"A-1", 2, 9.5}, {}}, By: map[string]*item{"x": {SKU: "B"}}, Pair: [2]int8{-1, 127}, Note: "hi",
		Raw: []byte("raw"), At: at, Big: big.NewInt(77)}
	tests := []struct {
		name string
		in   any
		want string // as JSON
	}{
		{"struct", item{"A", -3, 0.25}, `{"SKU":"A","Count":-3,"Price":0.25}`},
		{"zero struct", item{}, `{}`},
		{"int", 77, `77`},
		{"most negative", int64(math.MinInt64), `-9223372036854775808`},
		{"largest", uint64(math.MaxUint64), `18446744073709551615`},
		{"string", "ü\x00", `"ü\u0000"`},
		{"bool", true, `true`},
		{"bytes", []byte{0xff}, `"/w=="`},
		{"float", 1e300, `1e+300`},
		{"not a number", math.NaN(), `"NaN"`},
		{"complex", complex(1, -2), `"(1-2i)"`},
		{"array of arrays", [2][1]string{{"a"}, {"b"}}, `[["a"],["b"]]`},
		{"map of numbers", map[int]bool{3: true}, `{"3":true}`},
		{"map of maps", map[string]map[string]int{"a": {"b": 1}}, `{"a":{"b":1}}`},
		{"empty slice", []int{}, `[]`},
		{"time", at, `"2026-05-06T07:08:09Z"`},
		{"all together", full, `{"Items":[{"SKU":"A-1","Count":2,"Price":9.5},{}],"By":{"x":{"SKU":"B"}},"Pair":[-1,127],"Note":"hi",` +
			`"Raw":"raw","At":"2026-05-06T07:08:09Z","Big":"2 bytes of its own form"}`},
		{"interfaces", map[string]any{"cart": full.Items[0].SKU}, `{"cart":"A-1"}`},
		{"a type defined within an interface", map[string]any{"c": cart{Note: map[string]int{"n": 1}}}, `{"c":{"Pair":[0,0],"Note":{"n":1}}}`},
		{"interface within interface", map[string]any{"d": deep{deep{cart{Note: deep{7}}}}},
			`{"d":{"Next":{"Next":{"Pair":[0,0],"Note":{"Next":7}}}}}`},
		{"nil interface", struct{ A []any }{[]any{nil, 1}}, `{"A":[null,1]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Decode(encode(t, tt.in))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(plain(v))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDecodeTypes: what an interface held has the name that its program gave it.
func TestDecodeTypes(t *testing.T) {
	register()
	type session struct {
		Deadline time.Time
		Values   map[string]any
	}
	v, err := Decode(encode(t, session{time.Unix(1, 0).UTC(), map[string]any{"cart": cart{}}}))
	if err != nil {
		t.Fatal(err)
	}
	values, ok := v.(Object).Get("Values")
	if !ok || len(values.(Object)) != 1 || values.(Object)[0].Type != "shop.Cart" {
		t.Errorf("got %+v", v)
	}
	if at, _ := v.(Object).Get("Deadline"); !at.(time.Time).Equal(time.Unix(1, 0)) {
		t.Errorf("the deadline is %v", at)
	}
}

func TestDecodeRefuses(t *testing.T) {
	register()
	whole := encode(t, map[string]any{"c": cart{Note: "x"}})
	nested := deep{}
	for range 100 {
		nested = deep{nested}
	}
	tests := []struct {
		name, want string
		in         []byte
	}{
		{"nothing", "damaged", nil},
		{"text", "damaged", []byte("hello, this is no gob")},
		{"a length beyond the end", "damaged", []byte{0xfc, 0x7f, 0xff, 0xff, 0xff, 4}},
		{"an unknown type", "does not define", []byte{3, 0xff, 0x90, 0, 1}},
		{"too deep", "nested deeper", encode(t, nested)},
		{"too many", "more than", encode(t, make([]bool, maxValues+1))},
		{"too long", "longer than", make([]byte, maxBytes+1)},
	}
	for _, tt := range tests {
		if v, err := Decode(tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v; want %q", tt.name, v, err, tt.want)
		}
	}
	for n := range whole { // cut anywhere
		if v, err := Decode(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes are %v", n, len(whole), v)
		}
	}
}

// FuzzDecode: no bytes make it fail otherwise than by an error, or its value unmarshallable.
func FuzzDecode(f *testing.F) {
	register()
	f.Add(encode(f, map[string]any{"c": cart{Note: deep{1}, Big: big.NewInt(1)}}))
	f.Add(encode(f, []item{{"a", 1, 2}}))
	f.Add([]byte{3, 4, 0, 6})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err != nil {
			return
		}
		if _, err := json.Marshal(plain(v)); err != nil {
			t.Errorf("%+v: %v", v, err)
		}
	})
}
