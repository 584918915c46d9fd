package body

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
)

// Curl returns a command line for a POSIX shell that sends the request of ex again
// with curl. Fields that curl sets itself (Host when it is the URL's, Content-Length,
// those of the connection) are left out. A body that is not text is given to curl by
// printf. A body that was recorded in part is preceded by a comment that says so.
func Curl(ex *inspect.Exchange) string {
	b := ex.Request.Body
	args := []string{"curl"}
	target := ex.URL
	if strings.ContainsAny(target, "[]{}") {
		args = append(args, "-g") // they are patterns to curl
	}
	if strings.Contains(target, "/.") {
		args = append(args, "--path-as-is")
	}
	switch method := ex.Method; {
	case method == "HEAD" && len(b.Data) == 0:
		args = append(args, "-I")
	case method == "" || method == "GET" && len(b.Data) == 0:
	default:
		args = append(args, "-X", shellQuote(method))
	}
	args = append(args, shellQuote(target))
	args = append(args, curlHeaders(ex)...)
	prefix := ""
	switch {
	case len(b.Data) == 0:
	case isPrintable(b.Data):
		args = append(args, "--data-raw", shellQuote(string(b.Data))) // unlike --data, it takes a leading @ as it is
	default:
		args = append(args, "--data-binary", "@-")
		prefix = "printf " + printfQuote(b.Data) + " | "
	}
	if b.Truncated {
		prefix = fmt.Sprintf("# only %d of %d bytes of the body were recorded\n", len(b.Data), b.Size) + prefix
	}
	return prefix + strings.Join(args, " ")
}

// ownFields are what curl or the connection sets; read only.
var ownFields = []string{"Content-Length", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Expect"}

func curlHeaders(ex *inspect.Exchange) (args []string) {
	u, _ := url.Parse(ex.URL)
	if ex.Host != "" && u != nil && u.Host != ex.Host {
		args = append(args, "-H", shellQuote("Host: "+ex.Host))
	}
	names := make([]string, 0, len(ex.Request.Header))
	hasType := false
	for name := range ex.Request.Header {
		hasType = hasType || strings.EqualFold(name, "Content-Type")
		if !slices.ContainsFunc(ownFields, func(o string) bool { return strings.EqualFold(o, name) }) && !strings.EqualFold(name, "Host") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range ex.Request.Header[name] {
			field := name + ": " + value
			if value == "" {
				field = name + ";" // how curl spells an empty field
			}
			args = append(args, "-H", shellQuote(field))
		}
		if strings.EqualFold(name, "Accept-Encoding") {
			args = append(args, "--compressed")
		}
	}
	if !hasType && len(ex.Request.Body.Data) > 0 {
		args = append(args, "-H", "'Content-Type:'") // or curl would add that of a form
	}
	return args
}

// shellQuote makes s one word of a POSIX shell.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@,+=%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// printfQuote makes b a format that printf(1) writes as b, with octal escapes.
func printfQuote(b []byte) string {
	var s strings.Builder
	s.WriteByte('\'')
	for _, c := range b {
		switch {
		case c == '%':
			s.WriteString("%%")
		case c < ' ' || c > '~' || c == '\'' || c == '\\':
			fmt.Fprintf(&s, `\%03o`, c)
		default:
			s.WriteByte(c)
		}
	}
	s.WriteByte('\'')
	return s.String()
}

// isPrintable reports whether b can stand in a command line as it is.
func isPrintable(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return isControl(r) })
}
