package slog

import (
	agent "internal/syscall" // pastedev puts it there
	"time"
)

// This file joins package slog in a build made by pastedev. There every Logger
// knows what With and WithGroup gave it, and its records are on the goroutine while
// the Handler has them.

// pastedevScope is one With or WithGroup of a Logger.
type pastedevScope struct {
	outer *pastedevScope
	group string // "a.b." inside of the groups a and b
	attrs []Attr
}

// pastedevWith remembers the attributes of With.
func (l *Logger) pastedevWith(args []any) {
	if agent.Active() {
		l.pastedev = &pastedevScope{l.pastedev, l.pastedev.prefix(), argsToAttrSlice(args)}
	}
}

// pastedevWithGroup remembers the group.
func (l *Logger) pastedevWithGroup(name string) {
	if agent.Active() {
		l.pastedev = &pastedevScope{l.pastedev, l.pastedev.prefix() + name + ".", nil}
	}
}

func (s *pastedevScope) prefix() string {
	if s == nil {
		return ""
	}
	return s.group
}

// pastedevLog returns the record to end, which may be nil.
func pastedevLog(l *Logger, r *Record) *agent.Record {
	x := agent.Current()
	if x == nil || agent.Logging() {
		return nil
	}
	attrs := l.pastedev.append(nil)
	prefix := l.pastedev.prefix()
	r.Attrs(func(a Attr) bool {
		attrs = pastedevAppend(attrs, prefix, a, 0)
		return true
	})
	return x.Log(r.Level.String(), r.Message, attrs)
}

// append appends the attributes from the outermost scope inwards.
func (s *pastedevScope) append(list []string) []string {
	if s == nil {
		return list
	}
	list = s.outer.append(list)
	for _, a := range s.attrs {
		list = pastedevAppend(list, s.group, a, 0)
	}
	return list
}

// pastedevAppend appends key and text of an attribute, those of a group with its
// name before theirs.
func pastedevAppend(list []string, prefix string, a Attr, depth int) []string {
	const deepest = 8
	if a.Value.Kind() != KindGroup || depth == deepest {
		if a.Key == "" && a.Value.any == nil {
			return list
		}
		return append(list, prefix+a.Key, pastedevText(a.Value))
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, in := range a.Value.Group() {
		list = pastedevAppend(list, prefix, in, depth+1)
	}
	return list
}

// pastedevText calls no code of the program but Error, which the handler will call
// as well.
func pastedevText(v Value) string {
	switch v.Kind() {
	case KindAny:
		switch v := v.Any().(type) {
		case error:
			return agent.ErrorText(v)
		default:
			return agent.Go(v)
		}
	case KindLogValuer:
		return agent.Go(v.Any())
	case KindTime:
		return v.Time().Format(time.RFC3339Nano)
	case KindGroup:
		return "…"
	}
	return v.String()
}
