package traceback

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// view is what the template reads: every string in it is plain and bounded.
type view struct {
	Nonce, Script, Eval string
	Style               template.CSS
	Title, Code, Kind   string
	Seen, Build, When   string
	Headline, Type      string
	Message             string
	Hints               []string
	Causes              []inspect.Cause
	Replay, Inspector   *linkView
	Failing             *frameView
	Groups              []groupView
	CreatedBy           *frameView
	NoLocals, Pause     string
	Goroutine           int64
	Changed             []changedView
	Prints              []printView
	PrintsCut           int
	Spans               []spanView
	SpansCut            int
	Request             *Request
	Sections            []Section
	Notices             []string
	Raw, Text, Markdown string
	Apps, Others        int
}

type linkView struct{ URL, Label string }

type groupView struct {
	Fold   bool
	Label  string
	Frames []frameView
}

type frameView struct {
	Index                  int
	Name, Package, Place   string
	Dir, Base              string
	Line                   int
	Editor                 template.URL
	Origin                 inspect.FrameOrigin
	Source                 []lineView
	Args, Locals           []valueView
	Notes                  []inspect.Note
	Open, Failing, Details bool
}

type lineView struct {
	Number   int
	Tokens   []token
	Hit      bool
	CaretPad string // spaces up to the column
	Caret    bool
}

type valueView struct {
	Name, Type, Value string
	Class             string
	Children          []valueView
	Cut               int
	Open              bool
}

type printView struct{ Stream, Level, Text string }

type spanView struct {
	Kind, Text, Place, Error, Took string
	Repeat                         int
}

type changedView struct {
	File  string
	Lines []lineView
}

func newView(d *PageData) *view {
	t := &d.Trace
	v := &view{
		Nonce: d.Nonce, Style: template.CSS(pageStyle), Script: d.ScriptURL, Eval: d.EvalURL,
		Code: clean(t.Code), Kind: kindWord(t), Headline: clean(t.Headline), Type: clean(t.Type),
		Hints: t.Hints, Causes: t.Causes, Goroutine: t.Goroutine, NoLocals: clean(t.NoLocals),
		Notices: d.Notices, Sections: d.Sections, Request: d.Request, Raw: plain(t.Raw),
		Replay: newLink(d.Replay), Inspector: newLink(d.Inspector),
	}
	v.Title = strings.TrimSpace(v.Code + " " + v.Headline)
	if msg := strings.TrimSpace(plain(t.Message)); msg != v.Headline && msg != "" && typed(v.Type, msg) != v.Headline {
		v.Message, _ = cut(msg, maxMessage)
	}
	if t.Count > 1 {
		v.Seen = fmt.Sprintf("seen %d times", t.Count)
	}
	if t.Build > 0 {
		v.Build = fmt.Sprintf("build %d", t.Build)
	}
	if !t.Time.IsZero() {
		v.When = t.Time.Format("15:04:05")
	}
	if t.Pause > 0 {
		v.Pause = "the program stood still for " + inspect.FormatDuration(t.Pause.Duration()) + " to read these values"
	}
	v.Text, v.Markdown = Text(*t, TextOptions{Source: true, AllFrames: true}), Markdown(&d.Report)
	v.frames(d)
	v.inside(d)
	for _, c := range t.Changed {
		cv := changedView{File: clean(c.File)}
		for _, l := range c.Lines[:min(len(c.Lines), maxShownPrints)] {
			cv.Lines = append(cv.Lines, lineView{Number: l.Number, Tokens: highlight(plain(l.Text), t.Language)})
		}
		v.Changed = append(v.Changed, cv)
	}
	return v
}

func kindWord(t *inspect.Trace) string {
	switch {
	case t.Recovered:
		return "recovered panic"
	case t.Kind == inspect.TraceText:
		return "printed traceback"
	case t.Kind == inspect.TraceError:
		return "error answer"
	}
	return string(t.Kind)
}

func newLink(l Link) *linkView {
	if l.URL == "" {
		return nil
	}
	return &linkView{l.URL, clean(l.Label)}
}

func (v *view) frames(d *PageData) {
	t := &d.Trace
	failing, left := Failing(t), maxValues
	for _, g := range groups(t.Frames) {
		gv := groupView{Fold: g.fold, Label: g.label()}
		for i, f := range g.frames {
			fv := newFrame(d, f, g.first+i, &left)
			fv.Failing = g.first+i == failing
			gv.Frames = append(gv.Frames, fv)
			if fv.Failing {
				hero := fv
				hero.Args, hero.Locals = opened(fv.Args), opened(fv.Locals)
				v.Failing = &hero
			}
		}
		if g.fold {
			v.Others += len(g.frames)
		} else {
			v.Apps++
		}
		v.Groups = append(v.Groups, gv)
	}
	if t.CreatedBy != nil {
		fv := newFrame(d, *t.CreatedBy, -1, &left)
		v.CreatedBy = &fv
	}
}

