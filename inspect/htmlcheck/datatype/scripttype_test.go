package datatype

import "testing"

func TestScriptType(t *testing.T) {
	testValues(t, "script-type", valueCases{
		good: []string{
			"", "text/javascript", "module", "MODULE", "importmap", "speculationrules", "text/foo", "text/x-template",
			"text/html", "application/javascript", "text/ecmascript", "text/jscript", "text/babel", "text/template;a=b",
			"application/ld+json", "text/plain", "text/plain; charset=x", "text/x-handlebars-template", "text/ng-template",
		},
		bad: []string{
			"foo", "text/javascript; charset=utf-8", " text/javascript", "text/javascript ", "javascript", "text/", "/",
			"text", "text/ld json", "x/y z", "text/plain;", "foo bar", "module ", "wxs", "qml",
		},
	})
}

func TestIntegrity(t *testing.T) {
	testValues(t, "integrity", valueCases{
		good: []string{
			"", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
			"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
		},
		bad: []string{
			"sha384-", "md5-abc", "foo", "sha1-abc", "sha256:abc",
		},
		warn: []string{
			"sha256-abc", "sha256-abc sha384-def", "sha256-abc?foo", "SHA256-abc", "sha256-abc,", "sha256-!!!",
			" sha256-abc ",
		},
	})
}

func TestRefresh(t *testing.T) {
	testValues(t, "refresh", valueCases{
		good: []string{
			"0", "5", "5; url=a", "5;  url=a", "00", "5; Url=a", "5;\turl=a",
		},
		bad: []string{
			"", "-1", "+1", "1.5", ".5", "5;", "5; ", "5;url=a", "5;URL=a", "5; URL = a", "5;URL =a", "5,url=a", "5 url=a",
			"5; a", "5;a", "5;url=", "5;url='a'", "5;url='a", `5; url="a"`, "a", "url=a", " 5", "5 ", "5;url=http://[",
			"5;url=a b", "5\n;url=a", "5 ;url=a", "0;url=%zz", "5;url=a ", "5;url= a", "5;url=data:text/html,x",
			"5;url=javascript:1", "5;url=http://a.b/", "0.0;url=a", "5;;url=a",
		},
	})
}

func TestSimpleColour(t *testing.T) {
	testValues(t, "simple-colour", valueCases{
		good: []string{
			"", "#000000", "#FFFFFF",
		},
		bad: []string{
			"#fff", "000000", "#00000g", "red", "#0000000", " #000000", "rgb(0,0,0)",
		},
	})
}
