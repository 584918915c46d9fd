package body

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pastedev/pastedev/inspect"
)

const (
	// MaxDecoded bounds what Decode returns: eight times the default limit of what
	// is recorded, so that text which compresses well is whole, and a bomb is not.
	MaxDecoded = 8 << 20
	// maxCodings bounds how many codings may lie over each other. One is usual.
	maxCodings = 4
	// maxWindow is the largest zstd window a browser accepts (RFC 9659).
	maxWindow = 8 << 20
)

// Decoded is a body without its content codings.
type Decoded struct {
	Data    []byte
	Codings []string // that were taken off, in that order; nil when there were none
	// Partial is set when Data is not the whole body: it was recorded in part, it
	// decodes to more than MaxDecoded, or it is damaged.
	Partial bool
	Note    string // one line that says why Data is partial, or ""
}

// Decode takes the content codings that h names off b: gzip, deflate, br and zstd
// (RFC 9110, 8.4). A body that was recorded in part is decoded as far as it goes. An
// error means that a coding is unknown or the body is damaged; Data then holds what
// was decoded before, or for an unknown coding what is still coded.
func Decode(h inspect.Header, b inspect.Body) (Decoded, error) {
	d := Decoded{Data: b.Data}
	if b.Truncated {
		d.Partial, d.Note = true, fmt.Sprintf("only the first %d of %d bytes were recorded", len(b.Data), b.Size)
	}
	if len(b.Data) == 0 || b.Decoded {
		return d, nil
	}
	codings := contentCodings(h)
	if len(codings) > maxCodings {
		return d, fmt.Errorf("decode body: %d content codings, more than %d", len(codings), maxCodings)
	}
	for i := len(codings) - 1; i >= 0; i-- {
		data, err := decodeOne(codings[i], d.Data)
		if errors.Is(err, errUnknown) {
			return d, fmt.Errorf("decode body: unknown content coding %q", codings[i])
		}
		d.Data = data
		d.Codings = append(d.Codings, codings[i])
		if err == nil {
			continue
		}
		if errors.Is(err, errTooLong) {
			d.Partial, d.Note = true, fmt.Sprintf("only the first %d bytes are shown", MaxDecoded)
		} else if !d.Partial {
			d.Partial, d.Note = true, fmt.Sprintf("the %s coding is damaged after %d bytes", codings[i], len(data))
			return d, fmt.Errorf("decode body: %s: %w", codings[i], err)
		}
	}
	return d, nil
}

// contentCodings returns the codings in the order in which they were applied.
func contentCodings(h inspect.Header) (codings []string) {
	for _, line := range h["Content-Encoding"] {
		for c := range strings.SplitSeq(line, ",") {
			if c = strings.ToLower(strings.TrimSpace(c)); c != "" && c != "identity" {
				codings = append(codings, c)
			}
		}
	}
	return codings
}

var (
	errUnknown = errors.New("unknown coding")
	errTooLong = errors.New("more than is shown")
)

// decodeOne decodes data as far as it goes.
func decodeOne(coding string, data []byte) ([]byte, error) {
	r, err := decoder(coding, data)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, MaxDecoded+1))
	if n > MaxDecoded {
		return out.Bytes()[:MaxDecoded], errTooLong
	}
	return out.Bytes(), err
}

func decoder(coding string, data []byte) (io.ReadCloser, error) {
	src := bytes.NewReader(data)
	switch coding {
	case "gzip", "x-gzip":
		return gzip.NewReader(src)
	case "deflate": // zlib by the standard, bare deflate by some senders
		if r, err := zlib.NewReader(src); err == nil {
			return r, nil
		}
		src.Reset(data)
		return flate.NewReader(bufio.NewReader(src)), nil
	case "br":
		return io.NopCloser(brotli.NewReader(src)), nil
	case "zstd":
		r, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return r.IOReadCloser(), nil
	}
	return nil, errUnknown
}
