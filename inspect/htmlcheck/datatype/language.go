package datatype

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

func languageTypes() []Type {
	return []Type{
		{"language", "3.2.6.2", checkLanguage},
		{"language-or-empty", "3.2.6.2", checkLanguage},
	}
}

// maxSubtag is the longest subtag (RFC 5646 2.1).
const maxSubtag = 8

func languageProblem(start, end int, rule finding.Rule, message string) *Problem {
	return &Problem{Start: start, End: end, Rule: rule, Message: message}
}

func languageWarning(start, end int, rule finding.Rule, message string) *Problem {
	p := languageProblem(start, end, rule, message)
	p.Warning = true
	return p
}

// checkLanguage takes a language tag (BCP 47, RFC 5646) of registered subtags, or nothing.
func checkLanguage(v string) *Problem {
	if v == "" {
		return nil
	}
	for start := 0; ; {
		end := subtagEnd(v, start)
		switch n := end - start; {
		case n == 0:
			return languageProblem(max(start-1, 0), min(end+1, len(v)), "lang/syntax", "has a hyphen too many; hyphens stand between two subtags")
		case n > maxSubtag:
			return languageProblem(start, end, "lang/syntax", fmt.Sprintf("must be a language tag such as en or pt-BR; %q is longer than %d characters", clip(v[start:end]), maxSubtag))
		}
		if end == len(v) {
			break
		}
		start = end + 1
	}
	if p, whole := checkWholeTag(v); whole {
		return p
	}
	l := languageScan{s: v}
	l.next()
	return l.tag()
}

func subtagEnd(v string, start int) int {
	if i := strings.IndexByte(v[start:], '-'); i >= 0 {
		return start + i
	}
	return len(v)
}

// checkWholeTag looks up tags that are registered as a whole, most of them deprecated.
func checkWholeTag(v string) (p *Problem, whole bool) {
	for _, t := range wholeTags {
		if !equalFold(v, t.tag) {
			continue
		}
		switch {
		case t.use == "":
			return nil, true
		case t.use == "-":
			return languageWarning(0, 0, "lang/deprecated", "is a deprecated language tag"), true
		}
		return languageWarning(0, 0, "lang/deprecated", fmt.Sprintf("is a deprecated language tag; write %s", t.use)), true
	}
	return nil, false
}

// languageScan reads subtags one by one.
type languageScan struct {
	s          string
	start, end int // the subtag; start is len(s)+1 behind the last
	doubt      *Problem
}

func (l *languageScan) next() {
	if l.end > 0 {
		l.start = l.end + 1
	}
	if l.start <= len(l.s) {
		l.end = subtagEnd(l.s, l.start)
	}
}

func (l *languageScan) done() bool { return l.start > len(l.s) }

// is reports a subtag of low to high characters that are letters, or digits where they are
// allowed.
func (l *languageScan) is(low, high int, letters, numbers bool) bool {
	if l.done() || l.end-l.start < low || l.end-l.start > high {
		return false
	}
	for i := l.start; i < l.end; i++ {
		if c := l.s[i]; !(letters && isAlpha(c)) && !(numbers && isDigit(c)) {
			return false
		}
	}
	return true
}

func (l *languageScan) text() string { return l.s[l.start:l.end] }

func (l *languageScan) fail(rule finding.Rule, message string) *Problem {
	return languageProblem(l.start, l.end, rule, message)
}

// tag reads language, extlang, script, region, variants, extensions and private use. The
// first doubt is kept until it is clear that there is no error.
func (l *languageScan) tag() *Problem {
	if equalFold(l.text(), "x") {
		return l.private()
	}
	primary := l.text()
	p := l.primary(primary)
	if p == nil {
		p = l.extlang(primary)
	}
	if p == nil {
		p = l.script(primary)
	}
	if p == nil {
		p = l.region()
	}
	if p == nil {
		p = l.variants()
	}
	if p == nil {
		p = l.extensions()
	}
	switch {
	case p != nil:
		return p
	case l.done():
		return l.doubt
	case equalFold(l.text(), "x"):
		if p := l.private(); p != nil {
			return p
		}
		return l.doubt
	}
	return l.fail("lang/syntax", fmt.Sprintf("has %q where no subtag of this form can be; the order is language, script, region, variant", clip(l.text())))
}

func (l *languageScan) note(p *Problem) {
	if l.doubt == nil {
		l.doubt = p
	}
}

func (l *languageScan) primary(primary string) *Problem {
	if !l.is(2, maxSubtag, true, false) {
		if i := strings.IndexByte(primary, '_'); i >= 0 {
			return l.fail("lang/syntax", fmt.Sprintf("must have hyphens, not underscores: %s", strings.ReplaceAll(clip(l.s), "_", "-")))
		}
		return l.fail("lang/language", fmt.Sprintf("must begin with a language code of two or three letters; %q is none", clip(primary)))
	}
	if i := slices.IndexFunc(bibliographicCodes[:], func(b [2]string) bool { return equalFold(primary, b[0]) }); i >= 0 {
		return l.fail("lang/language", fmt.Sprintf("must begin with a registered language code: %s instead of %s", bibliographicCodes[i][1], primary))
	}
	base, err := language.ParseBase(primary)
	switch {
	case len(primary) > 3 || err != nil && !isPrivateLanguage(primary):
		return l.fail("lang/language", fmt.Sprintf("must begin with a registered language code; %q is none", clip(primary)))
	case err == nil && len(primary) == 3 && len(base.String()) == 2:
		return l.fail("lang/language", fmt.Sprintf("must have the two-letter code of the language, where there is one: %s instead of %s", base, primary))
	}
	if i := slices.IndexFunc(deprecatedLanguages[:], func(d [2]string) bool { return equalFold(primary, d[0]) }); i >= 0 {
		l.note(languageWarning(l.start, l.end, "lang/deprecated", fmt.Sprintf("has the deprecated language code %s; write %s", primary, deprecatedLanguages[i][1])))
	}
	l.next()
	return nil
}

