package agent

import "unicode/utf8"

// This file writes and reads the body of a frame, as the top of wire.go says. It is
// shorter and quicker than JSON on both sides, and needs no reflection, which would
// come into every program that listens.

// The upper two bits of a tag are the kind of the field; the others are its place
// in numbers, texts or lists.
const (
	kindNumber = iota << kindShift
	kindText
	kindList
	kindData
	kindShift = 6
	placeMask = 1<<kindShift - 1
)

// A new field of a Message goes to the end of one of these.

func (m *Message) numbers() [19]*int64 {
	return [...]*int64{
		&m.ID, &m.PID, &m.Errno, &m.Goroutine, &m.Time, &m.Duration, &m.Seq, &m.Rows, &m.Tx, &m.Status,
		&m.Thread, &m.Wait, &m.Count, &m.Logs, &m.SQL, &m.SQLTime, &m.Calls, &m.CallTime, &m.Panic,
	}
}

func (m *Message) texts() [16]*string {
	return [...]*string{
		&m.Type, &m.Network, &m.Address, (*string)(&m.Verdict), &m.Private, &m.Public, &m.Text, &m.Exchange,
		&m.Stream, &m.Level, &m.Kind, &m.Op, &m.Error, &m.Method, &m.Created, &m.ValueType,
	}
}

func (m *Message) lists() [4]*[]string {
	return [...]*[]string{&m.Attrs, &m.Args, &m.Frames, &m.Causes}
}

func (m *Message) datas() [1]*string { return [...]*string{&m.Data} }

// appendBody appends what follows a frame's header.
func (m *Message) appendBody(b []byte) []byte {
	b = append(b, Version)
	for i, s := range m.texts() {
		if *s != "" {
			b = appendText(append(b, kindText|byte(i)), *s)
		}
	}
	for i, n := range m.numbers() {
		if *n != 0 {
			b = appendCount(append(b, kindNumber|byte(i)), uint64(*n)<<1^uint64(*n>>63))
		}
	}
	for i, list := range m.lists() {
		if len(*list) > 0 {
			b = appendCount(append(b, kindList|byte(i)), uint64(len(*list)))
			for _, s := range *list {
				b = appendText(b, s)
			}
		}
	}
	for i, s := range m.datas() {
		if *s != "" {
			b = appendText(append(b, kindData|byte(i)), *s)
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(appendCount(b, uint64(len(s))), s...)
}

func appendCount(b []byte, n uint64) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// Parse reads the body of a frame. It is false for anything that AppendFrame of
// this version does not write, save unknown fields, which are skipped. Bytes of a
// text that are not UTF-8 become U+FFFD each. The texts of one message share their
// memory.
func Parse(body []byte) (Message, bool) {
	var m Message
	p := parser{rest: string(body)}
	if p.byte() != Version {
		return m, false
	}
	numbers, texts, lists, datas := m.numbers(), m.texts(), m.lists(), m.datas()
	for len(p.rest) > 0 && !p.failed {
		tag := p.byte()
		place := int(tag & placeMask)
		switch tag &^ placeMask {
		case kindNumber:
			n := p.count()
			if place < len(numbers) {
				*numbers[place] = int64(n>>1) ^ -int64(n&1)
			}
		case kindText:
			s := p.text()
			if place < len(texts) {
				*texts[place] = s
			}
		case kindList:
			list := p.list()
			if place < len(lists) {
				*lists[place] = list
			}
		case kindData:
			s := p.data()
			if place < len(datas) {
				*datas[place] = s
			}
		}
	}
	if p.failed || m.Type == "" {
		return Message{}, false
	}
	return m, true
}

// A parser reads a body. After the first fault failed is set, and what the methods
// return means nothing.
type parser struct {
	rest   string
	failed bool
}

func (p *parser) byte() byte {
	if p.rest == "" {
		p.failed = true
		return 0
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	return c
}

func (p *parser) count() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		c := p.byte()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	p.failed = true
	return 0
}

func (p *parser) data() string {
	n := p.count()
	if n > uint64(len(p.rest)) {
		p.failed = true
		return ""
	}
	s := p.rest[:n]
	p.rest = p.rest[n:]
	return s
}

func (p *parser) text() string {
	s := p.data()
	if !utf8.ValidString(s) {
		return string([]rune(s))
	}
	return s
}

func (p *parser) list() []string {
	n := p.count()
	if n == 0 || n > uint64(len(p.rest)) { // a text has at least one byte
		p.failed = p.failed || n > 0
		return nil
	}
	list := make([]string, 0, n)
	for range n {
		if list = append(list, p.text()); p.failed {
			return nil
		}
	}
	return list
}
