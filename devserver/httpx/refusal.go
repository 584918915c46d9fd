package httpx

import (
	"errors"
	"html"
	"io"
	"net/http"
	"strconv"
)

// maxShown bounds what a refusal says, in characters: a long path fits, and no page is
// filled with what a client made up.
const maxShown = 500

// Refusal is an answer in the place of what was asked for. Its JSON is a problem
// (RFC 9457) of the type about:blank. What a client or a server sent may stand in it: it
// is shown escaped, with U+FFFD in place of what is no printable character, and no more
// than 500 characters of a sentence.
type Refusal struct {
	Title  string `json:"title"` // "": the phrase registered for Status
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"` // why, in a sentence; "" says nothing
	Hint   string `json:"hint,omitempty"`   // what to do about it; "" says nothing
}

// Send answers r with the refusal in the form that it asks for, see [Forms.Send]. Fields
// such as Allow are the caller's to set before.
func (f Refusal) Send(w http.ResponseWriter, r *http.Request) { f.Forms().Send(w, r, f.Status) }

// Forms returns the forms of the refusal, for whoever has more to say in one of them.
func (f Refusal) Forms() Forms {
	if f.Title == "" {
		f.Title = http.StatusText(f.Status)
	}
	f.Detail, f.Hint = printable(f.Detail, maxShown), printable(f.Hint, maxShown)
	return Forms{Page: f.page, Problem: f, Text: f.text}
}

func (f Refusal) text() []byte {
	s := strconv.Itoa(f.Status) + " " + f.Title + "\n"
	if f.Detail != "" {
		s += f.Detail + "\n"
	}
	if f.Hint != "" {
		s += "hint: " + f.Hint + "\n"
	}
	return []byte(s)
}

func (f Refusal) page(w io.Writer) error {
	status, title := strconv.Itoa(f.Status), html.EscapeString(f.Title)
	s := PageHead + "<title>" + status + " " + title + "</title>\n<main>\n<h1><small>" + status + "</small> " + title + "</h1>\n"
	if f.Detail != "" {
		s += "<p>" + html.EscapeString(f.Detail) + "</p>\n"
	}
	if f.Hint != "" {
		s += "<p class=\"hint\">" + html.EscapeString(f.Hint) + "</p>\n"
	}
	_, err := io.WriteString(w, s+"</main>\n</html>\n")
	return err
}

// TooLarge reports whether err says that a body went beyond a limit, of a [Spool] or of
// [http.MaxBytesReader].
func TooLarge(err error) bool {
	var e *http.MaxBytesError
	return errors.As(err, &e)
}

// BodyRefusal is the answer to a request whose body could not be read: 413 if it went
// beyond a limit, which is named, and 400 otherwise.
func BodyRefusal(err error) Refusal {
	var e *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return Refusal{Status: http.StatusRequestEntityTooLarge, Detail: "the request's body is larger than the " + strconv.FormatInt(e.Limit, 10) + " bytes taken here"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Refusal{Status: http.StatusBadRequest, Detail: "the request's body ended before its announced length"}
	}
	return Refusal{Status: http.StatusBadRequest, Detail: "the request's body could not be read: " + err.Error()}
}

// BodyError answers with [BodyRefusal] as text, where there is no request at hand.
func BodyError(w http.ResponseWriter, err error) {
	f := BodyRefusal(err)
	http.Error(w, f.Detail, f.Status)
}
