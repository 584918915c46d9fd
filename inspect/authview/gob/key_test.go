package gob

import (
	"encoding/json"
	"testing"
)

// keyWithin is a stream that no program can have written: depth maps, each the key of the
// one around it. Written as JSON, each level would double what quotes the one within.
func keyWithin(depth int) []byte {
	const typeID = 65
	message := func(b ...byte) []byte { return append([]byte{byte(len(b))}, b...) }
	// -65; wireType's field 3 (mapType): common {id 65}, key 65, elem 2 (int).
	out := message(0xff, 2*typeID-1, 4, 1, 2, 0xff, 2*typeID, 0, 1, 0xff, 2*typeID, 1, 4, 0, 0)
	value := []byte{0xff, 2 * typeID, 0} // the type; no struct
	for range depth - 1 {
		value = append(value, 1) // one entry, and its key follows
	}
	value = append(value, 0) // the innermost has none
	for range depth - 1 {
		value = append(value, 2) // 1
	}
	return append(out, message(value...)...)
}

// TestMapsAreNoKeys: Go has no maps of maps' values for keys, so a stream that does is made
// to be expensive.
func TestMapsAreNoKeys(t *testing.T) {
	v, err := Decode(keyWithin(1))
	if err != nil {
		t.Fatalf("an empty map: %v", err)
	}
	if b, err := json.Marshal(v); err != nil || string(b) != "{}" {
		t.Fatalf("an empty map: %s, %v", b, err)
	}
	for _, depth := range []int{2, 22} {
		if v, err := Decode(keyWithin(depth)); err == nil {
			b, _ := json.Marshal(v)
			t.Errorf("maps as keys, %d deep: taken, and %d bytes as JSON", depth, len(b))
		}
	}
}
