package control

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/pprof/driver"
	pb "github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/profile"
	"golang.org/x/net/html"
)

const (
	pprofPrefix = "/pprof/"
	// callsPrefix begins the name of the page that shows an exchange's call tree.
	callsPrefix = "calls-"
	// maxPprof is how many profiles are kept open: a person looks at one and its
	// neighbours, and each is in memory twice.
	maxPprof = 4
	// maxPprofPage bounds a page in memory: the flame graph of a large profile is some MB.
	maxPprofPage = 64 << 20
)

// pprofPages are google/pprof's pages that are shown. The others are refused: source
// looks for files by names in the profile, in folders above this one too, where no rule
// of ours about what is source can hold it; disasm runs tools on such files; saveconfig
// and deleteconfig write to the user's home.
var pprofPages = []string{"top", "flamegraph", "graph", "peek", "download"}

// pprofUI shows profiles in google/pprof's web pages. Its zero value is ready.
type pprofUI struct {
	mu   sync.Mutex
	open []pprofHandlers // newest first
}

// pprofHandlers are the pages of one profile by path, "/top".
type pprofHandlers struct {
	sum   [sha256.Size]byte // of the profile
	pages map[string]http.Handler
}

// handlers returns the pages of a profile. The driver's settings are a variable of its
// package: one call at a time.
func (u *pprofUI) handlers(data []byte) (map[string]http.Handler, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	sum := sha256.Sum256(data)
	if i := slices.IndexFunc(u.open, func(h pprofHandlers) bool { return h.sum == sum }); i >= 0 {
		h := u.open[i]
		u.open = slices.Insert(slices.Delete(u.open, i, i+1), 0, h)
		return h.pages, nil
	}
	p, err := profile.Parse(data)
	if err != nil {
		return nil, err
	}
	pages, err := openPprof(p)
	if err != nil {
		return nil, err
	}
	u.open = slices.Insert(u.open, 0, pprofHandlers{sum, pages})
	u.open = u.open[:min(len(u.open), maxPprof)]
	return pages, nil
}

// openPprof lets the driver make its handlers. Nothing listens.
func openPprof(p *pb.Profile) (map[string]http.Handler, error) {
	var pages map[string]http.Handler
	err := driver.PProf(&driver.Options{
		Flagset: pprofFlags{},
		Fetch:   pprofFetch{p},
		Sym:     pprofNoTools{},
		Obj:     pprofNoTools{},
		Writer:  pprofNoFiles{},
		UI:      pprofQuiet{},
		HTTPServer: func(args *driver.HTTPServerArgs) error {
			pages = args.Handlers
			return nil
		},
	})
	if err == nil && pages == nil {
		err = errors.New("the driver made no pages")
	}
	if err != nil {
		return nil, fmt.Errorf("open the profile: %w", err)
	}
	return pages, nil
}

// pprofPage answers with a page of google/pprof's.
func (a *api) pprofPage(w http.ResponseWriter, r *http.Request) (any, error) {
	page := r.PathValue("page")
	if page == "" {
		http.Redirect(w, r, "flamegraph", http.StatusSeeOther) // relative, below whatever stands before
		return nil, nil
	}
	if !slices.Contains(pprofPages, page) {
		return nil, newProblem(http.StatusForbidden, fmt.Sprintf("pprof's page %q is not shown here: it reads or writes files that the profile or the address names", page),
			"download the profile and open it with `go tool pprof -http=: FILE`")
	}
	if _, err := exec.LookPath("dot"); page == "graph" && err != nil {
		return nil, newProblem(http.StatusNotImplemented, "the graph needs Graphviz, and there is no program dot", "install graphviz; the flame graph and top need nothing")
	}
	data, err := a.pprofData(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	pages, err := a.pprof.handlers(data)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, err.Error(), "")
	}
	servePprof(w, r, pages["/"+page])
	return nil, nil
}

// pprofData returns a profile by its ID, or the call tree of an exchange as a profile.
func (a *api) pprofData(ctx context.Context, name string) ([]byte, error) {
	if id, ok := strings.CutPrefix(name, callsPrefix); ok {
		return a.svc.callTreeProfile(ctx, inspect.ID(id))
	}
	id, err := parseProfileID(name)
	if err != nil {
		return nil, err
	}
	p, err := a.svc.ProfileByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Kind == inspect.ProfileTrace {
		return nil, newProblem(http.StatusConflict, fmt.Sprintf("profile %d is an execution trace, which pprof does not read", id),
			fmt.Sprintf("pastedev profiles %d --pb FILE, then go tool trace FILE", id))
	}
	return a.svc.ProfileData(ctx, id)
}

