package authview

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect/authview/gob"
)

// A Session is what a server keeps for a visitor, read without the program that wrote it.
type Session struct {
	ID      string            `json:"id"` // by which it is ended; the cookie cannot be told from it
	File    string            `json:"file"`
	Size    int               `json:"size"`              // of the data, in bytes
	Changed time.Time         `json:"changed"`           // written last
	Expires time.Time         `json:"expires"`           // ends, unless it is used before and that moves the end
	Ends    time.Time         `json:"ends,omitzero"`     // ends at the latest; zero: the data does not say
	Idle    int64             `json:"idle_s,omitempty"`  // seconds without use that end it; 0: none, or not known
	Codec   string            `json:"codec,omitempty"`   // "gob" or "JSON"
	Values  json.RawMessage   `json:"values,omitempty"`  // an object
	Types   map[string]string `json:"types,omitempty"`   // of values, as their program names them: "main.Cart"; where the data says
	Problem string            `json:"problem,omitempty"` // why there are no values
}

var errSession = errors.New("neither gob nor JSON, or encrypted: only its program can read it")

// Read reads the data of a session into Codec, Ends, Values and Types: what alexedwards/scs
// writes in gob, an object of JSON, or any struct or map in gob.
func (s *Session) Read(data []byte) error {
	if len(data) <= maxSession && json.Valid(data) {
		return s.readJSON(bytes.TrimSpace(data))
	}
	v, err := gob.Decode(data)
	if err != nil {
		return errSession
	}
	o, ok := v.(gob.Object)
	if !ok {
		return errSession
	}
	s.Codec, s.Types = "gob", map[string]string{}
	if at, ok := o.Get("Deadline"); ok && len(o) <= 2 {
		values, _ := o.Get("Values")
		inner, _ := values.(gob.Object) // a session without values has none
		if s.Ends, ok = at.(time.Time); ok {
			o = inner
		}
	}
	if o == nil {
		o = gob.Object{}
	}
	slices.SortFunc(o, func(a, b gob.Member) int { return strings.Compare(a.Name(), b.Name()) }) // maps have no order
	for _, m := range o {
		if m.Type != "" {
			s.Types[m.Name()] = m.Type
		}
	}
	s.Values, err = json.Marshal(o)
	return err
}

// maxSession bounds the data of a session, as package session does.
const maxSession = 1 << 20

// readJSON reads an object, in which scs, when it is told to write JSON, has the values below
// a key of their own.
func (s *Session) readJSON(data []byte) error {
	if data[0] != '{' {
		return errSession
	}
	var scs struct {
		Deadline *time.Time
		Values   json.RawMessage
	}
	s.Codec, s.Values = "JSON", data
	if err := json.Unmarshal(data, &scs); err == nil && scs.Deadline != nil && len(scs.Values) > 0 && scs.Values[0] == '{' {
		s.Ends, s.Values = *scs.Deadline, scs.Values
	}
	return nil
}

// Item puts a session into words, beside the cookie of that name which is its key. at is the
// time of the request.
func (s Session) Item(part Part, cookie string, at time.Time) Item {
	d := &decoder{at: at}
	i := Item{Part: part, Name: clean(cookie, maxName), Kind: Stored, Ref: s.ID}
	if s.Codec != "" {
		i.Format = "kept in " + s.Codec
	}
	i.field("file", s.File)
	i.field("written", d.when(s.Changed))
	i.field("expires", d.when(s.Expires))
	if s.Idle > 0 {
		i.field("ends", d.when(s.Ends)+", or after "+ago(time.Duration(s.Idle)*time.Second)+" without use")
	}
	if s.Problem != "" {
		i.warn(s.Problem)
	}
	s.Describe(&i)
	return i
}

// Describe makes the fields of an item of the values of a session, in their order.
func (s Session) Describe(i *Item) {
	d := &decoder{}
	d.object(i, "", s.Values, func(_ *Item, name string, raw json.RawMessage) (string, bool) {
		if t := s.Types[name]; t != "" && t != "string" {
			return plain(raw) + " (" + t + ")", true
		}
		return "", false
	})
}
