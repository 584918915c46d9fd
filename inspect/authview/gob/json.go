package gob

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// MarshalJSON writes the members in their order. A key that is no string is written as one.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.Name())
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(plain(m.Value))
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Name is the member's key as a text.
func (m Member) Name() string {
	switch k := m.Key.(type) {
	case string:
		return k
	case []byte:
		return string(k)
	case Object, List:
		b, err := json.Marshal(k)
		if err != nil {
			return "?"
		}
		return string(b)
	}
	return fmt.Sprint(m.Key)
}

// MarshalJSON writes the elements.
func (l List) MarshalJSON() ([]byte, error) {
	list := make([]any, len(l))
	for i, v := range l {
		list[i] = plain(v)
	}
	return json.Marshal(list)
}

// MarshalJSON tells how much there is of a form that nobody else knows.
func (e Encoded) MarshalJSON() ([]byte, error) {
	return json.Marshal(strings.TrimPrefix(fmt.Sprintf("%s, %d bytes of its own form", e.Type, len(e.Data)), ", "))
}

// plain makes of a value something that encoding/json takes.
func plain(v Value) any {
	switch v := v.(type) {
	case []byte:
		if utf8.Valid(v) {
			return string(v)
		}
		return v // base64
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case complex128:
		return fmt.Sprint(v)
	}
	return v
}
