package profile

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// tableRows is how many functions are listed when nobody says, as in Paste.
const tableRows = 40

// serve answers below Path: the list, a profile ("1"), and its largest functions ("1/top").
func (p *Profiler) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "profiles can only be read", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, p.path())
	if name == "" {
		p.serveList(w)
		return
	}
	id, view, _ := strings.Cut(name, "/")
	one := p.cpu.find(id)
	if one == nil || view != "" && view != "top" {
		http.Error(w, fmt.Sprintf("there is no profile %q; the last %d are kept", name, p.keep()), http.StatusNotFound)
		return
	}
	select {
	case <-one.window.ended:
	case <-r.Context().Done():
		return
	}
	switch {
	case one.err != nil:
		http.Error(w, one.err.Error(), http.StatusInternalServerError)
	case view == "top":
		h.Set("Content-Type", "text/plain; charset=utf-8")
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s: %s\n", one.what, one.note())
		_ = WriteTop(&b, one.profile, tableRows) // a buffer takes everything
		_, _ = b.WriteTo(w)                      // the client may be gone
	default:
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", `attachment; filename="profile-`+id+`.pb.gz"`)
		h.Set("Content-Length", strconv.Itoa(len(one.data)))
		_, _ = w.Write(one.data) // as above
	}
}

func (p *Profiler) serveList(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var b bytes.Buffer
	for _, one := range p.cpu.all() {
		note := "is being recorded"
		select {
		case <-one.window.ended:
			note = one.note()
		default:
		}
		fmt.Fprintf(&b, "%s%d\t%s\t%s\n", p.path(), one.id, one.what, note)
	}
	if b.Len() == 0 {
		fmt.Fprintf(&b, "no profiles yet: send a request with the header %s: cpu\n", HeaderProfile)
	}
	_, _ = b.WriteTo(w) // the client may be gone
}
