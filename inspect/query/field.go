package query

import (
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Field describes one field of the language, for completion and help.
type Field struct {
	Name    string // as it is written; "header." stands before a header's name
	Help    string // one line
	Example string // a term
}

// field is a Field with its meaning.
type field struct {
	Field
	term func(name, op string, v value, p *parser) (test func(*candidate) bool, err error)
}

// fields lists all fields in the order of the help.
func fields() []field {
	return []field{
		{Field{"status", "status code, class or range", "status:5xx"}, statusTerm},
		{Field{"method", "request method", "method:POST"}, listTerm(func(s *inspect.Summary) string { return s.Method })},
		{Field{"path", "path of the URL; * stands for anything", "path:/cart*"}, summaryText(func(s *inspect.Summary) string { return s.Path })},
		{Field{"url", "whole URL", "url:page=2"}, summaryText(func(s *inspect.Summary) string { return s.URL })},
		{Field{"host", "host the client asked for", "host:localhost:8080"}, summaryText(func(s *inspect.Summary) string { return s.Host })},
		{Field{"type", "content type of the response: json, html, css, js, image, ... or text in it", "type:json"}, typeTerm},
		{Field{"dur", "duration, in ms unless a unit follows", "dur>200ms"}, quantityTerm("a duration such as 200ms or 1.5s", durationUnits,
			func(s *inspect.Summary) int64 { return int64(s.Duration) })},
		{Field{"size", "response body as sent, in bytes unless a unit follows (1 kb is 1024)", "size>1mb"}, quantityTerm("a size such as 512, 20kb or 1mb", sizeUnits,
			func(s *inspect.Summary) int64 { return s.ResponseSize })},
		{Field{"reqsize", "request body as sent", "reqsize>1kb"}, quantityTerm("a size such as 512, 20kb or 1mb", sizeUnits,
			func(s *inspect.Summary) int64 { return s.RequestSize })},
		{Field{"build", "number of the build that answered", "build:12"}, numberTerm(func(s *inspect.Summary) int64 { return int64(s.Build) })},
		{Field{"sql", "calls of database/sql", "sql>10"}, numberTerm(func(s *inspect.Summary) int64 { return int64(s.Sums.SQL) })},
		{Field{"sqltime", "time in database/sql, in ms unless a unit follows", "sqltime>50ms"}, quantityTerm("a duration such as 50ms or 1.5s", durationUnits,
			func(s *inspect.Summary) int64 { return int64(s.Sums.SQLTime) })},
		{Field{"calls", "outgoing requests", "calls>2"}, numberTerm(func(s *inspect.Summary) int64 { return int64(s.Sums.Calls) })},
		{Field{"logs", "lines printed or logged", "logs>0"}, numberTerm(func(s *inspect.Summary) int64 { return int64(s.Sums.Logs) })},
		{Field{"errors", "panics and other failures", "errors>0"}, numberTerm(func(s *inspect.Summary) int64 { return int64(s.Sums.Errors) })},
		{Field{"out", "text that was printed or logged, values of attributes too", `out:"not found"`}, insideTerm(hasLogs, printed)},
		{Field{"level", "level of a log record", "level:error"}, insideTerm(hasLogs, levels)},
		{Field{"statement", "SQL statement", "statement:users"}, insideTerm(hasSQL, statements)},
		{Field{"verdict", "what got slower since the build before", "verdict:loadCart"}, summaryText(func(s *inspect.Summary) string { return s.Verdict })},
		{Field{"html", "errors in the HTML of the answer", "html>0"}, numberTerm(func(s *inspect.Summary) int64 { return int64(s.Sums.HTMLErrors) })},
		{Field{"rule", "code or message of an HTML finding", "rule:id-ref"}, insideTerm(hasHTML, findings)},
		{Field{"since", "arrived after an age or time", "since:5m"}, sinceTerm},
		{Field{"before", "arrived before an age or time", "before:14:30"}, sinceTerm},
		{Field{"id", "beginning of the id", "id:4bf9"}, prefixTerm(func(s *inspect.Summary) inspect.ID { return s.ID })},
		{Field{"page", "beginning of the id of the page that asked", "page:4bf9"}, prefixTerm(func(s *inspect.Summary) inspect.ID { return s.Page })},
		{Field{"client", "address of the client", "client:127.0.0.1"}, summaryText(func(s *inspect.Summary) string { return s.Client })},
		{Field{"proto", "protocol of the client's side", "proto:HTTP/2"}, summaryText(func(s *inspect.Summary) string { return s.Proto })},
		{Field{"kind", "http, websocket, upgrade or tunnel", "kind:websocket"}, kindTerm},
		{Field{"error", "what went wrong on the way", "error:refused"}, summaryText(func(s *inspect.Summary) string { return s.Error })},
		{Field{"parent", "beginning of the id of the exchange that it is a sub-request of", "parent:4bf9"}, prefixTerm(func(s *inspect.Summary) inspect.ID { return s.Parent })},
		{Field{"mount", "path that pastedev serve has what answered at", "mount:/api"}, mountTerm},
		{Field{"is", "error, replay, slow, slower (than with the build before), static, inflight or sub (a sub-request)", "is:error"}, isTerm},
		{Field{"has", "trace, sql, calls, logs, tree, html, verdict, children, process, error, body, reqbody, page or build", "has:trace"}, hasTerm},
		{Field{"header.", "header field of either side; header.x:* when present", "header.content-type:json"}, headerTerm(request, response)},
		{Field{"req.header.", "header field of the request", "req.header.accept:html"}, headerTerm(request)},
		{Field{"res.header.", "header field of the response", "res.header.location:/login"}, headerTerm(response)},
		{Field{"body", "body of either side, decoded", `body~"card \d+"`}, bodyTerm(request, response)},
		{Field{"req.body", "body of the request", "req.body:password"}, bodyTerm(request)},
		{Field{"res.body", "body of the response", `res.body:"not found"`}, bodyTerm(response)},
	}
}

// Fields lists the fields of the language with their help, in the order of the help.
func Fields() []Field {
	var list []Field
	for _, f := range fields() {
		list = append(list, f.Field)
	}
	return list
}

// alias returns the field that name stands for. Other tools have taught people other
// words.
func alias(name string) string {
	switch name {
	case "duration", "time":
		return "dur"
	case "after":
		return "since"
	case "content-type", "mime":
		return "type"
	case "code":
		return "status"
	case "resp.body":
		return "res.body"
	}
	if rest, ok := strings.CutPrefix(name, "resp.header."); ok {
		return "res.header." + rest
	}
	return name
}

// fieldTerm reads the value after a field and its operator, both already taken.
func (p *parser) fieldTerm(at int, name, op string) (node, error) {
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	canonical := alias(strings.ToLower(name))
	if op == ":" && !v.quoted { // status:>=400 is how others write status>=400
		for _, o := range operators {
			if o != ":" && o != "~" && strings.HasPrefix(v.text, o) {
				op, v.text, v.pos, v.len = o, v.text[len(o):], v.pos+len(o), v.len-len(o)
				break
			}
		}
	}
	for _, f := range fields() {
		whole, param := f.Name == canonical, ""
		if strings.HasSuffix(f.Name, ".") {
			param, whole = strings.CutPrefix(canonical, f.Name)
		}
		if !whole {
			continue
		}
		if strings.HasSuffix(f.Name, ".") && param == "" {
			return nil, &Error{Pos: at, Len: len(name), Message: f.Name + " needs the name of a header field", Suggestion: f.Name + "x"}
		}
		test, err := f.term(canonical, op, v, p)
		if err != nil {
			return nil, err
		}
		text := canonical + op + spell(v.text)
		if v.quoted {
			text = canonical + op + quote(v.text)
		}
		return term{text: text, reads: beyondSummary(f.Name), test: test}, nil
	}
	return nil, p.unknownField(at, name, canonical)
}

// beyondSummary reports whether a field is known only from the whole exchange.
func beyondSummary(name string) bool {
	return strings.Contains(name, "header.") || strings.HasSuffix(name, "body") ||
		name == "out" || name == "level" || name == "statement" || name == "rule"
}

func (p *parser) unknownField(at int, name, canonical string) error {
	var names []string
	for _, f := range fields() {
		if strings.HasSuffix(f.Name, ".") {
			f.Name += "x" // the name of a header field belongs to it
		}
		names = append(names, f.Name)
		if canonical+".x" == f.Name {
			return &Error{Pos: at, Len: len(name), Message: name + " needs the name of a header field", Suggestion: f.Name}
		}
	}
	suggestion := Nearest(canonical, names)
	if suggestion == "" { // a word such as localhost:8080
		return &Error{Pos: at, Len: p.pos - at, Message: "unknown field \"" + name + "\"", Suggestion: quote(p.text[at:p.pos])}
	}
	return &Error{Pos: at, Len: len(name), Message: "unknown field \"" + name + "\"", Suggestion: suggestion}
}

func summaryText(get func(*inspect.Summary) string) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		test, err := textTest(name, op, v)
		return func(c *candidate) bool { return test(get(c.s)) }, err
	}
}

