package datatype

// checkRefresh checks the content of <meta http-equiv=refresh>: a number of seconds, or it
// with "; url=" and a URL.
func checkRefresh(v string) *Problem {
	bad := func(start, end int, message string) *Problem {
		return &Problem{Start: start, End: end, Message: message, Rule: "attr-value/refresh"}
	}
	const form = "; it must be seconds and perhaps a URL, such as \"5; url=/next\""
	i := digits(v, 0)
	switch {
	case v == "":
		return bad(0, 0, "is empty"+form)
	case i == 0:
		return bad(0, 0, "does not begin with a number of seconds"+form)
	case i == len(v):
		return nil
	case v[i] != ';':
		return bad(i, len(v), "has "+quote(v[i:])+" behind the seconds"+form)
	}
	at := skipSpace(v, i+1)
	if at == len(v) {
		return bad(i, len(v), "ends behind the semicolon"+form)
	}
	if at == i+1 {
		return bad(i, at+1, "has no space behind the semicolon"+form)
	}
	if !hasPrefixFold(v[at:], "url=") {
		return bad(at, len(v), "has "+quote(v[at:])+" where \"url=\" should be"+form)
	}
	at += len("url=")
	if at < len(v) && (v[at] == '"' || v[at] == '\'') {
		return urlProblem(at, len(v), "url/quoted", "has a quoted URL: write it without quotes, to the end of the value")
	}
	p := checkURLNonempty(v[at:])
	if p == nil || p.Warning {
		return p
	}
	if p.Start == 0 && p.End == 0 {
		if at < len(v) {
			p.Start, p.End = at, len(v)
		}
	} else {
		p.Start, p.End = at+p.Start, at+p.End
	}
	p.Message = "has a URL that " + p.Message
	return p
}