// isPrivateLanguage reports qaa to qtz.
func isPrivateLanguage(s string) bool {
	return len(s) == 3 && s[0]|0x20 == 'q' && s[1]|0x20 >= 'a' && s[1]|0x20 <= 't'
}

// extlang reads a language within a macrolanguage.
func (l *languageScan) extlang(primary string) *Problem {
	if !l.is(3, 3, true, false) {
		return nil
	}
	if !isExtlang(primary, l.text()) {
		message := fmt.Sprintf("has %q where a script, a region of two letters or nothing must be", l.text())
		if region, err := language.ParseRegion(l.text()); err == nil {
			message = fmt.Sprintf("must have the two-letter code of the region: %s-%s", primary, region)
		}
		return l.fail("lang/extlang", message)
	}
	l.next()
	return nil
}

// isExtlang reports a language that belongs to the macrolanguage.
func isExtlang(macro, code string) bool {
	if equalFold(macro, "sgn") {
		_, err := language.ParseBase(code)
		return err == nil
	}
	for _, e := range extlangs {
		if equalFold(macro, e.macro) {
			return slices.Contains(strings.Fields(e.members), strings.ToLower(code))
		}
	}
	return false
}

func (l *languageScan) script(primary string) *Problem {
	if !l.is(4, 4, true, false) {
		return nil
	}
	script, err := language.ParseScript(l.text())
	if err != nil && !isPrivateScript(l.text()) {
		return l.fail("lang/script", fmt.Sprintf("has %q where a registered script such as Latn or Cyrl must be", l.text()))
	}
	if base, e := language.ParseBase(primary); err == nil && e == nil {
		if tag, e := language.Raw.Compose(base); e == nil {
			if usual, confidence := tag.Script(); confidence >= language.High && usual == script {
				l.note(languageWarning(l.start, l.end, "lang/default-script", fmt.Sprintf("needs no script: %s is what %s is written in", script, primary)))
			}
		}
	}
	l.next()
	return nil
}

// isPrivateScript reports Qaaa to Qabx.
func isPrivateScript(s string) bool {
	return hasPrefixFold(s, "qaa") || hasPrefixFold(s, "qab") && s[3]|0x20 <= 'x'
}

func (l *languageScan) region() *Problem {
	if !l.is(2, 2, true, false) && !l.is(3, 3, false, true) {
		return nil
	}
	code := l.text()
	region, err := language.ParseRegion(code)
	switch {
	case isPrivateRegion(code):
	case slices.ContainsFunc(deprecatedRegions[:], func(r string) bool { return equalFold(code, r) }):
		l.note(languageWarning(l.start, l.end, "lang/deprecated", fmt.Sprintf("has the region %s, which is deprecated", code)))
	case err != nil:
		return l.fail("lang/region", fmt.Sprintf("has %q where a registered region such as US or 419 must be", code))
	case equalFold(code, "uk"):
		return l.fail("lang/region", "has the region "+code+", which is not registered; the United Kingdom is GB")
	case !strings.EqualFold(region.String(), code):
		return l.fail("lang/region", fmt.Sprintf("has the region %s, which is not registered; write %s", code, region))
	}
	l.next()
	return nil
}

// isPrivateRegion reports AA, QM to QZ, XA to XZ and ZZ.
func isPrivateRegion(s string) bool {
	if len(s) != 2 {
		return false
	}
	a, b := s[0]|0x20, s[1]|0x20
	return a == 'x' || a == 'q' && b >= 'm' || a == b && (a == 'a' || a == 'z')
}

func (l *languageScan) variants() *Problem {
	for l.is(5, maxSubtag, true, true) || l.is(4, 4, true, true) && isDigit(l.s[l.start]) {
		code := l.text()
		if _, err := language.ParseVariant(code); err != nil && !slices.ContainsFunc(moreVariants[:], func(v string) bool { return equalFold(code, v) }) {
			return l.fail("lang/variant", fmt.Sprintf("has the variant %q, which is not registered", code))
		}
		if i := slices.IndexFunc(deprecatedVariants[:], func(d string) bool { return equalFold(code, d) }); i >= 0 {
			l.note(languageWarning(l.start, l.end, "lang/deprecated", fmt.Sprintf("has the variant %s, which is deprecated", code)))
		}
		l.next()
	}
	return nil
}

// extensions reads the two registered extensions, t and u, up to the end of the tag: what
// they say is theirs.
func (l *languageScan) extensions() *Problem {
	if !l.is(1, 1, true, true) || equalFold(l.text(), "x") {
		return nil
	}
	if !equalFold(l.text(), "t") && !equalFold(l.text(), "u") {
		return l.fail("lang/extension", fmt.Sprintf("has the extension %q; only t, u and x are registered", l.text()))
	}
	if l.end == len(l.s) {
		l.note(languageWarning(0, 0, "lang/extension", "has an extension with nothing in it"))
	}
	l.start = len(l.s) + 1
	return nil
}

// private reads x and what follows it.
func (l *languageScan) private() *Problem {
	if l.next(); l.done() {
		return languageProblem(0, 0, "lang/private-use", `has nothing after the "x" of private use`)
	}
	for ; !l.done(); l.next() {
		switch {
		case l.end-l.start < 2:
			return l.fail("lang/private-use", "has a private-use subtag of one character; two to eight are right")
		case !l.is(2, maxSubtag, true, true):
			return l.fail("lang/private-use", "has a private-use subtag with something else than letters and digits")
		}
	}
	return nil
}
