package htmlcheck

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// ignoreWord begins a comment that keeps findings about the next element from being told:
//
//	<!-- pastedev-ignore obsolete attr-unknown/unknown-attribute -->
//
// It names families or codes; without a name it means all. In front of the html element it
// is about the whole page.
const ignoreWord = "pastedev-ignore"

// suppression is such a comment with the bytes that it is about.
type suppression struct {
	span  parse.Span
	names []string
}

type suppressionList []suppression

// suppressions collects the comments of a page, and tells of names in them that are of no
// family and no rule.
func suppressions(d *parse.Document, emit finding.Sink) suppressionList {
	if !strings.Contains(d.Input.Text, ignoreWord) {
		return nil
	}
	var list suppressionList
	told := 0
	for n := d.Root.FirstChild; n != nil; n = n.Following(d.Root, false) {
		if n.Kind != parse.CommentNode {
			continue
		}
		rest, ok := strings.CutPrefix(strings.TrimSpace(n.Data), ignoreWord)
		if !ok || rest != "" && strings.TrimLeft(rest, " \t\r\n,") == rest {
			continue
		}
		names := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
		told += unknownNames(n, names, maxUnknownNames-told, emit)
		if el := nextElement(n); el != nil {
			list = append(list, suppression{parse.Span{Start: n.Span.Start, End: endOf(el)}, names})
		}
	}
	return list
}

const (
	// maxIgnoredName bounds what a message repeats of a name.
	maxIgnoredName = 60
	// maxUnknownNames bounds the names that are told of in one page, as each is compared
	// with all rules: more than a person reads.
	maxUnknownNames = 20
)

// unknownNames tells of names in a comment by which nothing is ignored, up to limit of
// them, and returns how many they are.
func unknownNames(n *parse.Node, names []string, limit int, emit finding.Sink) (told int) {
	for _, name := range names {
		if told == limit || knownName(name) {
			continue
		}
		told++
		_, meant := KnownRule(name)
		if len(name) > maxIgnoredName {
			name = strings.ToValidUTF8(name[:maxIgnoredName], "") + "…"
		}
		message := "the comment ignores nothing by `" + name + "`: there is no such rule or family"
		if meant != "" {
			message += "; did you mean `" + meant + "`?"
		}
		emit(finding.Finding{Rule: "other/unknown-rule", Severity: inspect.SeverityWarning, Span: n.Span, Message: message})
	}
	return told
}

func nextElement(n *parse.Node) *parse.Node {
	for n = n.Next; n != nil && n.Kind != parse.ElementNode; n = n.Next {
	}
	return n
}

// endOf returns where an element ends: after its end tag, or where the next thing begins.
func endOf(n *parse.Node) int {
	if n.Name == "html" {
		return int(^uint(0) >> 1)
	}
	end := max(n.EndTag.End, n.Span.End)
	for c := n.FirstChild; c != nil; c = c.Following(n, false) {
		end = max(end, c.Span.End, c.EndTag.End)
	}
	return end
}

// cover reports whether a comment of the page says not to tell f.
func (list suppressionList) cover(f *finding.Finding) bool {
	for _, s := range list {
		if s.span.Start <= f.Span.Start && f.Span.Start < s.span.End && (len(s.names) == 0 || ignored(f, s.names)) {
			return true
		}
	}
	return false
}

// FamilyNames returns the families that a finding may be of.
func FamilyNames() []string {
	var names []string
	for _, f := range finding.Families() {
		names = append(names, string(f))
	}
	return names
}

// Keep returns those of another checker's findings that the options say to tell.
func Keep(list []inspect.Diagnostic, opts Options) []inspect.Diagnostic {
	kept := make([]inspect.Diagnostic, 0, len(list))
	for _, d := range list {
		family, _, _ := strings.Cut(d.Code, "/")
		if opts.ErrorsOnly && d.Severity != inspect.SeverityError || slices.Contains(opts.Ignore, family) || slices.Contains(opts.Ignore, d.Code) {
			continue
		}
		kept = append(kept, d)
	}
	return kept
}

// ignored reports whether names has the family or the code of f.
func ignored(f *finding.Finding, names []string) bool {
	return len(names) > 0 && (slices.Contains(names, string(f.Rule.Family())) || slices.Contains(names, f.Code()))
}
