package inject

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
)

const (
	// chunk is the most that one read takes from the target's content.
	chunk = 16 << 10
	// maxTape bounds what is kept of the undecoded body until the tag is certain: a
	// body that takes more than twice the window to decode to a window is not a page.
	maxTape = 2 * window
	// maxEmpty is how many reads with neither data nor error are borne in a row.
	maxEmpty = 100
)

// phase is where a body stands.
type phase int

const (
	seeking phase = iota // the place may still come
	placed               // the tag is in
	passed               // it will never be
)

// body is a response body with the tag put in on its way. As every body it has one
// reader at a time.
type body struct {
	tape   *tape
	raw    *bufio.Reader // of tape
	direct io.Reader     // what is read once raw is empty and nothing is to be made of it
	coding string
	dec    io.Reader    // of raw: the content; nil before the first step
	enc    encoder      // to out; nil for identity
	out    bytes.Buffer // ready to go
	place  placer
	markup func(rest []byte) []byte // the tag, given what is at hand of the page behind it
	added  int64                    // length of the tag that went in
	phase  phase
	dirty  bool // enc holds what has not been flushed
	buf    []byte
	err    error // of the source or the coding; delivered once out is empty
}

func newBody(src io.ReadCloser, coding string, markup func(rest []byte) []byte, place placer) *body {
	t := &tape{src: src, on: true}
	return &body{tape: t, raw: bufio.NewReaderSize(t, chunk), direct: t, coding: coding, place: place, markup: markup}
}

// prime reads until it is certain that the tag goes in, and reports that. With exact
// it goes on until the tag is in. Of a body that is certain to be a page and whose
// length need not be known it reads nothing.
func (b *body) prime(exact bool) bool {
	if b.place.certain && !b.place.xml && !exact {
		return true
	}
	for b.err == nil && b.phase == seeking && (exact || !b.place.page || b.place.xml) {
		b.step()
	}
	if b.phase == placed || b.phase == seeking && b.err == nil {
		b.tape.stop()
		return true
	}
	return false
}

// restore returns the target's body as if it had never been touched. It is for a
// body that could not be primed.
func (b *body) restore() io.ReadCloser {
	if b.tape.on {
		b.direct = b.tape.replay()
	}
	return struct {
		io.Reader
		io.Closer
	}{b.direct, b}
}

// Read returns what is ready, or reads from the target once and returns what came
// of that.
func (b *body) Read(p []byte) (int, error) {
	for b.out.Len() == 0 {
		if b.err != nil {
			return 0, b.err
		}
		if b.phase != seeking && b.enc == nil && b.raw.Buffered() == 0 {
			b.tape.stop()
			return b.direct.Read(p)
		}
		b.step()
		if b.out.Len() > 0 {
			b.tape.stop()
		}
	}
	return b.out.Read(p)
}

// Close closes the target's body and frees the decoder.
func (b *body) Close() error {
	if c, ok := b.dec.(io.Closer); ok && b.coding == "zstd" {
		c.Close()
	}
	return b.tape.src.Close()
}

// step reads the content once and moves what came into out.
func (b *body) step() {
	if b.dec == nil {
		if err := b.open(); err != nil {
			b.fail(err)
			return
		}
	}
	n, err := b.fill()
	if b.phase == seeking {
		b.seek(b.buf[:n], err)
	} else {
		b.write(b.buf[:n])
	}
	switch {
	case err == io.EOF:
		b.finish()
	case err != nil:
		b.fail(err)
	case b.enc != nil && b.dirty:
		b.enc.Flush() // out is a bytes.Buffer: it takes everything
		b.dirty = false
	}
}

// fill reads the content into buf.
func (b *body) fill() (n int, err error) {
	for range maxEmpty {
		if n, err = b.dec.Read(b.buf); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// open makes the decoder and the encoder.
func (b *body) open() error {
	b.buf = make([]byte, chunk)
	if b.coding == "" {
		b.dec = b.raw
		return nil
	}
	dec, form, err := newDecoder(b.coding, b.raw)
	if err != nil {
		return err
	}
	b.dec = dec
	b.enc, err = newEncoder(form, &b.out)
	return err
}

// seek hands content to the placer and writes what it lets go. err is what the read
// that brought the content ended with.
func (b *body) seek(p []byte, err error) {
	out, v := b.place.feed(p)
	b.write(out)
	switch {
	case v == found:
		tag := b.markup(b.place.held)
		b.write(tag)
		b.added, b.phase = int64(len(tag)), placed
	case v == giveUp || err != nil:
		b.phase = passed
	default:
		return
	}
	b.write(b.place.rest())
}

func (b *body) write(p []byte) {
	if len(p) == 0 {
		return
	}
	if b.enc != nil {
		b.enc.Write(p)
		b.dirty = true
		return
	}
	b.out.Write(p)
}

// finish ends the content: what follows it in the coded body (a further gzip member,
// padding) goes through as it is.
func (b *body) finish() {
	if b.enc == nil {
		b.err = io.EOF
		return
	}
	b.enc.Close()
	b.enc = nil
}

// fail ends a body that broke or does not decode. While the tape runs nothing has
// gone out and the target's own bytes go out in place of what was made of them.
// Later the content so far goes out and the reader gets the error, which is what it
// would have got from the broken body.
func (b *body) fail(err error) {
	if b.coding == "" || !b.tape.on {
		if b.enc != nil {
			b.enc.Flush()
		}
		b.err = err
		return
	}
	b.out.Reset()
	b.enc, b.phase = nil, passed
	b.direct = b.tape.replay()
	b.raw.Reset(http.NoBody)
}

// tape is the target's body. While it is on it keeps what was read, up to maxTape.
type tape struct {
	src io.ReadCloser
	on  bool
	buf []byte
	err error // of src
}

// errTape stops a decoder that reads on and on.
type errTape struct{}

func (errTape) Error() string { return "inject: the body does not decode to a page within the window" }

func (t *tape) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	if t.on {
		if len(t.buf) >= maxTape {
			return 0, errTape{}
		}
		p = p[:min(len(p), maxTape-len(t.buf))]
	}
	n, err := t.src.Read(p)
	if t.on {
		t.buf = append(t.buf, p[:n]...)
	}
	t.err = err
	return n, err
}

// stop ends the recording and lets go of the record.
func (t *tape) stop() { t.on, t.buf = false, nil }

// replay ends the recording and returns the whole body once more, from its start.
func (t *tape) replay() io.Reader {
	start := bytes.NewReader(t.buf)
	t.stop()
	return io.MultiReader(start, t)
}
