package datatype

import (
	"strings"
	"testing"
)

func TestLanguages(t *testing.T) {
	runValues(t, []valueTest{{"language",
		[]string{"", "en", "EN", "en-US", "de-DE-1996", "zh-Hans", "zh-Hant-HK", "zh-cmn-Hans-CN", "es-419", "en-001", "x-foo", "en-x-twain", "en-u-ca-gregory", "qaa-Qaaa-QM", "sl-rozaj",
			"be-tarask", "ar-aao", "sgn-ase", "en-GB-oxendict", "mul", "und", "nds-nl", "en-XK", "en-EU", "i-default", "be-x-old"},
		[]string{"-en", "en-", "en--US", "en_US", "en-UK", "en-USA", "en-840", "eng", "ger", "zzz", "abcd", "english", "e", "a-b", " en", "en-Abcd", "de-1996-DE", "en-US-US", "en-12345", "en-a-bbb", "x", "en-x", "en-x-a",
			"zh-CHS", "bat-smg", "en-abcdefghi", "{{ lang }}", "en,de"},
		[]string{"iw", "zh-cmn", "i-klingon", "en-GB-oed", "de-DD", "hy-arevela", "en-Latn-US", "ja-Jpan", "en-u"}}})
}

func TestLanguageMessages(t *testing.T) {
	for v, want := range map[string]string{
		"en_US": "en-US", "en-UK": "GB", "eng": "en instead of eng", "ger": "de instead of ger", "en-USA": "en-US", "iw": "write he",
	} {
		if p := checkLanguage(v); p == nil || !strings.Contains(p.Message, want) {
			t.Errorf("%q: %+v, want %q in the message", v, p, want)
		}
	}
}

func FuzzLanguage(f *testing.F) {
	for _, v := range []string{"en", "zh-cmn-Hans-CN", "en-x-a", "x-", "-", "sl-rozaj-biske-1994", "en-u", "é-US", "sgn-BE-FR"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if p := checkLanguage(v); p != nil {
			checkProblem(t, v, p, p.Warning)
		}
	})
}

func BenchmarkLanguage(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		checkLanguage("pt-BR")
	}
}
