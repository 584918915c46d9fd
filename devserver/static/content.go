package static

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"
)

// hashLimit bounds the files without a time of change whose ETag is made by reading them
// whole, at each request: 8 MiB take some milliseconds. Larger ones have no ETag.
const hashLimit = 8 << 20

// file answers r with an open regular file, or with what was compressed of it.
func (f *Files) file(w http.ResponseWriter, r *http.Request, name string, file fs.File, info fs.FileInfo) {
	h := w.Header()
	kind := f.contentType(name)
	if kind != "" {
		h.Set("Content-Type", kind)
	}
	f.cacheControl(h)
	if !f.NoPrecompressed && compressible(kind) {
		h.Add("Vary", "Accept-Encoding")
		if c, cfile, cinfo := f.precompressed(r, name, info); cfile != nil {
			defer cfile.Close()
			h.Set("Content-Encoding", c.name)
			f.content(&codedWriter{ResponseWriter: w, size: cinfo.Size()}, r, name+c.ext, c.name, cfile, cinfo)
			return
		}
	}
	f.content(w, r, name, "", file, info)
}

// content hands an open file to http.ServeContent, which knows conditions and ranges.
func (f *Files) content(w http.ResponseWriter, r *http.Request, name, coding string, file fs.File, info fs.FileInfo) {
	body, ok := file.(io.ReadSeeker)
	if !ok {
		s := &forwardFile{file: file, size: info.Size(), open: func() (fs.File, error) { return f.FS.Open(name) }}
		defer s.Close()
		body = s
	}
	tag, err := etag(info, coding, body)
	if err != nil {
		f.missing(w, r, name, err)
		return
	}
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
	http.ServeContent(w, understandableRange(r, info.Size(), coding != ""), path.Base(name), info.ModTime(), body)
}

// etag makes a strong validator of size and time of change, or of the content where no
// time is known (embed.FS). body is at its beginning before and after.
func etag(info fs.FileInfo, coding string, body io.ReadSeeker) (string, error) {
	b := make([]byte, 0, 48)
	b = append(b, '"')
	if t := info.ModTime(); known(t) {
		b = strconv.AppendInt(b, info.Size(), 36)
		b = append(b, '-')
		b = strconv.AppendInt(b, t.UnixNano(), 36)
	} else {
		if info.Size() > hashLimit {
			return "", nil
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, body); err != nil {
			return "", err
		}
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return "", err
		}
		b = hex.AppendEncode(b, sum.Sum(nil)[:16])
	}
	if coding != "" {
		b = append(append(b, '-'), coding...)
	}
	return string(append(b, '"')), nil
}

// known reports whether t is a time of change; ServeContent leaves out the same two.
func known(t time.Time) bool { return !t.IsZero() && !t.Equal(time.Unix(0, 0)) }

// codedWriter gives the length of a compressed file, which ServeContent leaves out for
// whoever compresses on the way.
type codedWriter struct {
	http.ResponseWriter
	size int64
}

func (w *codedWriter) WriteHeader(status int) {
	if status == http.StatusOK {
		w.Header().Set("Content-Length", strconv.FormatInt(w.size, 10))
	}
	w.ResponseWriter.WriteHeader(status)
}

// ReadFrom keeps the system's way from file to socket.
func (w *codedWriter) ReadFrom(r io.Reader) (int64, error) { return io.Copy(w.ResponseWriter, r) }

func (w *codedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// forwardFile makes a file seekable that is not, such as a zip archive's: forward by
// reading on, backward by opening it again. It holds no content.
type forwardFile struct {
	file fs.File
	open func() (fs.File, error)
	size int64 // as the archive says
	at   int64 // where file is
	want int64 // where the next Read begins
	own  bool  // file was opened here
}

func (s *forwardFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.want
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	s.want = offset
	return offset, nil
}

func (s *forwardFile) Read(p []byte) (int, error) {
	if s.want < s.at {
		again, err := s.open()
		if err != nil {
			return 0, err
		}
		s.Close()
		s.file, s.at, s.own = again, 0, true
	}
	if s.want > s.at {
		n, err := io.CopyN(io.Discard, s.file, s.want-s.at)
		s.at += n
		if err != nil {
			return 0, err
		}
	}
	n, err := s.file.Read(p)
	s.at += int64(n)
	s.want = s.at
	return n, err
}

// Close closes what was opened here.
func (s *forwardFile) Close() error {
	if !s.own {
		return nil
	}
	s.own = false
	return s.file.Close()
}