func numberTerm(get func(*inspect.Summary) int64) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		n, err := number(v, name)
		if err != nil {
			return nil, err
		}
		return numeric(name, op, v, n, get)
	}
}

func numeric(name, op string, v value, n int64, get func(*inspect.Summary) int64) (func(*candidate) bool, error) {
	if op == "~" {
		return nil, v.errorf("", "%s is a number and has no text to match", name)
	}
	test := compare(op, n)
	return func(c *candidate) bool { return test(get(c.s)) }, nil
}

func quantityTerm(what string, units []unit, get func(*inspect.Summary) int64) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		n, ok := quantity(v.text, units)
		if !ok {
			return nil, v.errorf("", "%s takes %s, not %q", name, what, v.text)
		}
		return numeric(name, op, v, n, get)
	}
}

func statusTerm(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
	get := func(s *inspect.Summary) int64 { return int64(s.Status) }
	if op != ":" && op != "=" && op != "!=" {
		n, err := number(v, name)
		if err != nil {
			return nil, err
		}
		return numeric(name, op, v, n, get)
	}
	test, err := statusTest(v)
	return func(c *candidate) bool { return test(get(c.s)) != (op == "!=") }, err
}

// listTerm is for fields whose values are single words: a comma list of them, in any case.
func listTerm(get func(*inspect.Summary) string) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
		if op == "~" || strings.ContainsAny(v.text, "*?") || op != ":" && op != "=" && op != "!=" || v.text == "" {
			test, err := textTest(name, op, v)
			return func(c *candidate) bool { return test(get(c.s)) }, err
		}
		words := strings.Split(v.text, ",")
		return func(c *candidate) bool {
			got := get(c.s)
			return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, got) }) != (op == "!=")
		}, nil
	}
}

