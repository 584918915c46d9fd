// Package authview puts into words what requests and responses carry of who somebody is:
// Authorization headers, JWTs, tickets, signed and plain cookies, session ids.
//
// The one call to make is [Decode], with an exchange as it was recorded, before anything
// is masked; then [Mask], unless whoever looks may see secrets. Both are pure functions.
//
// The package has no keys: it reads what anybody can read and never says that a signature
// is valid. It never fails: what it cannot read it leaves out or calls opaque, and it
// looks at no more than stated bounds. Times are told relative to the request, for that is
// when they mattered. Paste had nothing like it.
package authview

import "github.com/pastedev/pastedev/inspect"

// Bounds of what is looked at.
const (
	// maxItems bounds the items of an exchange; browsers keep some 180 cookies of a site.
	maxItems = 200
	// maxValue bounds a value that is decoded: servers take headers of 8 or 16 kB.
	maxValue = 16 << 10
	// maxFields bounds the fields of one item: more is no reading matter.
	maxFields = 64
	// maxText bounds a field's value, and maxName its name.
	maxText, maxName = 2048, 128
	// maxInflated bounds a compressed payload, which may be a bomb.
	maxInflated = 64 << 10
	// maxDepth bounds how far JSON is followed for secret names.
	maxDepth = 16
)

// Part says where in an exchange an item stands.
type Part string

// The parts of an exchange.
const (
	RequestHeader  Part = "request header"
	RequestCookie  Part = "request cookie"
	RequestQuery   Part = "request query"
	ResponseHeader Part = "response header"
	SetCookie      Part = "set-cookie"
)

// Kind says what an item is.
type Kind string

// The kinds of an item.
const (
	Basic      Kind = "basic"       // user and password
	Digest     Kind = "digest"      // a response to a challenge
	Challenge  Kind = "challenge"   // what a server asks for
	JWT        Kind = "jwt"         // header and claims, signed
	Bearer     Kind = "bearer"      // an opaque token
	AuthTkt    Kind = "auth_tkt"    // a ticket of mod_auth_tkt or package ticket
	CASTicket  Kind = "cas ticket"  // to be shown once to a CAS server
	Signed     Kind = "signed"      // readable, with a signature
	Encrypted  Kind = "encrypted"   // to be read with a key only
	SessionID  Kind = "session id"  // the key to what the server keeps
	Stored     Kind = "session"     // what the server keeps; Decode knows nothing of it, see [Session]
	CSRFToken  Kind = "csrf token"  // shows that a form is the site's own
	JSON       Kind = "json"        // plain, or in base64
	URLEncoded Kind = "url-encoded" // names and values as in a query
	Opaque     Kind = "opaque"      // nothing that this package knows
)

// An Item is one credential, cookie or challenge.
type Item struct {
	Part   Part    `json:"part"`
	Name   string  `json:"name"` // of the header field, cookie or parameter
	Kind   Kind    `json:"kind"`
	Format string  `json:"format,omitempty"` // who writes it so: "Flask", "JWT in a Bearer token", …
	Fields []Field `json:"fields,omitempty"`
	Notes  []Note  `json:"notes,omitempty"`
	Ref    string  `json:"ref,omitempty"` // by which a session that the server keeps is ended; of kind Stored only
}

// A Field is one thing that an item says. Name and Value are valid UTF-8 without control
// characters, and bounded.
type Field struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Secret bool   `json:"secret,omitempty"` // whoever has it can sign in, or forge
}

// A Note is a remark on an item.
type Note struct {
	Severity inspect.Severity `json:"severity"`
	Text     string           `json:"text"`
}

// Where is the item's place in words: "request cookie sid".
func (i Item) Where() string { return string(i.Part) + " " + i.Name }

// masked stands in place of a secret, as in package redact.
const masked = "*masked*"

// Mask returns a copy of items whose secret values are gone.
func Mask(items []Item) []Item {
	out := make([]Item, len(items))
	for n, item := range items {
		fields := make([]Field, len(item.Fields))
		for i, f := range item.Fields {
			if f.Secret {
				f.Value = masked
			}
			fields[i] = f
		}
		item.Fields = fields
		out[n] = item
	}
	return out
}

func (i *Item) field(name, value string) { i.add(Field{Name: name, Value: value}) }

func (i *Item) secret(name, value string) { i.add(Field{name, value, true}) }

// add appends f, cleaned, as long as there is room.
func (i *Item) add(f Field) {
	if len(i.Fields) < maxFields {
		f.Name, f.Value = clean(f.Name, maxName), clean(f.Value, maxText)
		i.Fields = append(i.Fields, f)
	}
}

func (i *Item) info(text string) { i.note(inspect.SeverityInfo, text) }

func (i *Item) warn(text string) { i.note(inspect.SeverityWarning, text) }

func (i *Item) bad(text string) { i.note(inspect.SeverityError, text) }

func (i *Item) note(s inspect.Severity, text string) {
	if len(i.Notes) < maxFields {
		i.Notes = append(i.Notes, Note{s, clean(text, maxText)})
	}
}
