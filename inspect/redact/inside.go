package redact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// outputs returns a masked copy of lines.
func (r *Redactor) outputs(lines []inspect.Output) []inspect.Output {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i] = r.Output(lines[i])
	}
	return lines
}

// spans returns a masked copy of list.
func (r *Redactor) spans(list []inspect.Span) []inspect.Span {
	list = slices.Clone(list)
	for i := range list {
		s := &list[i]
		s.Error = r.Text(s.Error)
		if s.SQL != nil {
			sql := *s.SQL
			sql.Statement = r.Text(sql.Statement)
			sql.Args = r.texts(sql.Args)
			s.SQL = &sql
		}
		if s.Call != nil {
			call := *s.Call
			call.URL = r.URL(call.URL)
			s.Call = &call
		}
		if s.Process != nil {
			p := r.process(*s.Process)
			s.Process = &p
		}
	}
	return list
}

// process masks the environment of a program: the variables of a request's fields as those
// fields, the others by their names, and what is secret in all.
func (r *Redactor) process(p inspect.Process) inspect.Process {
	p.Program, p.Dir = r.Text(p.Program), r.Text(p.Dir)
	p.Env = slices.Clone(p.Env)
	for i := range p.Env {
		n := &p.Env[i]
		n.Value = r.variableOf(n.Key, n.Value)
	}
	return p
}

// variableOf masks the value of an environment variable.
func (r *Redactor) variableOf(name, value string) string {
	if field, ok := strings.CutPrefix(name, "HTTP_"); ok {
		return r.field(strings.ReplaceAll(field, "_", "-"), value)
	}
	switch {
	case value == "" || slices.Contains(plainVariables, name):
		return r.Text(value)
	case r.secretName(name):
		return Mask
	}
	return r.Text(value)
}

// plainVariables have names that look secret and values that are not; read only.
var plainVariables = []string{"AUTH_TYPE", "PWD", "OLDPWD", "XDG_SESSION_ID", "XDG_SESSION_TYPE", "SESSION_MANAGER", "SSH_AUTH_SOCK"}

func (r *Redactor) texts(list []string) []string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = r.Text(list[i])
	}
	return list
}

// notes masks the value under a secret name, and what is secret in the others.
func (r *Redactor) notes(list []inspect.Note) []inspect.Note {
	list = slices.Clone(list)
	for i := range list {
		n := &list[i]
		if r.secretName(n.Key) && n.Value != "" {
			n.Value = Mask
		} else {
			n.Value = r.Text(n.Value)
		}
	}
	return list
}

// Trace returns a deep copy of t with its secrets masked. nil gives nil.
func (r *Redactor) Trace(t *inspect.Trace) *inspect.Trace {
	if t == nil {
		return nil
	}
	c := *t
	c.Headline, c.Message, c.Raw = r.Text(t.Headline), r.Text(t.Message), r.Text(t.Raw)
	c.Hints = r.texts(t.Hints)
	c.Causes = r.causes(t.Causes)
	c.Frames = slices.Clone(t.Frames)
	for i := range c.Frames {
		c.Frames[i] = r.frame(c.Frames[i])
	}
	if t.CreatedBy != nil {
		f := r.frame(*t.CreatedBy)
		c.CreatedBy = &f
	}
	c.Changed = slices.Clone(t.Changed)
	for i := range c.Changed {
		c.Changed[i].Lines = r.lines(c.Changed[i].Lines)
	}
	return &c
}

// Result returns a copy of v, the value of the expression expr, with its secrets masked:
// all of it when expr names something plainly secret.
func (r *Redactor) Result(expr string, v inspect.Variable) inspect.Variable {
	under := slices.ContainsFunc(identifier.FindAllString(expr, -1), r.plainlySecret)
	return r.variable(v, under)
}

// identifier: a name in an expression, in Go's sense as far as it matters here.
var identifier = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

func (r *Redactor) causes(list []inspect.Cause) []inspect.Cause {
	list = slices.Clone(list)
	for i := range list {
		list[i].Message = r.Text(list[i].Message)
		list[i].Causes = r.causes(list[i].Causes)
	}
	return list
}

func (r *Redactor) frame(f inspect.Frame) inspect.Frame {
	f.Source = r.lines(f.Source)
	f.Args, f.Locals = r.variables(f.Args, false), r.variables(f.Locals, false)
	f.Notes = r.notes(f.Notes)
	return f
}

// lines masks lines of source.
func (r *Redactor) lines(list []inspect.SourceLine) []inspect.SourceLine {
	list = slices.Clone(list)
	for i := range list {
		list[i].Text = r.Source(list[i].Text)
	}
	return list
}
