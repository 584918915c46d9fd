package traceback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Supplementer is an error, or a value given to AddSupplement, that can say more about the
// work that failed: the template and its line, the query, the record.
//
// Paste's ancestor is __traceback_supplement__.
type Supplementer interface {
	TracebackSupplement() Supplement
}

// Supplement is what a Supplementer says. Every field may be empty.
type Supplement struct {
	Object     any    // what was worked on
	SourceURL  string // where the source of the failing text is: a template, a script
	Line       int    // in that source, 1-based
	Column     int
	Expression string   // that was evaluated
	Warnings   []string // about the object
	Info       string   // anything else, as text
	Extra      []ExtraData
}

// ExtraData is a table, a list or a value with a title.
type ExtraData struct {
	Importance Importance
	Title      string
	Value      any // map[string]string, []string, []inspect.Note, or anything that fmt can show
}

// AddSupplement makes s part of the report if this request fails. Outside of a request that
// a Catcher watches it does nothing.
func AddSupplement(ctx context.Context, s Supplementer) {
	c := carrierOf(ctx)
	if c == nil || s == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.supplements) == maxSupplements {
		c.supplements = slices.Delete(c.supplements, 0, 1)
	}
	c.supplements = append(c.supplements, s)
}

// supplement adds the sections of all supplements: of the errors in the chain, then of the
// request. They are ordered by importance, equal ones as they came.
func (c *carrier) supplement(r *Report, value any) {
	var all []Supplementer
	if err, ok := value.(error); ok {
		_ = safely(func() string { all = supplementers(err, maxCauses); return "" })
	} else if s, ok := value.(Supplementer); ok {
		all = append(all, s)
	}
	c.mu.Lock()
	all = append(all, c.supplements...)
	c.mu.Unlock()
	for _, s := range all {
		failed := safely(func() string {
			r.Sections = append(r.Sections, s.TracebackSupplement().sections(fmt.Sprintf("%T", s))...)
			return ""
		})
		if failed != "" {
			r.Notices = append(r.Notices, fmt.Sprintf("exception in supplement %T: %s", s, failed))
		}
	}
	slices.SortStableFunc(r.Sections, func(a, b Section) int { return cmp.Compare(a.Importance, b.Importance) })
}

func supplementers(err error, depth int) []Supplementer {
	if err == nil || depth == 0 {
		return nil
	}
	var out []Supplementer
	if s, ok := err.(Supplementer); ok {
		out = append(out, s)
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			out = append(out, supplementers(e, depth-1)...)
		}
		return out
	}
	return append(out, supplementers(errors.Unwrap(err), depth-1)...)
}

func (s Supplement) sections(title string) []Section {
	var rows []inspect.Note
	add := func(k, v string) {
		if v != "" {
			text, _ := cut(plain(v), maxValue)
			rows = append(rows, inspect.Note{Key: k, Value: text})
		}
	}
	if s.Object != nil {
		add("object", safely(func() string { return fmt.Sprint(s.Object) }))
	}
	at := s.SourceURL
	if s.Line > 0 {
		at += ":" + strconv.Itoa(s.Line)
		if s.Column > 0 {
			at += ":" + strconv.Itoa(s.Column)
		}
	}
	add("source", at)
	add("expression", s.Expression)
	for _, w := range s.Warnings {
		add("warning", w)
	}
	add("info", s.Info)
	var out []Section
	if len(rows) > 0 {
		out = append(out, Section{Normal, title, rows})
	}
	for _, e := range s.Extra {
		out = append(out, Section{e.Importance, oneLine(e.Title, maxHeadline), extraRows(e.Value)})
	}
	return out
}

func extraRows(v any) []inspect.Note {
	var rows []inspect.Note
	add := func(k, v string) {
		text, was := cut(plain(v), maxValue)
		if was {
			text += "…"
		}
		rows = append(rows, inspect.Note{Key: oneLine(k, maxHeadline), Value: text})
	}
	switch v := v.(type) {
	case map[string]string:
		for k, s := range v {
			add(k, s)
		}
		slices.SortFunc(rows, func(a, b inspect.Note) int { return strings.Compare(a.Key, b.Key) })
	case []string:
		for i, s := range v {
			add(strconv.Itoa(i), s)
		}
	case []inspect.Note:
		for _, n := range v {
			add(n.Key, n.Value)
		}
	default:
		add("value", safely(func() string { return fmt.Sprint(v) }))
	}
	return rows[:min(len(rows), maxShownPrints)]
}
