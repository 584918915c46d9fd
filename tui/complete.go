package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect/query"
	"github.com/pastedev/pastedev/tui/widget"
)

// completion completes the word before the cursor of the filter, as shells with a menu do:
// the first tab takes the first of what fits, the next one the next.
type completion struct {
	list []candidate
	at   int // index into list of what was taken; -1: nothing yet
}

// candidate is a field with its operator, "status:", or one with a value, "is:slow".
type candidate struct{ text, help string }

// listed are the fields whose help is the list of their values.
var listed = []string{"is", "has", "kind"}

// operatorSigns begin an operator of the filter language.
const operatorSigns = ":~=<>!"

// lastWord is the word at the end of text that can be completed, without the sign of
// negation; ok is false within quotes.
func lastWord(text string) (word string, ok bool) {
	if strings.Count(text, `"`)%2 == 1 {
		return "", false
	}
	word = text[strings.LastIndexAny(text, " (")+1:]
	return strings.TrimPrefix(word, "-"), !strings.Contains(word, `"`)
}

// candidates lists what word may become, in the order of the help.
func candidates(word string) (list []candidate) {
	word = strings.ToLower(word)
	name, _, inValue := strings.Cut(word, ":")
	for _, f := range query.Fields() {
		switch {
		case inValue && f.Name == name && slices.Contains(listed, name):
			for _, v := range valuesOf(f) {
				if c := name + ":" + v; strings.HasPrefix(c, word) {
					list = append(list, candidate{c, f.Help})
				}
			}
		case !inValue && strings.HasPrefix(f.Name, word):
			list = append(list, candidate{f.Name + operatorOf(f), f.Help})
		}
	}
	if len(list) == 1 && list[0].text == word {
		return nil // it is whole
	}
	return list
}

// operatorOf is the operator of a field's example; that of a header field comes after a name.
func operatorOf(f query.Field) string {
	rest := strings.TrimPrefix(f.Example, f.Name)
	if strings.HasSuffix(f.Name, ".") || rest == "" {
		return ""
	}
	return rest[:1]
}

// valuesOf takes the list in a help apart: "http, websocket (…) or tunnel".
func valuesOf(f query.Field) (values []string) {
	for _, part := range strings.Split(strings.ReplaceAll(f.Help, " or ", ", "), ", ") {
		v, _, _ := strings.Cut(part, " ")
		values = append(values, v)
	}
	return values
}

// fieldHelp is the field that an unfinished term names, "status:", and whether there is one.
func fieldHelp(word string) (query.Field, bool) {
	name := strings.TrimRight(strings.ToLower(word), operatorSigns)
	if name == word {
		return query.Field{}, false
	}
	for _, f := range query.Fields() {
		if f.Name == name {
			return f, true
		}
	}
	return query.Field{}, false
}

// look finds anew what fits text, the filter up to the cursor.
func (c *completion) look(text string) {
	c.list, c.at = nil, -1
	if word, ok := lastWord(text); ok {
		c.list = candidates(word)
	}
}

// key takes tab and shift+tab; it reports whether it has changed the filter.
func (c *completion) key(in *widget.Input, k tea.KeyPressMsg) bool {
	by := 1
	switch {
	case len(c.list) == 0:
		return false
	case k.String() == "shift+tab":
		by = -1
	case k.String() != "tab":
		return false
	}
	word, _ := lastWord(in.Before())
	if c.at < 0 && by < 0 {
		c.at = 0
	}
	c.at = (c.at + by + len(c.list)) % len(c.list)
	in.Replace(len([]rune(word)), c.list[c.at].text)
	return true
}

// completionView is the line below the filter that is typed: what tab makes of the word, or
// what the field means whose value is still to come. ok is false when it has nothing to say.
func (p *requests) completionView(w int) (line string, ok bool) {
	c, th := &p.comp, p.th
	before := p.input.Before()
	word, _ := lastWord(before)
	if p.qerr != nil && p.refused() && p.qerr.Pos < len(before)-len(word) {
		return "", false // what is wrong further ahead must be told
	}
	if len(c.list) == 0 {
		f, named := fieldHelp(word)
		if !named || before != p.input.Text() {
			return "", false
		}
		return widget.Ends("   "+th.Dim.Render(f.Help), th.Dim.Render(f.Example+" "), w, th.Glyph.Ellipsis), true
	}
	at := max(c.at, 0)
	help := ""
	if word != "" || c.at >= 0 {
		help = "  " + c.list[at].help + " "
	}
	room := max(w-4, 1)
	if widget.Width(help) > w/2 {
		help = ""
	}
	room -= widget.Width(help)
	from, line := at, ""
	for used := 0; from > 0; from-- { // what was taken is seen, with what comes before it where there is room
		if used += widget.Width(c.list[from].text) + 2; used > room-2 {
			from++
			break
		}
	}
	for i := from; i < len(c.list); i++ {
		st, text := th.Dim, c.list[i].text
		if i == at {
			st = th.Accent
		}
		if i == c.at {
			st = st.Underline(true)
		}
		if widget.Width(line)+widget.Width(text)+1 > room {
			line += th.Dim.Render(th.Glyph.Ellipsis)
			break
		}
		line += st.Render(text) + "  "
	}
	return widget.Ends("   "+line, th.Dim.Render(help), w, th.Glyph.Ellipsis), true
}
