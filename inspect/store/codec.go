package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/pastedev/pastedev/inspect"
)

// The summary of an exchange is stored as a run of fields, each a key (number<<1,
// plus 1 for a string) followed by a varint, or by a length and bytes. Zero values
// are left out and unknown numbers are skipped, so fields may be added without a new
// schema version; numbers are never given a second meaning.
const (
	fID = iota + 1
	fKind
	fMethod
	fURL
	fHost
	fPath
	fProto
	fStatus
	fStart // Unix time in nanoseconds
	fDuration
	fRequestSize
	fResponseSize
	fContentType
	fClient
	fBuild
	fPage
	fReplayOf
	fError
)

var errBadRecord = errors.New("record is damaged")

func appendString(b []byte, field uint64, s string) []byte {
	if s == "" {
		return b
	}
	b = binary.AppendUvarint(b, field<<1|1)
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendInt(b []byte, field uint64, n int64) []byte {
	if n == 0 {
		return b
	}
	b = binary.AppendUvarint(b, field<<1)
	return binary.AppendVarint(b, n)
}

// appendSummary appends s without its Seq, which is the row's key, and without
// InFlight, which is never set on disk.
func appendSummary(b []byte, s *inspect.Summary) []byte {
	b = appendString(b, fID, string(s.ID))
	b = appendString(b, fKind, string(s.Kind))
	b = appendString(b, fMethod, s.Method)
	b = appendString(b, fURL, s.URL)
	b = appendString(b, fHost, s.Host)
	b = appendString(b, fPath, s.Path)
	b = appendString(b, fProto, s.Proto)
	b = appendInt(b, fStatus, int64(s.Status))
	if !s.Start.IsZero() {
		b = appendInt(b, fStart, s.Start.UnixNano())
	}
	b = appendInt(b, fDuration, int64(s.Duration))
	b = appendInt(b, fRequestSize, s.RequestSize)
	b = appendInt(b, fResponseSize, s.ResponseSize)
	b = appendString(b, fContentType, s.ContentType)
	b = appendString(b, fClient, s.Client)
	b = appendInt(b, fBuild, int64(s.Build))
	b = appendString(b, fPage, string(s.Page))
	b = appendString(b, fReplayOf, string(s.ReplayOf))
	return appendString(b, fError, s.Error)
}

// decodeSummary reads what appendSummary wrote. The strings that repeat are interned.
func decodeSummary(b []byte, in *interner) (*inspect.Summary, error) {
	var s inspect.Summary
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errBadRecord
		}
		b = b[n:]
		if key&1 == 0 {
			v, n := binary.Varint(b)
			if n <= 0 {
				return nil, errBadRecord
			}
			b = b[n:]
			setInt(&s, key>>1, v)
			continue
		}
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errBadRecord
		}
		setString(&s, key>>1, string(b[n:n+int(size)]))
		b = b[n+int(size):]
	}
	return in.compact(&s), nil
}

func setInt(s *inspect.Summary, field uint64, v int64) {
	switch field {
	case fStatus:
		s.Status = int(v)
	case fStart:
		if v != 0 { // which appendInt never writes
			s.Start = time.Unix(0, v)
		}
	case fDuration:
		s.Duration = inspect.Millis(v)
	case fRequestSize:
		s.RequestSize = v
	case fResponseSize:
		s.ResponseSize = v
	case fBuild:
		s.Build = int(v)
	}
}

func setString(s *inspect.Summary, field uint64, v string) {
	switch field {
	case fID:
		s.ID = inspect.ID(v)
	case fKind:
		s.Kind = inspect.Kind(v)
	case fMethod:
		s.Method = v
	case fURL:
		s.URL = v
	case fHost:
		s.Host = v
	case fPath:
		s.Path = v
	case fProto:
		s.Proto = v
	case fContentType:
		s.ContentType = v
	case fClient:
		s.Client = v
	case fPage:
		s.Page = inspect.ID(v)
	case fReplayOf:
		s.ReplayOf = inspect.ID(v)
	case fError:
		s.Error = v
	}
}

// details is what the file holds of an exchange beside its summary and the bytes of
// its bodies, which follow it uncoded: base64 would make them a third larger.
type details struct {
	Timing       inspect.Timing  `json:"t"`
	Request      inspect.Message `json:"q"`
	Response     inspect.Message `json:"s"`
	ResponseFrom inspect.Origin  `json:"f,omitempty"`
	Injected     bool            `json:"i,omitempty"`
	Added        []string        `json:"a,omitempty"`
}

// compressFrom is the size from which details are worth compressing: below it the
// bytes saved are fewer than the row's own overhead.
const compressFrom = 1 << 10

// maxDetails bounds what a damaged length can make us allocate when reading.
const maxDetails = 1 << 30

// encodeDetails returns the details of ex: a byte that says whether s2 follows, then
// the lengths of the JSON part and of the request body, then JSON and both bodies.
func encodeDetails(ex *inspect.Exchange) ([]byte, error) {
	d := details{ex.Timing, ex.Request, ex.Response, ex.ResponseFrom, ex.Injected, ex.Added}
	d.Request.Body.Data, d.Response.Body.Data = nil, nil
	js, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode exchange %s: %w", ex.ID.Short(), err)
	}
	req, res := ex.Request.Body.Data, ex.Response.Body.Data
	b := make([]byte, 1, 1+2*binary.MaxVarintLen32+len(js)+len(req)+len(res))
	b = binary.AppendUvarint(b, uint64(len(js)))
	b = binary.AppendUvarint(b, uint64(len(req)))
	b = append(append(append(b, js...), req...), res...)
	if len(b) < compressFrom {
		return b, nil
	}
	packed := make([]byte, 1+max(0, s2.MaxEncodedLen(len(b)-1)))
	if len(packed) == 1 {
		return b, nil // too large for s2: kept as it is
	}
	packed[0] = 1
	return packed[:1+len(s2.Encode(packed[1:], b[1:]))], nil
}

// decodeDetails is the inverse of encodeDetails, given the summary.
func decodeDetails(b []byte, s *inspect.Summary) (*inspect.Exchange, error) {
	if len(b) == 0 || b[0] > 1 {
		return nil, errBadRecord
	}
	if b[0] == 1 {
		n, err := s2.DecodedLen(b[1:])
		if err != nil || n > maxDetails {
			return nil, errBadRecord
		}
		if b, err = s2.Decode(nil, b[1:]); err != nil {
			return nil, errBadRecord
		}
	} else {
		b = b[1:]
	}
	js, b, ok := cutLength(b)
	if !ok {
		return nil, errBadRecord
	}
	reqLen, b, ok := cutLength(b)
	if !ok || js > len(b) || reqLen > len(b)-js {
		return nil, errBadRecord
	}
	var d details
	if err := json.Unmarshal(b[:js], &d); err != nil {
		return nil, errBadRecord
	}
	b = b[js:]
	d.Request.Body.Data, d.Response.Body.Data = orNil(b[:reqLen:reqLen]), orNil(b[reqLen:])
	return &inspect.Exchange{Summary: *s, Timing: d.Timing, Request: d.Request, Response: d.Response,
		ResponseFrom: d.ResponseFrom, Injected: d.Injected, Added: d.Added}, nil
}

func cutLength(b []byte) (int, []byte, bool) {
	v, n := binary.Uvarint(b)
	if n <= 0 || v > math.MaxInt32 {
		return 0, nil, false
	}
	return int(v), b[n:], true
}

func orNil(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
