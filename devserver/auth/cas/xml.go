package cas

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
)

// namespace is that of the elements of versions 2 and 3.
const namespace = "http://www.yale.edu/tp/cas"

const (
	// maxDepth bounds nesting; the protocol needs four levels.
	maxDepth = 16
	// maxAttributes bounds the values of attributes, as of a user in very many groups.
	maxAttributes = 4096
	// maxData bounds the attributes in an identity's Data, which goes into a cookie.
	maxData = 2 << 10
)

// Identity is the identity of a user and the server's attributes: Roles are the values of
// role, roles, group, groups and memberOf, each once; Data is a JSON object of all
// attributes, and empty without any or if it would be longer than 2 kB.
func Identity(user string, attributes map[string][]string) auth.Identity {
	id := auth.Identity{User: user, Method: Method}
	for _, name := range []string{"role", "roles", "group", "groups", "memberOf"} {
		for _, role := range attributes[name] {
			if role != "" && !slices.Contains(id.Roles, role) {
				id.Roles = append(id.Roles, role)
			}
		}
	}
	if len(attributes) > 0 {
		if b, err := json.Marshal(attributes); err == nil && len(b) <= maxData {
			id.Data = string(b)
		}
	}
	return id
}

// parseXML reads the answer of versions 2 and 3. It takes the elements where the schema
// has them and nowhere else, knows no entities but XML's own five, and refuses a DOCTYPE.
func parseXML(body []byte) (result, error) {
	p := answerParser{Decoder: xml.NewDecoder(bytes.NewReader(body))}
	if err := p.document(); err != nil {
		var refused *refusedError
		if errors.As(err, &refused) {
			return result{}, refused
		}
		return result{}, fmt.Errorf("cas: its answer is not what the protocol says: %w\n"+
			"hint: set Version to the protocol that the server speaks", err)
	}
	return p.result, nil
}

// answerParser reads one answer.
type answerParser struct {
	*xml.Decoder
	result
	values int
}

// next returns the next start, end or text, nil at the document's end.
func (p *answerParser) next() (xml.Token, error) {
	for {
		switch t, err := p.Token(); t := t.(type) {
		case xml.Directive:
			return nil, errors.New("it has a DOCTYPE")
		case xml.Comment, xml.ProcInst:
			continue
		default:
			if errors.Is(err, io.EOF) {
				return nil, nil
			}
			return t, err
		}
	}
}

// children calls each for every child element of the element that began last, which each
// must read to its end. Text between them is passed over.
func (p *answerParser) children(each func(xml.StartElement) error) error {
	for {
		t, err := p.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := each(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case nil:
			return io.ErrUnexpectedEOF
		}
	}
}

// text reads an element that holds nothing but text, comments left out of the middle.
func (p *answerParser) text(name string) (string, error) {
	var b strings.Builder
	for {
		t, err := p.next()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			return strings.TrimSpace(b.String()), nil
		default:
			return "", fmt.Errorf("%s holds more than text", name)
		}
	}
}

// skip reads an element that does not matter.
func (p *answerParser) skip(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("elements are nested more than %d deep", maxDepth)
	}
	return p.children(func(xml.StartElement) error { return p.skip(depth + 1) })
}

func is(e xml.StartElement, local string) bool {
	return e.Name.Space == namespace && e.Name.Local == local
}

func (p *answerParser) document() error {
	roots := 0
	for {
		t, err := p.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case nil:
			if roots != 1 {
				return errors.New("it holds no serviceResponse")
			}
			return nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return errors.New("text stands outside the root element")
			}
		case xml.StartElement:
			if roots++; roots > 1 {
				return errors.New("it has two root elements")
			}
			if !is(t, "serviceResponse") {
				return fmt.Errorf("its root is %s, not serviceResponse of %s", clip(t.Name.Local), namespace)
			}
			if err := p.response(); err != nil {
				return err
			}
		}
	}
}

// response reads serviceResponse: one success or one failure.
func (p *answerParser) response() error {
	answers := 0
	var refused error
	err := p.children(func(e xml.StartElement) error {
		switch {
		case is(e, "authenticationSuccess"):
			answers++
			return p.success()
		case is(e, "authenticationFailure"):
			answers++
			var err error
			refused, err = p.failure(e)
			return err
		}
		return p.skip(3)
	})
	switch {
	case err != nil:
		return err
	case answers != 1:
		return fmt.Errorf("it holds %d answers in place of one", answers)
	}
	return refused
}

func (p *answerParser) failure(e xml.StartElement) (refused, err error) {
	code := ""
	for _, a := range e.Attr {
		if a.Name.Local == "code" && a.Name.Space == "" {
			code = clip(a.Value)
		}
	}
	why, err := p.text("authenticationFailure")
	if err != nil {
		return nil, err
	}
	if why = strings.TrimRight(clip(why), ". "); why == "" {
		why = code
	}
	if code == "INTERNAL_ERROR" {
		return nil, fmt.Errorf("it has trouble of its own: %s", why)
	}
	return &refusedError{code, why}, nil
}

func (p *answerParser) success() error {
	users := 0
	p.attributes = map[string][]string{}
	err := p.children(func(e xml.StartElement) (err error) {
		switch {
		case is(e, "user"):
			users++
			p.user, err = p.text("user")
			return err
		case is(e, "attributes"):
			return p.children(p.attribute)
		}
		return p.skip(4)
	})
	if err == nil && users != 1 {
		err = fmt.Errorf("it names %d users in place of one", users)
	}
	return err
}

// attribute reads a child of attributes: <cas:mail>x</cas:mail>, and as some servers write
// it <cas:attribute name="mail" value="x"/>. What holds elements is passed over.
func (p *answerParser) attribute(e xml.StartElement) error {
	if p.values++; p.values > maxAttributes {
		return fmt.Errorf("it has more than %d attributes", maxAttributes)
	}
	if is(e, "attribute") && len(e.Attr) > 0 {
		var name, value string
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "name":
				name = a.Value
			case "value":
				value = a.Value
			}
		}
		if name != "" {
			p.attributes[name] = append(p.attributes[name], value)
		}
		return p.skip(6)
	}
	var text strings.Builder
	plain := true
	for {
		t, err := p.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			plain = false
			if err := p.skip(6); err != nil {
				return err
			}
		case xml.EndElement:
			if plain {
				p.attributes[e.Name.Local] = append(p.attributes[e.Name.Local], strings.TrimSpace(text.String()))
			}
			return nil
		case nil:
			return io.ErrUnexpectedEOF
		}
	}
}

// clip makes words of the server's fit for a sentence.
func clip(s string) string {
	s = strings.Map(func(c rune) rune {
		if control(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
