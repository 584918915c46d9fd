package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
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
	fLogs
	fSQL
	fSQLTime
	fCalls
	fCallTime
	fErrors
	fNodes
	fVerdict
	fHTMLErrors
	fHTMLWarnings
	fHTMLNew
	fParent
	fMount
	fPrograms
	fVia
	fLast = iota
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

// textField returns where s keeps a field that is a string, nil for other numbers.
func textField(s *inspect.Summary, field uint64) *string {
	switch field {
	case fID:
		return (*string)(&s.ID)
	case fKind:
		return (*string)(&s.Kind)
	case fMethod:
		return &s.Method
	case fURL:
		return &s.URL
	case fHost:
		return &s.Host
	case fPath:
		return &s.Path
	case fProto:
		return &s.Proto
	case fContentType:
		return &s.ContentType
	case fClient:
		return &s.Client
	case fPage:
		return (*string)(&s.Page)
	case fReplayOf:
		return (*string)(&s.ReplayOf)
	case fParent:
		return (*string)(&s.Parent)
	case fVia:
		return (*string)(&s.Via)
	case fMount:
		return &s.Mount
	case fError:
		return &s.Error
	case fVerdict:
		return &s.Verdict
	}
	return nil
}

// countField is textField for fields that are an int.
func countField(s *inspect.Summary, field uint64) *int {
	switch field {
	case fStatus:
		return &s.Status
	case fBuild:
		return &s.Build
	case fLogs:
		return &s.Sums.Logs
	case fSQL:
		return &s.Sums.SQL
	case fCalls:
		return &s.Sums.Calls
	case fErrors:
		return &s.Sums.Errors
	case fNodes:
		return &s.Sums.Nodes
	case fPrograms:
		return &s.Sums.Programs
	case fHTMLErrors:
		return &s.Sums.HTMLErrors
	case fHTMLWarnings:
		return &s.Sums.HTMLWarnings
	case fHTMLNew:
		return &s.Sums.HTMLNew
	}
	return nil
}

// amountField is textField for fields that are an int64 or a duration.
func amountField(s *inspect.Summary, field uint64) *int64 {
	switch field {
	case fDuration:
		return (*int64)(&s.Duration)
	case fRequestSize:
		return &s.RequestSize
	case fResponseSize:
		return &s.ResponseSize
	case fSQLTime:
		return (*int64)(&s.Sums.SQLTime)
	case fCallTime:
		return (*int64)(&s.Sums.CallTime)
	}
	return nil
}

// appendSummary appends s without its Seq, which is the row's key, and without
// InFlight, which is never set on disk.
func appendSummary(b []byte, s *inspect.Summary) []byte {
	for field := uint64(fID); field <= fLast; field++ {
		if p := textField(s, field); p != nil {
			b = appendString(b, field, *p)
		} else if p := countField(s, field); p != nil {
			b = appendInt(b, field, int64(*p))
		} else if p := amountField(s, field); p != nil {
			b = appendInt(b, field, *p)
		}
	}
	if !s.Start.IsZero() {
		b = appendInt(b, fStart, s.Start.UnixNano())
	}
	return b
}

// decodeSummary reads what appendSummary wrote into s, which is empty but for what is not
// written. The texts of s are parts of b.
func decodeSummary(b string, s *inspect.Summary) error {
	for len(b) > 0 {
		key, n := uint64(b[0]), 1
		if key >= 0x80 { // no field of ours, yet
			if key, n = uvarint(b); n == 0 {
				return errBadRecord
			}
		}
		b = b[n:]
		v := uint64(0)
		if n = 1; len(b) > 0 && b[0] < 0x80 { // most of them
			v = uint64(b[0])
		} else if v, n = uvarint(b); n == 0 {
			return errBadRecord
		}
		b = b[n:]
		if key&1 == 0 {
			setInt(s, key>>1, int64(v>>1)^-int64(v&1)) // as binary.Varint does
			continue
		}
		if v > uint64(len(b)) {
			return errBadRecord
		}
		if p := textField(s, key>>1); p != nil {
			*p = b[:v]
		}
		b = b[v:]
	}
	return nil
}

// uvarint is [binary.Uvarint] of a string. n is 0 where there is no number, or one of more
// than 64 bits.
func uvarint(b string) (v uint64, n int) {
	for i := range min(len(b), binary.MaxVarintLen64) {
		c := b[i]
		if c < 0x80 {
			if i == binary.MaxVarintLen64-1 && c > 1 {
				return 0, 0
			}
			return v | uint64(c)<<(7*i), i + 1
		}
		v |= uint64(c&0x7f) << (7 * i)
	}
	return 0, 0
}

func setInt(s *inspect.Summary, field uint64, v int64) {
	if p := countField(s, field); p != nil {
		*p = int(v)
	} else if p := amountField(s, field); p != nil {
		*p = v
	} else if field == fStart && v != 0 { // 0 is never written
		s.Start = time.Unix(0, v)
	}
}

