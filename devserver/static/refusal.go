package static

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"syscall"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// errNoFile is said of pipes, sockets and devices.
var errNoFile = errors.New("neither a file nor a directory")

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
		httpx.Refusal{Status: status, Detail: "open " + name + ": " + cause.Error()}.Send(w, r)
		return
	}
	why := "looked for " + name
	switch {
	case f.FS == nil:
		why += "; no directory is set to be served"
	case errors.Is(cause, errAway):
		why += "; the directory that is served is not there: has it been built?"
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
	if _, bad := f.name(r.URL); bad != "" || f.SPA == "" || !navigation(r) {
		httpx.Refusal{Status: http.StatusNotFound, Detail: why}.Send(w, r)
		return
	}
	file, info, err := f.open(strings.TrimPrefix(f.SPA, "/"))
	if err != nil || info.IsDir() {
		if err == nil {
			file.Close()
		}
		httpx.Refusal{Status: http.StatusNotFound, Detail: why + ", then for " + f.SPA,
			Hint: "the page that is set to answer all paths is not there: has it been built?"}.Send(w, r)
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