func newFrame(d *PageData, f inspect.Frame, index int, left *int) frameView {
	fv := frameView{
		Index: index, Name: clean(frameName(f)), Package: clean(f.Package), Place: place(f), Line: f.Line,
		Origin: f.Origin, Notes: f.Notes,
		Args: values(f.Args, maxTree, left), Locals: values(f.Locals, maxTree, left),
	}
	file := clean(f.File)
	if i := strings.LastIndexAny(file, `/\`); i >= 0 {
		fv.Dir, fv.Base = file[:i+1], file[i+1:]
	} else {
		fv.Base = file
	}
	if d.Editor != nil && f.Path != "" && isAbs(f.Path) {
		fv.Editor = editorURL(d.Editor(f.Path, f.Line, f.Column))
	}
	for _, l := range f.Source {
		lv := lineView{Number: l.Number, Hit: l.Number == f.Line, Tokens: highlight(plain(l.Text), d.Trace.Language)}
		if lv.Hit && f.Column > 1 && f.Column <= len(l.Text)+1 {
			lv.Caret, lv.CaretPad = true, padding(l.Text[:f.Column-1])
		}
		fv.Source = append(fv.Source, lv)
	}
	fv.Details = len(fv.Source)+len(fv.Args)+len(fv.Locals)+len(fv.Notes) > 0
	return fv
}

// padding is as wide as s: tabs stay, everything else becomes a space.
func padding(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, plain(s))
}

// editorURL lets the schemes of editors through, which html/template does not know, and
// none that runs a script.
func editorURL(s string) template.URL {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" {
		return ""
	}
	switch strings.ToLower(strings.TrimSpace(scheme)) {
	case "javascript", "data", "vbscript", "blob":
		return ""
	}
	for _, c := range scheme {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.') {
			return ""
		}
	}
	return template.URL(s)
}

// Limits of the tree of values.
const (
	maxTree       = 8    // levels
	maxTreeWidth  = 100  // children of one value
	maxValueShown = 400  // bytes of one value's line
	maxValues     = 5000 // on a page: browsers stay quick with that many
)

// values makes the tree; left counts down what the page may still show.
func values(vars []inspect.Variable, depth int, left *int) []valueView {
	if depth == 0 {
		return nil
	}
	var out []valueView
	for i, v := range vars {
		if i == maxTreeWidth || *left <= 0 {
			break
		}
		*left--
		text, _ := cut(clean(v.Value), maxValueShown)
		if text != clean(v.Value) || v.More && len(v.Children) == 0 {
			text += "…"
		}
		vv := valueView{Name: clean(v.Name), Type: clean(v.Type), Value: text, Class: valueClass(v), Children: values(v.Children, depth-1, left)}
		if n := len(v.Children) - len(vv.Children); n > 0 {
			vv.Cut = n
		} else if v.More && int(v.Len) > len(v.Children) && len(v.Children) > 0 {
			vv.Cut = int(v.Len) - len(v.Children)
		}
		if vv.Type != "" && strings.HasPrefix(vv.Value, vv.Type) {
			vv.Type = "" // "[]string len 3" says it already
		}
		if v.Unreadable != "" {
			vv.Value = clean(v.Unreadable)
		}
		out = append(out, vv)
	}
	return out
}

// Of the failing frame's values, beside its source.
const (
	maxOpened = 8  // parts that a value may have to be shown with them from the start
	maxBeside = 72 // bytes of the line of a value with parts: they say the rest
)

// opened returns vars as they stand beside the source: small ones opened, the lines of
// large ones short.
func opened(vars []valueView) []valueView {
	vars = slices.Clone(vars)
	for i := range vars {
		v := &vars[i]
		if len(v.Children) == 0 {
			continue
		}
		v.Open = len(v.Children) > 1 && len(v.Children) <= maxOpened && v.Cut == 0
		if short, was := cut(v.Value, maxBeside); was {
			v.Value = short + "…"
		}
	}
	return vars
}

// valueClass colours a value by what it is.
func valueClass(v inspect.Variable) string {
	switch {
	case v.Unreadable != "":
		return "gone"
	case v.Value == "nil" || strings.HasSuffix(v.Value, " nil") || v.Value == "None" || v.Value == "undefined":
		return "nil"
	case strings.HasPrefix(v.Value, `"`) || strings.HasPrefix(v.Value, "`"):
		return "str"
	case v.Value == "true" || v.Value == "false" || len(v.Value) > 0 && (v.Value[0] >= '0' && v.Value[0] <= '9' || v.Value[0] == '-'):
		return "num"
	}
	return "obj"
}

// inside fills prints and spans; equal statements in a row are counted.
func (v *view) inside(d *PageData) {
	prints := lastOf(d.Prints, maxShownPrints)
	v.PrintsCut = len(d.Prints) - len(prints)
	for _, o := range prints {
		text, _ := cut(clean(o.Text), maxValue)
		v.Prints = append(v.Prints, printView{Stream: string(o.Stream), Level: clean(o.Level), Text: text})
	}
	spans := lastOf(d.Spans, maxShownSpans)
	v.SpansCut = len(d.Spans) - len(spans)
	for _, s := range spans {
		sv := spanView{Kind: string(s.Kind), Text: spanText(s), Error: oneLine(s.Error, maxValue), Took: inspect.FormatDuration(s.Duration.Duration()), Repeat: 1}
		if s.Caller != nil {
			sv.Place = fmt.Sprintf("%s:%d", clean(s.Caller.File), s.Caller.Line)
		}
		if n := len(v.Spans); n > 0 && v.Spans[n-1].Text == sv.Text && v.Spans[n-1].Place == sv.Place {
			v.Spans[n-1].Repeat++
			continue
		}
		v.Spans = append(v.Spans, sv)
	}
}
