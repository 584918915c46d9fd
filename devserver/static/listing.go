package static

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxListed bounds the entries of a listing: each costs a look at the file. A directory
// with more says so.
const maxListed = 5000

//go:embed listing.html
var listingHTML string

var listingPage = template.Must(template.New("listing").Parse(httpx.PageHead + listingHTML))

// Listing is what a directory's listing says as JSON.
type Listing struct {
	Path    string  `json:"path"` // with the mount point, decoded
	Entries []Entry `json:"entries"`
	More    bool    `json:"more,omitempty"` // there are more than are listed
}

// Entry is a line of a [Listing].
type Entry struct {
	Name     string    `json:"name"`
	Dir      bool      `json:"dir,omitempty"`
	Size     int64     `json:"size"` // bytes; 0 for a directory
	Modified time.Time `json:"modified,omitzero"`
}

// Href returns the link from the listing to the entry.
func (e Entry) Href() string {
	href := "./" + url.PathEscape(e.Name)
	if e.Dir {
		href += "/"
	}
	return href
}

// Bytes returns the size as it is read best.
func (e Entry) Bytes() string {
	if e.Dir {
		return ""
	}
	size, unit := float64(e.Size), 0
	for units := "kMGTP"; size >= 999.5 && unit < len(units); unit++ {
		size /= 1000
	}
	if unit == 0 {
		return strconv.FormatInt(e.Size, 10) + " B"
	}
	digits := 0
	if size < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(size, 'f', digits, 64) + " " + "kMGTP"[unit-1:unit] + "B"
}

// When returns the time of change, in the server's zone.
func (e Entry) When() string {
	if !known(e.Modified) {
		return ""
	}
	return e.Modified.Format("2006-01-02 15:04")
}

// list answers with what is in the directory.
func (f *Files) list(w http.ResponseWriter, r *http.Request, name string, dir fs.File) {
	l := Listing{Path: httpx.MountPoint(r.Context()) + r.URL.Path}
	var err error
	if l.Entries, l.More, err = f.entries(name, dir); err != nil {
		f.missing(w, r, name, err)
		return
	}
	var b strings.Builder
	h := w.Header()
	switch httpx.Negotiate(strings.Join(r.Header["Accept"], ","), "text/html", "application/json") {
	case "application/json":
		h.Set("Content-Type", "application/json")
		err = json.NewEncoder(&b).Encode(l)
	default:
		h.Set("Content-Type", "text/html; charset=utf-8")
		err = listingPage.Execute(&b, struct {
			Listing
			Up bool
		}{l, name != "."})
	}
	if err != nil {
		f.missing(w, r, name, err)
		return
	}
	f.cacheControl(h)
	httpx.AddVary(h, "Accept")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		io.WriteString(w, b.String()) // an error is the client's leaving
	}
}

// entries reads a directory: what would be served of it, directories first, then by
// name, capitals beside small letters.
func (f *Files) entries(name string, dir fs.File) (list []Entry, more bool, err error) {
	d, ok := dir.(fs.ReadDirFile)
	if !ok {
		return nil, false, &fs.PathError{Op: "list", Path: name, Err: errors.New("the file system does not list")}
	}
	found, err := d.ReadDir(maxListed + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	if more = len(found) > maxListed; more {
		found = found[:maxListed]
	}
	list = []Entry{}
	for _, e := range found {
		if at := path.Join(name, e.Name()); fs.ValidPath(at) && (f.Dotfiles || !hidden(at)) {
			info, err := fs.Stat(f.FS, at) // follows links; what leads out is left out
			if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
				continue
			}
			entry := Entry{Name: e.Name(), Dir: info.IsDir(), Modified: info.ModTime()}
			if !entry.Dir {
				entry.Size = info.Size()
			}
			list = append(list, entry)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int {
		if a.Dir != b.Dir {
			if a.Dir {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return list, more, nil
}