func kindTerm(name, op string, v value, p *parser) (func(*candidate) bool, error) {
	known := []string{string(inspect.KindHTTP), string(inspect.KindWebSocket), string(inspect.KindUpgrade), string(inspect.KindTunnel)}
	if op != "~" && !strings.ContainsAny(v.text, "*?") {
		for w := range strings.SplitSeq(strings.ToLower(v.text), ",") {
			if !slices.Contains(known, w) {
				return nil, v.errorf(Nearest(w, known), "unknown kind %q, not one of %s", w, strings.Join(known, ", "))
			}
		}
	}
	return listTerm(func(s *inspect.Summary) string { return string(s.Kind) })(name, op, v, p)
}

// mountTerm is exact, unlike other text: /api is not /api/v2, and / is not all of them.
func mountTerm(name, op string, v value, _ *parser) (func(*candidate) bool, error) {
	if op == ":" && v.text != "" && (v.quoted || !strings.ContainsAny(v.text, "*?")) {
		op = "="
	}
	test, err := textTest(name, op, v)
	return func(c *candidate) bool { return test(c.s.Mount) }, err
}

func prefixTerm(get func(*inspect.Summary) inspect.ID) func(string, string, value, *parser) (func(*candidate) bool, error) {
	return func(name, op string, v value, p *parser) (func(*candidate) bool, error) {
		if op != ":" {
			return summaryText(func(s *inspect.Summary) string { return string(get(s)) })(name, op, v, p)
		}
		want := strings.ToLower(v.text)
		if want == "" || strings.Trim(want, "0123456789abcdef") != "" {
			return nil, v.errorf("", "%s is hexadecimal digits, not %q", name, v.text)
		}
		return func(c *candidate) bool { return strings.HasPrefix(string(get(c.s)), want) }, nil
	}
}

func sinceTerm(name, op string, v value, p *parser) (func(*candidate) bool, error) {
	if op != ":" && op != "=" {
		return nil, v.errorf("", "%s is written with a colon", name)
	}
	at, err := moment(name, v, p.now)
	if err != nil {
		return nil, err
	}
	if name == "before" {
		return func(c *candidate) bool { return c.s.Start.Before(at) }, nil
	}
	return func(c *candidate) bool { return !c.s.Start.Before(at) }, nil
}

// slowFrom is the duration from which an exchange is:slow: half a second is where a
// person notices that a page waits.
const slowFrom = 500 * time.Millisecond
