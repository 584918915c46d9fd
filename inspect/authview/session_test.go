package authview

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// gobOf is v in gob.
func gobOf(v any) []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		panic(err) // the test's own types
	}
	return b.Bytes()
}

type basket struct{ Items []string }

// TestReadSession: what scs and others write is read without their types.
func TestReadSession(t *testing.T) {
	gob.RegisterName("main.Basket", basket{})
	end := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	type scs struct {
		Deadline time.Time
		Values   map[string]any
	}
	tests := []struct {
		name string
		data []byte
		want Session
	}{
		{"scs", gobOf(scs{end, map[string]any{"cart": basket{[]string{"A"}}}}),
			Session{"gob", end, json.RawMessage(`{"cart":{"Items":["A"]}}`), map[string]string{"cart": "main.Basket"}}},
		{"scs, empty", gobOf(scs{Deadline: end}), Session{"gob", end, json.RawMessage(`{}`), map[string]string{}}},
		{"scs in JSON", []byte(`{"Deadline":"2026-01-02T03:04:05Z","Values":{"n":1}}`), Session{"JSON", end, json.RawMessage(`{"n":1}`), nil}},
		{"an object", []byte(" {\"Values\":1}\n"), Session{Codec: "JSON", Values: json.RawMessage(`{"Values":1}`)}},
		{"gorilla", gobOf(map[any]any{"n": 1}), Session{Codec: "gob", Values: json.RawMessage(`{"n":1}`), Types: map[string]string{"n": "int"}}},
		{"a struct", gobOf(struct{ User string }{"ann"}), Session{Codec: "gob", Values: json.RawMessage(`{"User":"ann"}`), Types: map[string]string{}}},
	}
	for _, tt := range tests {
		got, err := ReadSession(tt.data)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	for _, data := range []string{"", "\x00\x01", "[1]", `"text"`, "7", string(gobOf([]int{1})), strings.Repeat("x", 3<<20)} {
		if s, err := ReadSession([]byte(data)); err == nil {
			t.Errorf("%.20q is %+v", data, s)
		}
	}
}

func TestDescribeSession(t *testing.T) {
	s := Session{Values: json.RawMessage(`{"user":"ann","api_token":"t0p","cart":{"n":[1]}}`), Types: map[string]string{"cart": "main.Basket"}}
	var i Item
	s.Describe(&i)
	want := []Field{{"user", "ann", false}, {"api_token", "t0p", true}, {"cart", `{"n":[1]} (main.Basket)`, false}}
	if diff := cmp.Diff(want, i.Fields); diff != "" {
		t.Error(diff)
	}
}
