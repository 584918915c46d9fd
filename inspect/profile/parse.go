package profile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	pb "github.com/google/pprof/profile"
)

// Limits of a profile that is read. A processor profile of a minute has some 100 kB; a heap
// profile of a very large program a few MB.
const (
	maxData     = 64 << 20  // bytes as sent, and of an execution trace
	maxUnpacked = 256 << 20 // bytes, so that no compressed file can fill the memory
)

// Parse reads a profile in the form of pprof, gzipped or not. What is not one, or is too
// large, is an error.
func Parse(data []byte) (p *pb.Profile, err error) {
	defer func() {
		// The parser is not ours, and the data is what some program sent.
		if v := recover(); v != nil {
			p, err = nil, fmt.Errorf("read profile: damaged: %v", v)
		}
	}()
	if len(data) == 0 {
		return nil, errors.New("read profile: it is empty")
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if data, err = unpack(data); err != nil {
			return nil, fmt.Errorf("read profile: %w", err)
		}
	}
	if p, err = pb.ParseUncompressed(data); err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	if err := p.CheckValid(); err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	return p, nil
}

func unpack(data []byte) ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(zr, maxUnpacked+1))
	if err != nil {
		return nil, err
	}
	if len(out) > maxUnpacked {
		return nil, fmt.Errorf("more than %d MB unpacked", maxUnpacked>>20)
	}
	return out, zr.Close()
}

// Encode writes p in the form of pprof, gzipped.
func Encode(p *pb.Profile) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return nil, fmt.Errorf("write profile: %w", err)
	}
	return b.Bytes(), nil
}
