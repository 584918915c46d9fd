package control

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
)

func (a *api) callTree(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.svc.CallTree(r.Context(), inspect.ID(r.PathValue("id")))
}

// callTreeText answers with the tree as text for a terminal.
func (a *api) callTreeText(w http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	width := int(p.num("width", defaultWidth, 0, maxWidth))
	if p.err != nil {
		return nil, p.err
	}
	return a.callTreeAs(w, r, "", func(out io.Writer, ex *inspect.Exchange) error {
		return calltree.Text(out, ex.CallTree, width)
	})
}

func (a *api) callTreeFolded(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.callTreeAs(w, r, "folded", func(out io.Writer, ex *inspect.Exchange) error {
		return calltree.Folded(out, ex.CallTree)
	})
}

func (a *api) callTreeSpeedscope(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.callTreeAs(w, r, "speedscope.json", func(out io.Writer, ex *inspect.Exchange) error {
		return calltree.Speedscope(out, ex.CallTree, ex.Method+" "+ex.Path)
	})
}

func (a *api) callTreePprof(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.callTreeAs(w, r, "pb.gz", func(out io.Writer, ex *inspect.Exchange) error { return writeCallTree(out, ex) })
}

// callTreeAs answers with the tree in the form that write gives it: a file that ends in
// ext, or text without one.
func (a *api) callTreeAs(w http.ResponseWriter, r *http.Request, ext string, write func(io.Writer, *inspect.Exchange) error) (any, error) {
	ex, err := a.svc.withTree(r.Context(), inspect.ID(r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := write(&b, ex); err != nil {
		return nil, fmt.Errorf("call tree of %s: %w", ex.ID.Short(), err)
	}
	if ext == "" {
		return nil, writeText(w, "text/plain; charset=utf-8", b.String())
	}
	writeFile(w, fmt.Sprintf("pastedev-calls-%s.%s", ex.ID.Short(), ext), b.Bytes())
	return nil, nil
}

// callTreeProfile returns the call tree of an exchange in the form of pprof, gzipped.
func (s *Service) callTreeProfile(ctx context.Context, id inspect.ID) ([]byte, error) {
	ex, err := s.withTree(ctx, id)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = writeCallTree(&b, ex)
	return b.Bytes(), err
}

func writeCallTree(w io.Writer, ex *inspect.Exchange) error {
	if err := calltree.Validate(ex.CallTree); err != nil {
		return err
	}
	return calltree.Pprof(ex.CallTree).Write(w)
}
