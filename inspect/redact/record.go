package redact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Output returns o with its secrets masked.
func (r *Redactor) Output(o inspect.Output) inspect.Output {
	o.Text, o.Attrs = r.Text(o.Text), r.notes(o.Attrs)
	return o
}

// Build returns a copy of b with the secrets in what the tools printed and in the
// source lines of its diagnostics masked.
func (r *Redactor) Build(b inspect.Build) inspect.Build {
	b.Output = r.Text(b.Output)
	b.Diagnostics = slices.Clone(b.Diagnostics)
	for i := range b.Diagnostics {
		b.Diagnostics[i] = r.Diagnostic(b.Diagnostics[i])
	}
	return b
}

// Diagnostic returns a copy of d with its secrets masked.
func (r *Redactor) Diagnostic(d inspect.Diagnostic) inspect.Diagnostic {
	d.Message = r.forms(d.Message) // no rule by names: a compiler speaks of tokens and keys
	d.Context = r.lines(d.Context)
	return d
}

// HTML returns a copy of c with the secrets in its messages and excerpts masked.
func (r *Redactor) HTML(c *inspect.HTMLCheck) *inspect.HTMLCheck {
	if c == nil {
		return nil
	}
	m := *c
	m.Diagnostics = slices.Clone(c.Diagnostics)
	for i := range m.Diagnostics {
		d := &m.Diagnostics[i]
		d.Message, d.Context = r.forms(d.Message), slices.Clone(d.Context)
		for j := range d.Context {
			masked := r.Text(d.Context[j].Text)
			if j == 0 && masked != d.Context[j].Text { // the marked bytes are elsewhere now
				d.MarkStart, d.MarkEnd = 0, 0
			}
			d.Context[j].Text = masked
		}
	}
	return &m
}

// Status returns a copy of s with the secrets in the target's command line and in
// what went wrong masked.
func (r *Redactor) Status(s inspect.Status) inspect.Status {
	s.Target, s.Detail = r.Command(s.Target), r.Text(s.Detail)
	s.Lost = r.texts(s.Lost)
	if s.Build != nil {
		b := r.Build(*s.Build)
		s.Build = &b
	}
	s.Programs = slices.Clone(s.Programs)
	for i, p := range s.Programs {
		p.Target, p.Detail = r.Command(p.Target), r.Text(p.Detail)
		if p.Build != nil {
			b := r.Build(*p.Build)
			p.Build = &b
		}
		s.Programs[i] = p
	}
	return s
}

// Event returns a copy of e with its secrets masked; an event without any is returned
// as it is.
func (r *Redactor) Event(e inspect.Event) inspect.Event {
	switch e := e.(type) {
	case inspect.ExchangeStarted:
		e.Exchange = r.Summary(e.Exchange)
		return e
	case inspect.ExchangeFinished:
		e.Exchange = r.Exchange(e.Exchange)
		return e
	case inspect.ExchangeUpdated:
		e.Exchange = r.Exchange(e.Exchange)
		return e
	case inspect.HTMLChecked:
		e.Exchange, e.HTML = r.Summary(e.Exchange), r.HTML(e.HTML)
		return e
	case inspect.TraceRecorded:
		e.Trace = r.Trace(e.Trace)
		return e
	case inspect.ProfileRecorded:
		e.Profile = r.Profile(e.Profile)
		return e
	case inspect.ProfileProgressed:
		e.Progress.Error = r.Text(e.Progress.Error)
		return e
	case inspect.OutputWritten:
		e.Output = r.Output(e.Output)
		return e
	case inspect.BuildChanged:
		e.Build = r.Build(e.Build)
		return e
	case inspect.StateChanged:
		e.Detail = r.Text(e.Detail)
		return e
	}
	return e
}

// option: a flag with a value of its own, as it stands in a command line.
var option = regexp.MustCompile(`(^|\s)(--?[A-Za-z][\w.-]*)(\s+)([^\s-]\S*)`)

// Command returns a command line with its secrets masked: what [Redactor.Text] finds,
// and the value after a flag with a secret name.
func (r *Redactor) Command(s string) string {
	if strings.Contains(s, "-") {
		s = option.ReplaceAllStringFunc(s, func(s string) string {
			m := option.FindStringSubmatch(s)
			if !r.secretName(strings.TrimLeft(m[2], "-")) {
				return s
			}
			return m[1] + m[2] + m[3] + Mask
		})
	}
	return r.Text(s)
}

// literal: a quoted text that a name, with a word before it or a type after it, is set
// to, compared with or keyed by, in most languages.
var literal = regexp.MustCompile("((?:[A-Za-z_][A-Za-z0-9_]*\\s+)?[A-Za-z_][A-Za-z0-9_]*)([\"'`]?\\]?\\s*(?::=|[=!]=|[:=])\\s*)(\"(?:[^\"\\\\]|\\\\.)*\"?|'(?:[^'\\\\]|\\\\.)*'?|`[^`]*`?)")

// minLiteral is the length, with quotes, from which a literal may be a secret: a
// parser's "if" and "for" stand under the name token as well.
const minLiteral = 8

// Source returns a line of source with its secrets masked. Code that only speaks of
// secrets stays readable: masked are words that stand in the code itself under a name
// that can hardly mean anything else, and what is secret by its form.
func (r *Redactor) Source(s string) string {
	if strings.ContainsAny(s, "\"'`") && strings.ContainsAny(s, "=:") {
		s = literal.ReplaceAllStringFunc(s, func(s string) string {
			m := literal.FindStringSubmatch(s)
			if len(m[3]) < minLiteral || strings.Contains(m[3], " ") || !slices.ContainsFunc(strings.Fields(m[1]), r.plainlySecret) {
				return s
			}
			return m[1] + m[2] + m[3][:1] + Mask + m[3][:1]
		})
	}
	if strings.Contains(s, "=") {
		s = quoted.ReplaceAllStringFunc(s, func(s string) string {
			return assignment.ReplaceAllStringFunc(s, func(s string) string {
				if m := assignment.FindStringSubmatch(s); !r.plainlySecret(m[1]) {
					return s
				}
				return r.maskAssignment(s)
			})
		})
	}
	return r.forms(s)
}

// quoted: a text in most languages, within a line.
var quoted = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`")

// plainlySecret is secretName without the words that are common in code: key, session,
// auth and the like.
func (r *Redactor) plainlySecret(name string) bool {
	lower := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	return r.secretName(name) && (slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(lower, p) }) ||
		slices.ContainsFunc(r.Names, func(n string) bool { return strings.EqualFold(n, name) }))
}
