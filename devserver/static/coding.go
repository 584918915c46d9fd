package static

import (
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// coding is a content coding and the extension of files that hold it.
type coding struct{ name, ext string }

// codings, the best first: of equals in Accept-Encoding it is taken.
var codings = [...]coding{{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"}}

// staleness is how much older than its original a compressed file may be: what is
// unpacked or checked out together has times in any order, an edit comes later.
const staleness = 2 * time.Second

// maxCodings bounds the elements of Accept-Encoding that are read; browsers send four.
const maxCodings = 32

// precompressed opens the file beside name that r likes best, if there is one that is
// not older than name (by more than [staleness]): a stale one would hide an edit.
func (f *Files) precompressed(r *http.Request, name string, info fs.FileInfo) (coding, fs.File, fs.FileInfo) {
	accept := strings.Join(r.Header["Accept-Encoding"], ",")
	if accept == "" {
		return coding{}, nil, nil
	}
	var best coding
	var bestFile fs.File
	var bestInfo fs.FileInfo
	weights, identity := weigh(accept)
	for i, c := range codings {
		w := weights[i]
		if w <= 0 || w < identity || bestFile != nil && w <= weigh1(weights, best) {
			continue
		}
		file, cinfo, err := f.open(name + c.ext)
		if err != nil {
			continue
		}
		if cinfo.IsDir() || cinfo.ModTime().Add(staleness).Before(info.ModTime()) {
			file.Close()
			continue
		}
		if bestFile != nil {
			bestFile.Close()
		}
		best, bestFile, bestInfo = c, file, cinfo
	}
	return best, bestFile, bestInfo
}

func weigh1(weights [len(codings)]float64, c coding) float64 {
	for i := range codings {
		if codings[i] == c {
			return weights[i]
		}
	}
	return 0
}

// weigh reads Accept-Encoding (RFC 9110, 12.5.3): the weight of each coding, and that of
// identity where it is named, else 0.
func weigh(accept string) (weights [len(codings)]float64, identity float64) {
	named := [len(codings)]bool{}
	star, n := 0.0, 0
	for item := range strings.SplitSeq(accept, ",") {
		if n++; n > maxCodings {
			break
		}
		name, params, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		q := quality(params)
		switch name {
		case "*":
			star = q
		case "identity":
			identity = q
		case "x-gzip":
			name = "gzip"
		}
		for i, c := range codings {
			if c.name == name {
				weights[i], named[i] = q, true
			}
		}
	}
	for i := range weights {
		if !named[i] {
			weights[i] = star
		}
	}
	return weights, identity
}

// quality reads ";q=0.5"; without it, it is 1, and what cannot be read is 0.
func quality(params string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(params), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
