package static

import (
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"syscall"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// errNoFile is said of pipes, sockets and devices.
var errNoFile = errors.New("neither a file nor a directory")

// maxShown bounds what of a path is shown in a refusal, in characters.
const maxShown = 300

// refusal is an answer without a file.
type refusal struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// statusOf returns the status for an error of the file system. All that a request can
// bring about by a bad name is 404; 500 is for a machine in trouble.
func statusOf(err error) int {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.EIO),
		errors.Is(err, syscall.ENOMEM), errors.Is(err, fs.ErrClosed):
		return http.StatusInternalServerError
	}
	return http.StatusNotFound
}

// missing answers for name, which could not be opened.
func (f *Files) missing(w http.ResponseWriter, r *http.Request, name string, err error) {
	cause := err
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		cause = pe.Err
	}
	status := statusOf(err)
	if status != http.StatusNotFound {
		w.Header().Del("Content-Encoding")
		refuse(w, r, refusal{Status: status, Detail: "open " + name + ": " + cause.Error()})
		return
	}
	why := "looked for " + name
	switch {
	case f.FS == nil:
		why += "; no directory is set to be served"
	case errors.Is(cause, errNoFile):
		why = name + " is " + cause.Error()
	case strings.Contains(cause.Error(), "escapes"):
		why += "; a symbolic link on the way leads out of the directory that is served, or is absolute"
	}
	f.notFound(w, r, why)
}

// notFound answers a navigation with the page of the single-page application, if there
// is one, everything else with 404 and the reason.
func (f *Files) notFound(w http.ResponseWriter, r *http.Request, why string) {
	if f.SPA == "" || !navigation(r) {
		refuse(w, r, refusal{Status: http.StatusNotFound, Detail: why})
		return
	}
	if _, bad := f.name(r.URL); bad != "" {
		refuse(w, r, refusal{Status: http.StatusNotFound, Detail: why})
		return
	}
	file, info, err := f.open(strings.TrimPrefix(f.SPA, "/"))
	if err != nil || info.IsDir() {
		if err == nil {
			file.Close()
		}
		refuse(w, r, refusal{Status: http.StatusNotFound, Detail: why + ", then for " + f.SPA,
			Hint: "the page that is set to answer all paths is not there: has it been built?"})
		return
	}
	defer file.Close()
	w.Header().Add("Vary", "Accept, Sec-Fetch-Mode")
	f.file(w, r, strings.TrimPrefix(f.SPA, "/"), file, info)
}

// navigation reports whether a browser wants r's answer as a page. Where it does not say
// so (Fetch Metadata), naming HTML in Accept counts.
func navigation(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate" || mode == "nested-navigate"
	}
	return strings.Contains(strings.ToLower(strings.Join(r.Header["Accept"], ",")), "text/html")
}

// refuse answers in the form that r asks for: text, a page or problem+json (RFC 9457).
func refuse(w http.ResponseWriter, r *http.Request, p refusal) {
	p.Title, p.Detail = http.StatusText(p.Status), httpx.Printable(p.Detail, maxShown)
	h := w.Header()
	var body string
	switch form := httpx.Negotiate(strings.Join(r.Header["Accept"], ","), "text/plain", "text/html", "application/problem+json", "application/json"); form {
	case "text/html":
		h.Set("Content-Type", "text/html; charset=utf-8")
		body = p.page()
	case "application/problem+json", "application/json":
		h.Set("Content-Type", "application/problem+json")
		b, _ := json.Marshal(p) // strings and a number: cannot fail
		body = string(b) + "\n"
	default:
		h.Set("Content-Type", "text/plain; charset=utf-8")
		body = p.text()
	}
	for _, entity := range []string{"ETag", "Last-Modified", "Content-Encoding"} {
		h.Del(entity)
	}
	h.Add("Vary", "Accept")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write([]byte(body)) // an error is the client's leaving
	}
}

func (p refusal) text() string {
	s := strconv.Itoa(p.Status) + " " + p.Title + "\n" + p.Detail + "\n"
	if p.Hint != "" {
		s += "hint: " + p.Hint + "\n"
	}
	return s
}

func (p refusal) page() string {
	s := pageHead + "<title>" + strconv.Itoa(p.Status) + " " + p.Title + "</title>\n<main>\n<h1><small>" +
		strconv.Itoa(p.Status) + "</small> " + p.Title + "</h1>\n<p>" + html.EscapeString(p.Detail) + "</p>\n"
	if p.Hint != "" {
		s += "<p class=\"hint\">" + html.EscapeString(p.Hint) + "</p>\n"
	}
	return s + "</main>\n</html>\n"
}
