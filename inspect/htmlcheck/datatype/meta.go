package datatype

import "strings"

func metaTypes() []Type {
	return []Type{
		{"meta-charset", "4.2.5", checkMetaCharset},
		{"keywords", "4.2.5.1", anything},
		{"email", "4.10.5.1.5", checkEmail},
		{"email-list", "4.10.5.1.5", checkEmails},
		{"xmlns", "Namespaces 3", anything},
		{"xmlns-html", "2.1.3", namespace("http://www.w3.org/1999/xhtml")},
		{"xmlns-svg", "2.1.3", namespace("http://www.w3.org/2000/svg")},
		{"xmlns-math", "2.1.3", namespace("http://www.w3.org/1998/Math/MathML")},
		{"xmlns-xlink", "2.1.3", namespace("http://www.w3.org/1999/xlink")},
	}
}

func checkMetaCharset(v string) *Problem {
	if equalFold(v, "utf-8") {
		return nil
	}
	return encodingProblem(0, 0, "must be utf-8, the only encoding of new pages")
}

// namespace takes the one name that the parser gives the element anyway.
func namespace(name string) func(string) *Problem {
	return func(v string) *Problem {
		if v == name {
			return nil
		}
		return problem(0, 0, "attr-value/namespace", "must be "+name+"; the attribute can be left out")
	}
}

// maxDomainLabel bounds a label of the domain of an email address.
const maxDomainLabel = 63

// checkEmail takes a valid e-mail address or nothing. Findings are warnings: the value is
// what the user is going to change.
func checkEmail(v string) *Problem {
	if v == "" || isEmail(v) {
		return nil
	}
	return &Problem{Rule: "attr-value/email", Warning: true, Message: "must be an e-mail address such as name@example.org"}
}

// checkEmails takes addresses with commas between them.
func checkEmails(v string) *Problem {
	if v == "" {
		return nil
	}
	for rest, more := v, true; more; {
		var item string
		item, rest, more = strings.Cut(rest, ",")
		if start, end := trimSpace(item); !isEmail(item[start:end]) {
			return &Problem{Rule: "attr-value/email", Warning: true, Message: "must be e-mail addresses with commas between them"}
		}
	}
	return nil
}

// isEmail is the grammar of 4.10.5.1.5.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" {
		return false
	}
	for i := range len(local) {
		if c := local[i]; !isAlpha(c) && !isDigit(c) && strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", c) < 0 {
			return false
		}
	}
	for rest, more := domain, true; more; {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		n := len(label)
		if n == 0 || n > maxDomainLabel || label[0] == '-' || label[n-1] == '-' {
			return false
		}
		for i := range n {
			if c := label[i]; !isAlpha(c) && !isDigit(c) && c != '-' {
				return false
			}
		}
	}
	return true
}
