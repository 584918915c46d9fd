package panel

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The forms of a failure.
const (
	formHTML     = "text/html"
	formProblem  = "application/problem+json"
	formMarkdown = "text/markdown"
	formPlain    = "text/plain"
)

// negotiate returns the form that r asks for. RFC 9110 section 12.5.1; of equals the
// named one comes before a wildcard, then HTML, JSON, Markdown, text. Who takes
// anything gets JSON when a script of a page asks, else text.
func negotiate(r *http.Request) string {
	best, bestQ, bestNamed := "", 0.0, false
	for _, form := range [...]string{formHTML, formProblem, formMarkdown, formPlain} {
		q, named := quality(r.Header.Values("Accept"), form)
		if q > bestQ || q == bestQ && named && !bestNamed {
			best, bestQ, bestNamed = form, q, named
		}
	}
	if bestQ > 0 && bestNamed {
		return best
	}
	if r.Header.Get("Sec-Fetch-Dest") == "empty" || strings.Contains(r.Header.Get("Content-Type"), "json") {
		return formProblem
	}
	return formPlain
}

// quality returns the weight of form in an Accept field, and whether form is named
// rather than met by a wildcard. application/json names problem+json.
func quality(accept []string, form string) (q float64, named bool) {
	rank := 0 // of the most specific range so far
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		media, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		major, _, _ := strings.Cut(form, "/")
		r := 0
		switch media {
		case form:
			r = 4
		case "application/json":
			if form == formProblem {
				r = 3
			}
		case "application/xhtml+xml":
			if form == formHTML {
				r = 3
			}
		case major + "/*":
			r = 2
		case "*/*":
			r = 1
		}
		if r <= rank {
			continue
		}
		rank, q = r, 1
		if w, err := strconv.ParseFloat(params["q"], 64); err == nil {
			q = w
		}
	}
	return q, rank >= 2
}
