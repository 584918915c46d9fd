package control

import (
	"encoding/json"
	"net/http"
	"strings"
)

const apiPrefix = "/api/"

// maxPostBody bounds the JSON of a POST: an id or a token.
const maxPostBody = 64 << 10

// portHandler is the control port: the page for anyone on this machine, the data
// for whoever holds the token.
type portHandler struct {
	guard  guard
	tokens *tokens
	api    http.Handler
	logf   func(format string, args ...any)
}

// ServeHTTP checks where the request comes from, then who asks, then answers.
func (h *portHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isAPI := strings.HasPrefix(r.URL.Path, apiPrefix) || strings.HasPrefix(r.URL.Path, pprofPrefix)
	if isAPI {
		setSecurityHeaders(w.Header(), dataCSP)
	} else {
		setSecurityHeaders(w.Header(), pageCSP)
	}
	if ref := h.guard.check(r, r.URL.Path == "/"); ref != nil {
		h.refuse(w, r, ref)
		return
	}
	switch {
	case r.URL.Path == "/api/v1/session" && r.Method == http.MethodPost:
		h.session(w, r)
	case isAPI:
		if ref := h.tokens.check(r); ref != nil {
			h.refuse(w, r, ref)
			return
		}
		h.api.ServeHTTP(w, r)
	default:
		serveAsset(w, r)
	}
}

// session gives a browser the cookie for the token.
func (h *portHandler) session(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Token string `json:"token"`
	}
	if err := readJSON(w, r, &body); err != nil {
		writeError(w, err)
		return
	}
	if ref := h.tokens.try(body.Token); ref != nil {
		h.refuse(w, r, ref)
		return
	}
	h.tokens.setCookie(w)
	w.WriteHeader(http.StatusNoContent)
}

// refuse answers with the header, its value and what would allow the request, and
// tells the log the same. A missing token is a browser's first visit and not logged.
func (h *portHandler) refuse(w http.ResponseWriter, r *http.Request, ref *refusal) {
	if ref.rule != "token" || r.Header.Get("Authorization") != "" || r.Method == http.MethodPost {
		h.logf("control: refused %s %q from %s: %s; hint: %s", r.Method, r.URL.Path, r.RemoteAddr, ref.detail, ref.hint)
	}
	switch ref.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="pastedev"`)
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", "GET, HEAD, POST")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "60")
	}
	p := newProblem(ref.status, ref.detail, ref.hint)
	p.Type = ref.rule
	writeProblem(w, p)
}

// socketHandler is the unix socket: the API alone. The file's mode says who may
// connect, and no browser can.
func socketHandler(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setSecurityHeaders(w.Header(), dataCSP)
		if ref := checkMethod(r); ref != nil {
			p := newProblem(ref.status, ref.detail, ref.hint)
			p.Type = ref.rule
			writeProblem(w, p)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// readJSON reads the object of a POST. A field that the route does not have is an
// error: whoever sends one expects something that will not happen.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPostBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return newProblem(http.StatusBadRequest, "read the JSON body: "+err.Error(), "send one JSON object, {} when there is nothing to say")
	}
	return nil
}
