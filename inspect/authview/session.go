package authview

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/pastedev/pastedev/inspect/authview/gob"
)

// A Session is what a server keeps for a visitor, read without the program that wrote it.
type Session struct {
	Codec    string            // "gob" or "JSON"
	Deadline time.Time         // when it ends at the latest; zero: the data does not say
	Values   json.RawMessage   // an object
	Types    map[string]string // of values, as their program names them: "main.Cart"; where the data says
}

var errSession = errors.New("neither gob nor JSON, or encrypted: only its program can read it")

// ReadSession reads the data of a session: what alexedwards/scs writes in gob, an object of
// JSON, or any struct or map in gob.
func ReadSession(data []byte) (Session, error) {
	if len(data) <= maxSession && json.Valid(data) {
		return jsonSession(data)
	}
	v, err := gob.Decode(data)
	if err != nil {
		return Session{}, errSession
	}
	o, ok := v.(gob.Object)
	if !ok {
		return Session{}, errSession
	}
	s := Session{Codec: "gob", Types: map[string]string{}}
	if at, ok := o.Get("Deadline"); ok && len(o) <= 2 {
		values, _ := o.Get("Values")
		inner, _ := values.(gob.Object) // a session without values has none
		if s.Deadline, ok = at.(time.Time); ok {
			o = inner
		}
	}
	if o == nil {
		o = gob.Object{}
	}
	for _, m := range o {
		if m.Type != "" {
			s.Types[m.Name()] = m.Type
		}
	}
	s.Values, err = json.Marshal(o)
	return s, err
}

// maxSession bounds the data of a session, as package session does.
const maxSession = 1 << 20

// jsonSession reads an object, in which scs, when it is told to write JSON, has the values
// below a key of their own.
func jsonSession(data []byte) (Session, error) {
	var scs struct {
		Deadline *time.Time
		Values   json.RawMessage
	}
	data = bytes.TrimSpace(data)
	if data[0] != '{' {
		return Session{}, errSession
	}
	s := Session{Codec: "JSON", Values: data}
	if err := json.Unmarshal(data, &scs); err == nil && scs.Deadline != nil && len(scs.Values) > 0 && scs.Values[0] == '{' {
		s.Deadline, s.Values = *scs.Deadline, scs.Values
	}
	return s, nil
}

// Describe makes the fields of an item of the values of a session, in their order.
func (s Session) Describe(i *Item) {
	d := &decoder{}
	d.object(i, "", s.Values, func(_ *Item, name string, raw json.RawMessage) (string, bool) {
		if t := s.Types[name]; t != "" {
			return plain(raw) + " (" + t + ")", true
		}
		return "", false
	})
}
