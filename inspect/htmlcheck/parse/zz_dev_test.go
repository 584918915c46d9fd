package parse

import (
	"bytes"
	"golang.org/x/net/html"
	"math/rand"
	"os"
	"strings"
	"testing"
)

func TestDevRandom(t *testing.T) {
	tags := strings.Fields("a b i font nobr p div span table tr td th tbody thead caption colgroup col select option optgroup button form input svg math mi mo annotation-xml foreignObject title desc template li ul dd dt h1 h2 ruby rt rp rtc rb pre textarea script style frameset frame body html head noscript object marquee applet image hr br img x-y plaintext iframe noframes meta link base label mglyph malignmark p p div b i a a")
	r := rand.New(rand.NewSource(int64(os.Getpid())))
	bad := 0
	n := 0
	for n = 0; n < 60000 && bad < 12; n++ {
		var b strings.Builder
		if r.Intn(2) == 0 {
			b.WriteString("<!doctype html>")
		}
		k := 1 + r.Intn(14)
		for j := 0; j < k; j++ {
			tag := tags[r.Intn(len(tags))]
			switch r.Intn(9) {
			case 0, 1, 2:
				b.WriteString("</" + tag + ">")
			case 3:
				b.WriteString("<" + tag + "/>")
			case 4:
				b.WriteString([]string{"x", " ", "\n", "y z", "&amp;", "&lt", "<!--c-->", "]]>", "<![CDATA[q]]>", "<!doctype x>"}[r.Intn(10)])
			case 5:
				b.WriteString("<" + tag + []string{" color=x", " type=hidden", " a=1", " encoding=text/html", " xlink:href=1"}[r.Intn(5)] + ">")
			default:
				b.WriteString("<" + tag + ">")
			}
		}
		doc := b.String()
		o, err := html.ParseWithOptions(bytes.NewReader([]byte(doc)), html.ParseOptionEnableScripting(false))
		if err != nil {
			continue
		}
		d := Parse([]byte(doc), Options{ContentType: "text/html; charset=utf-8"})
		checkTree(t, d, len(doc))
		if known(doc) != "" {
			continue
		}
		if g, w := dump(d), dumpOther(o); g != w {
			bad++
			t.Errorf("%q\ngot\n%s\nwant\n%s", doc, g, w)
		}
	}
	t.Log(n, bad)
}
