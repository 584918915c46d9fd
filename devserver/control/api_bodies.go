package control

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
)

// Bounds of bodies in an answer.
const (
	defaultChunk = 64 << 10 // what an agent or a script reads at a time
	maxPretty    = 1 << 20  // laid out text of one body; a page that shows more stands still
	defaultWidth = 100
	minWidth     = 20
	maxWidth     = 400
)

func (a *api) exchange(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	reveal, bodies := p.flag("reveal"), p.flag("body")
	if p.err != nil {
		return nil, p.err
	}
	ex, err := a.svc.Exchange(r.Context(), inspect.ID(r.PathValue("id")), reveal)
	if err != nil || bodies {
		return ex, err
	}
	return outline(ex), nil
}

func (a *api) requestBody(w http.ResponseWriter, r *http.Request) (any, error) {
	return nil, a.serveBody(w, r, func(ex *inspect.Exchange) *inspect.Message { return &ex.Request })
}

func (a *api) responseBody(w http.ResponseWriter, r *http.Request) (any, error) {
	return nil, a.serveBody(w, r, func(ex *inspect.Exchange) *inspect.Message { return &ex.Response })
}

// serveBody serves a chunk of a recorded body. Its type is text or bytes, whatever the
// target said: nothing recorded is ever run by a browser on this origin.
func (a *api) serveBody(w http.ResponseWriter, r *http.Request, side func(*inspect.Exchange) *inspect.Message) error {
	p := params{values: r.URL.Query()}
	raw, reveal := p.flag("raw"), p.flag("reveal")
	offset, length := p.num("offset", 0, 0, maxInt), p.num("length", defaultChunk, 0, maxInt)
	if p.err != nil {
		return p.err
	}
	ex, err := a.svc.Exchange(r.Context(), inspect.ID(r.PathValue("id")), reveal)
	if err != nil {
		return err
	}
	msg := side(ex)
	data, truncated, note := msg.Body.Data, msg.Body.Truncated, ""
	if !raw {
		data, truncated, note = decodeBody(msg)
	}
	h := w.Header()
	h.Set("Pastedev-Body-Total", strconv.Itoa(len(data)))
	if truncated {
		h.Set("Pastedev-Body-Truncated", "1")
	}
	if note != "" {
		h.Set("Pastedev-Body-Note", strconv.QuoteToASCII(note)) // may quote the body
	}
	h.Set("Content-Type", "application/octet-stream")
	if !raw && looksLikeText(data) {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	_, _ = w.Write(chunk(data, offset, length)) // a client that is gone needs no answer
	return nil
}

// decodeBody undoes the content coding, as far as that is possible; note says why not
// all of it.
func decodeBody(msg *inspect.Message) (data []byte, truncated bool, note string) {
	d, err := body.Decode(msg.Header, msg.Body)
	if err != nil {
		return d.Data, d.Partial, err.Error()
	}
	return d.Data, d.Partial, d.Note
}

// Pretty is a body laid out for reading.
type Pretty struct {
	Kind      string `json:"kind"` // json, jsonl, form, multipart, html, xml, text, image, binary or empty
	Text      string `json:"text"` // safe to print on a terminal
	Note      string `json:"note,omitempty"`
	Truncated bool   `json:"truncated"` // Text is not the whole body
}

func (a *api) pretty(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	reveal := p.flag("reveal")
	width := int(p.num("width", defaultWidth, minWidth, maxWidth))
	if p.err != nil {
		return nil, p.err
	}
	ex, err := a.svc.Exchange(r.Context(), inspect.ID(r.PathValue("id")), reveal)
	if err != nil {
		return nil, err
	}
	return map[string]Pretty{"request": prettyOf(&ex.Request, width), "response": prettyOf(&ex.Response, width)}, nil
}

func prettyOf(msg *inspect.Message, width int) Pretty {
	data, truncated, note := decodeBody(msg)
	v := body.Pretty(msg.Header.Get("Content-Type"), data, width)
	out := Pretty{Kind: v.Kind, Text: v.Text, Note: v.Note, Truncated: truncated}
	if note != "" && out.Note != "" {
		note += "; "
	}
	out.Note = note + out.Note
	if len(out.Text) > maxPretty {
		out.Text, out.Truncated = strings.ToValidUTF8(out.Text[:maxPretty], ""), true
	}
	return out
}

// curl answers with the request as a command line.
func (a *api) curl(w http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	reveal := p.flag("reveal")
	if p.err != nil {
		return nil, p.err
	}
	ex, err := a.svc.Exchange(r.Context(), inspect.ID(r.PathValue("id")), reveal)
	if err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, body.Curl(ex)) // a client that is gone needs no answer
	return nil, nil
}

// chunk returns length bytes of data from offset on, all of the rest for length 0.
func chunk(data []byte, offset, length int64) []byte {
	data = data[min(offset, int64(len(data))):]
	if length > 0 {
		data = data[:min(length, int64(len(data)))]
	}
	return data
}

// looksLikeText looks at the start only, which may end inside a character.
func looksLikeText(data []byte) bool {
	if len(data) > defaultChunk {
		data = data[:defaultChunk]
		for i := 0; i < utf8.UTFMax && len(data) > 0 && !utf8.Valid(data); i++ {
			data = data[:len(data)-1]
		}
	}
	return utf8.Valid(data) && !strings.ContainsRune(string(data), 0)
}
