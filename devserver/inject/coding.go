package inject

import (
	"bufio"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// encoder makes a content coding. Flush forces out all that was written.
type encoder interface {
	io.Writer
	Flush() error
	Close() error
}

// maxZstdWindow is the largest window that RFC 9659 allows a sender.
const maxZstdWindow = 8 << 20

// newDecoder returns a reader of the decoded content of src, and the coding to make
// again: "deflate" is told apart into the zlib form of RFC 9110 and the bare one
// that some servers send. It reads the first bytes of src. Where the coding allows
// it, src is read no further than the coded content goes.
func newDecoder(coding string, src *bufio.Reader) (dec io.Reader, form string, err error) {
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, "", err
		}
		z.Multistream(false) // a further member is passed through as it is
		return z, coding, nil
	case "br":
		return brotli.NewReader(src), coding, nil
	case "zstd":
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, "", err
		}
		return z.IOReadCloser(), coding, nil
	}
	head, err := src.Peek(2)
	if err != nil {
		return nil, "", err
	}
	if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 { // RFC 1950 section 2.2
		z, err := zlib.NewReader(src)
		return z, "zlib", err
	}
	return flate.NewReader(src), "flate", nil
}

// newEncoder returns an encoder of form that writes to w. It is set for speed: the
// bytes travel over loopback.
func newEncoder(form string, w io.Writer) (encoder, error) {
	switch form {
	case "gzip":
		return gzip.NewWriterLevel(w, gzip.BestSpeed)
	case "br":
		return brotli.NewWriterLevel(w, brotli.BestSpeed), nil
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	case "zlib":
		return zlib.NewWriterLevel(w, zlib.BestSpeed)
	}
	return flate.NewWriter(w, flate.BestSpeed)
}
