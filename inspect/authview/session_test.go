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
			Session{Codec: "gob", Ends: end, Values: json.RawMessage(`{"cart":{"Items":["A"]}}`), Types: map[string]string{"cart": "main.Basket"}}},
		{"scs, empty", gobOf(scs{Deadline: end}), Session{Codec: "gob", Ends: end, Values: json.RawMessage(`{}`), Types: map[string]string{}}},
		{"scs in JSON", []byte(`{"Deadline":"2026-01-02T03:04:05Z","Values":{"n":1}}`), Session{Codec: "JSON", Ends: end, Values: json.RawMessage(`{"n":1}`)}},
		{"an object", []byte(" {\"Values\":1}\n"), Session{Codec: "JSON", Values: json.RawMessage(`{"Values":1}`)}},
		{"gorilla", gobOf(map[any]any{"n": 1}), Session{Codec: "gob", Values: json.RawMessage(`{"n":1}`), Types: map[string]string{"n": "int"}}},
		{"a struct", gobOf(struct{ User string }{"ann"}), Session{Codec: "gob", Values: json.RawMessage(`{"User":"ann"}`), Types: map[string]string{}}},
	}
	for _, tt := range tests {
		var got Session
		if err := got.Read(tt.data); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	for _, data := range []string{"", "\x00\x01", "[1]", `"text"`, "7", string(gobOf([]int{1})), strings.Repeat("x", 3<<20)} {
		if s := new(Session); s.Read([]byte(data)) == nil {
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

func TestSessionItem(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	s := Session{ID: "ab12", File: "/s/ab12.session", Changed: at.Add(-time.Minute), Expires: at.Add(29 * time.Minute), Ends: at.Add(24 * time.Hour),
		Idle: 1800, Codec: "gob", Values: json.RawMessage(`{"user":"ann"}`)}
	want := Item{Part: RequestCookie, Name: "session", Kind: Stored, Format: "kept in gob", Ref: "ab12", Fields: []Field{
		{"file", "/s/ab12.session", false},
		{"written", "2026-01-02 02:59:00 UTC (1 min before the request)", false},
		{"expires", "2026-01-02 03:29:00 UTC (29 min after the request)", false},
		{"ends", "2026-01-03 03:00:00 UTC (24 h after the request), or after 30 min without use", false},
		{"user", "ann", false},
	}}
	if diff := cmp.Diff(want, s.Item(RequestCookie, "session", at)); diff != "" {
		t.Error(diff)
	}
	s = Session{Problem: "encrypted"}
	if got := s.Item(SetCookie, "sid", at); len(got.Notes) != 1 || got.Notes[0].Text != "encrypted" {
		t.Errorf("got %+v", got)
	}
}