// details is what the file holds of an exchange beside its summary, its call tree and
// the bytes of its bodies, which follow it uncoded: base64 would make them a third
// larger.
type details struct {
	Timing       inspect.Timing   `json:"t"`
	Request      inspect.Message  `json:"q"`
	Response     inspect.Message  `json:"s"`
	ResponseFrom inspect.Origin   `json:"f,omitempty"`
	Injected     bool             `json:"i,omitempty"`
	Added        []string         `json:"a,omitempty"`
	Logs         []inspect.Output `json:"l,omitempty"`
	Spans        []inspect.Span   `json:"p,omitempty"`
	Traces       []int64          `json:"r,omitempty"`

	HTML *inspect.HTMLCheck `json:"h,omitempty"`
}

// compressFrom is the size from which details are worth compressing: below it the
// bytes saved are fewer than the row's own overhead.
const compressFrom = 1 << 10

// maxDetails bounds what a damaged length can make us allocate when reading.
const maxDetails = 1 << 30

// encoder encodes details. Its buffers are reused, so that a row costs one allocation
// of its exact size; they are let go when one row needed more than maxScratch.
type encoder struct{ plain, packed, tree []byte }

// maxScratch is a little more than two bodies of the default limit.
const maxScratch = 4 << 20

// The first byte of details. Those of an exchange without a call tree are as they were
// before there were any.
const (
	isPacked = 1 << iota // what follows is one block of s2
	hasTree
)

// encode returns the details of ex: a byte of the flags above, then the lengths of the
// JSON part, of the request body and, if there is one, of the tree, then JSON, tree and
// both bodies.
func (e *encoder) encode(ex *inspect.Exchange) ([]byte, error) {
	d := details{ex.Timing, ex.Request, ex.Response, ex.ResponseFrom, ex.Injected, ex.Added,
		ex.Logs, ex.Spans, ex.Traces, ex.HTML}
	d.Request.Body.Data, d.Response.Body.Data = nil, nil
	js, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode exchange %s: %w", ex.ID.Short(), err)
	}
	req, res := ex.Request.Body.Data, ex.Response.Body.Data
	var tree []byte
	b := append(e.plain[:0], 0)
	b = binary.AppendUvarint(b, uint64(len(js)))
	b = binary.AppendUvarint(b, uint64(len(req)))
	if ex.CallTree != nil {
		e.tree = appendTree(e.tree[:0], ex.CallTree)
		tree = e.tree
		b[0] = hasTree
		b = binary.AppendUvarint(b, uint64(len(tree)))
	}
	b = append(append(append(append(b, js...), tree...), req...), res...)
	e.plain = b
	if n := s2.MaxEncodedLen(len(b) - 1); len(b) >= compressFrom && n >= 0 { // below 0 it is too large for s2
		e.packed = slices.Grow(e.packed[:0], 1+n)[:1+n]
		e.packed[0] = b[0] | isPacked
		b = e.packed[:1+len(s2.Encode(e.packed[1:], b[1:]))]
	}
	out := append(make([]byte, 0, len(b)), b...)
	if cap(e.plain)+cap(e.packed)+cap(e.tree) > maxScratch {
		*e = encoder{}
	}
	return out, nil
}

// decodeDetails is the inverse of [encoder.encode], given the summary. Without trees the
// call tree, which is costly, is left out.
func decodeDetails(b []byte, s *inspect.Summary, trees bool) (*inspect.Exchange, error) {
	if len(b) == 0 || b[0]&^(isPacked|hasTree) != 0 {
		return nil, errBadRecord
	}
	flags := b[0]
	if flags&isPacked != 0 {
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
	if !ok {
		return nil, errBadRecord
	}
	treeLen := 0
	if flags&hasTree != 0 {
		if treeLen, b, ok = cutLength(b); !ok {
			return nil, errBadRecord
		}
	}
	if js > len(b) || treeLen > len(b)-js || reqLen > len(b)-js-treeLen {
		return nil, errBadRecord
	}
	var d details
	if err := json.Unmarshal(b[:js], &d); err != nil {
		return nil, errBadRecord
	}
	var tree *inspect.CallTree
	if flags&hasTree != 0 && trees {
		var err error
		if tree, err = decodeTree(b[js : js+treeLen]); err != nil {
			return nil, err
		}
	}
	b = b[js+treeLen:]
	d.Request.Body.Data, d.Response.Body.Data = orNil(b[:reqLen:reqLen]), orNil(b[reqLen:])
	return &inspect.Exchange{Summary: *s, Timing: d.Timing, Request: d.Request, Response: d.Response,
		ResponseFrom: d.ResponseFrom, Injected: d.Injected, Added: d.Added,
		Logs: d.Logs, Spans: d.Spans, Traces: d.Traces, CallTree: tree, HTML: d.HTML}, nil
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