// servePprof lets h make its page and sends it under a policy of its own. pprof's pages
// have their scripts and styles inline, so each of those gets a nonce, which nothing has
// that came in with the names of functions and files. The page may ask nobody, send no
// form, open no window and be in no frame. Its origin is ours: in a sandbox without one
// its links would be those of a foreign page, and come without the cookie.
// (Chromium's console warns that a frame could leave such a sandbox; in no frame there is
// nowhere to go.) A page in a sandbox must not have an opener policy (HTML, "navigation
// params").
func servePprof(w http.ResponseWriter, r *http.Request, h http.Handler) {
	page := &pageBuffer{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(page, r)
	body, contentType := page.body.Bytes(), page.header.Get("Content-Type")
	switch {
	case page.full:
		writeProblem(w, newProblem(http.StatusInsufficientStorage, fmt.Sprintf("pprof's page is larger than %d MB", maxPprofPage>>20), "narrow it with the search"))
		return
	case page.status >= http.StatusBadRequest:
		writeProblem(w, newProblem(page.status, "pprof: "+strings.TrimSpace(string(body)), ""))
		return
	case strings.HasPrefix(contentType, "text/html"):
		nonce := rand.Text()
		body = withNonce(body, nonce)
		w.Header().Set("Content-Security-Policy", pprofCSP(nonce))
		w.Header().Del("Cross-Origin-Opener-Policy")
		contentType = "text/html; charset=utf-8"
	default: // the download
		contentType = "application/octet-stream"
		w.Header().Set("Content-Disposition", `attachment; filename="profile.pb.gz"`)
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

func pprofCSP(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce + "'; img-src data:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-same-origin allow-downloads"
}

// pprofStyle hides what leads to pages that are refused.
const pprofStyle = "#list, #disasm, #config, #action-source, #action-source-tab, #action-title + hr { display: none !important }"

// withNonce gives a nonce to each script and style of a page, but for those in a drawing:
// that was made by another program. It adds pprofStyle.
func withNonce(page []byte, nonce string) []byte {
	var out bytes.Buffer
	drawing := 0 // depth
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			out.Write(z.Raw()) // a tag that was cut off
			return out.Bytes()
		}
		raw := slices.Clone(z.Raw())
		name, _ := z.TagName()
		switch tag := string(name); {
		case tag == "head" && kind == html.EndTagToken:
			out.WriteString(`<style nonce="` + nonce + `">` + pprofStyle + "</style>")
		case tag == "svg" && kind == html.StartTagToken:
			drawing++
		case tag == "svg" && kind == html.EndTagToken:
			drawing = max(0, drawing-1)
		case kind == html.StartTagToken && drawing == 0 && (tag == "script" || tag == "style"):
			raw = slices.Insert(raw, 1+len(tag), []byte(` nonce="`+nonce+`"`)...)
		}
		out.Write(raw)
	}
}

// pageBuffer keeps a page that is looked at before it goes out.
type pageBuffer struct {
	header http.Header
	status int
	body   bytes.Buffer
	full   bool
}

func (b *pageBuffer) Header() http.Header    { return b.header }
func (b *pageBuffer) WriteHeader(status int) { b.status = status }

func (b *pageBuffer) Write(p []byte) (int, error) {
	if b.full = b.full || b.body.Len()+len(p) > maxPprofPage; b.full {
		return 0, io.ErrShortWrite
	}
	return b.body.Write(p)
}

// pprofFlags are the arguments of a driver that serves pages and opens no browser. Each
// flag has its default but for those.
type pprofFlags struct{}

func (pprofFlags) Bool(name string, def bool, _ string) *bool {
	def = def || name == "no_browser"
	return &def
}

func (pprofFlags) Int(_ string, def int, _ string) *int             { return &def }
func (pprofFlags) Float64(_ string, def float64, _ string) *float64 { return &def }

func (pprofFlags) String(name, def, _ string) *string {
	switch name {
	case "http":
		def = "localhost:1" // a port must stand there; the hook opens none
	case "symbolize":
		def = "none" // Go's profiles carry their names
	case "tools":
		def = ""
	}
	return &def
}

func (pprofFlags) StringList(_, _, _ string) *[]*string { return new([]*string) }
func (pprofFlags) ExtraUsage() string                   { return "" }
func (pprofFlags) AddExtraUsage(string)                 {}
func (pprofFlags) Parse(func()) []string                { return []string{"memory"} }

// pprofFetch is a profile in memory. Without a source the driver keeps no copy of it in
// the user's home.
type pprofFetch struct{ p *pb.Profile }

func (f pprofFetch) Fetch(string, time.Duration, time.Duration) (*pb.Profile, string, error) {
	return f.p, "", nil
}

// pprofNoFiles refuses to write files, pprofNoTools to read programs.
type (
	pprofNoFiles struct{}
	pprofNoTools struct{}
)

var errNoTools = errors.New("pastedev lets pprof open no files")

func (pprofNoFiles) Open(string) (io.WriteCloser, error) { return nil, errNoTools }

func (pprofNoTools) Symbolize(string, driver.MappingSources, *pb.Profile) error { return nil }
func (pprofNoTools) Open(string, uint64, uint64, uint64, string) (driver.ObjFile, error) {
	return nil, errNoTools
}
func (pprofNoTools) Disasm(string, uint64, uint64, bool) ([]driver.Inst, error) {
	return nil, errNoTools
}

// pprofQuiet is a terminal that nobody sits at: what pprof prints would run through the
// terminal UI.
type pprofQuiet struct{}

func (pprofQuiet) ReadLine(string) (string, error)     { return "", io.EOF }
func (pprofQuiet) Print(...any)                        {}
func (pprofQuiet) PrintErr(...any)                     {}
func (pprofQuiet) IsTerminal() bool                    { return false }
func (pprofQuiet) WantBrowser() bool                   { return false }
func (pprofQuiet) SetAutoComplete(func(string) string) {}
