package redact

import (
	"slices"

	"github.com/pastedev/pastedev/inspect"
)

// CallTree returns a copy of t whose functions' names have their secrets masked:
// statements and URLs as those of spans are. Its nodes, which are numbers, are shared
// with t. nil gives nil.
func (r *Redactor) CallTree(t *inspect.CallTree) *inspect.CallTree {
	if t == nil {
		return nil
	}
	c := *t
	c.Functions = slices.Clone(t.Functions)
	for i := range c.Functions {
		c.Functions[i] = r.callFunction(c.Functions[i])
	}
	return &c
}

// callFunction masks what is data in a name. The names of functions are code: one such as
// auth.Map[token=...] there is not.
func (r *Redactor) callFunction(f inspect.CallFunction) inspect.CallFunction {
	switch f.Kind {
	case inspect.CallFunc, inspect.CallGoroutine, inspect.CallJSON, inspect.CallWait:
	case inspect.CallHTTP:
		f.Name = r.URL(f.Name)
	default:
		f.Name = r.Text(f.Name)
	}
	return f
}

// Comparison returns a copy of c with its secrets masked, as CallTree does.
func (r *Redactor) Comparison(c inspect.Comparison) inspect.Comparison {
	c.Before.Route, c.After.Route = r.Text(c.Before.Route), r.Text(c.After.Route)
	c.Verdict = r.Text(c.Verdict)
	c.Functions = slices.Clone(c.Functions)
	for i := range c.Functions {
		c.Functions[i].Function = r.callFunction(c.Functions[i].Function)
	}
	c.SQL = slices.Clone(c.SQL)
	for i := range c.SQL {
		c.SQL[i].Statement = r.Text(c.SQL[i].Statement)
	}
	c.Tree = r.CallTree(c.Tree)
	return c
}

// Profile returns p with the secrets in its texts masked. What it measured has none.
func (r *Redactor) Profile(p inspect.Profile) inspect.Profile {
	p.Route, p.Note = r.Text(p.Route), r.Text(p.Note)
	return p
}
