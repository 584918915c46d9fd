package static

import (
	"net/http"
	"strconv"
	"strings"
)

const (
	// maxRanges bounds the parts of an answer; readers of PDF and video ask for few.
	maxRanges = 32
	// partOverhead is more than the lines around a part of multipart/byteranges take.
	partOverhead = 256
)

// understandableRange returns r with a Range that http.ServeContent takes, or without
// one where RFC 9110 has it ignored: not GET (14.2), another unit than bytes (14.2), bad
// syntax (14.2 leaves the choice; a client that gets the whole is not lost). Also ignored
// are many parts, parts that with the lines around them exceed the file (14.2 again), and
// several of a coded file: Content-Encoding would be said of the multipart around them.
func understandableRange(r *http.Request, size int64, coded bool) *http.Request {
	field := r.Header.Get("Range")
	if field == "" {
		return r
	}
	set, ok := byteRanges(field, size, coded)
	if ok && r.Method == http.MethodGet && set == field && len(r.Header["Range"]) == 1 {
		return r
	}
	r2 := *r
	r2.Header = r.Header.Clone()
	if r2.Header.Del("Range"); ok && r.Method == http.MethodGet {
		r2.Header.Set("Range", set)
	}
	return &r2
}

// byteRanges returns field with its unit in lower case; ok says whether it is worth
// following for a file of size; several ranges are not if single.
func byteRanges(field string, size int64, single bool) (set string, ok bool) {
	unit, list, found := strings.Cut(field, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return "", false
	}
	parts, sum := int64(0), int64(0)
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.Trim(item, " \t"); item == "" {
			continue
		}
		n, valid := rangeLength(item, size)
		if parts++; !valid || parts > maxRanges {
			return "", false
		}
		sum += n
	}
	if parts == 0 || parts > 1 && single || parts > 1 && sum > 0 && sum+parts*partOverhead > size {
		return "", false
	}
	return "bytes=" + list, true
}

// rangeLength returns how many bytes of a file of size "5-9", "5-" or "-3" is; 0 if it
// lies outside.
func rangeLength(item string, size int64) (n int64, valid bool) {
	first, last, found := strings.Cut(item, "-")
	if !found {
		return 0, false
	}
	first, last = strings.TrimSpace(first), strings.TrimSpace(last)
	if first == "" {
		n, ok := digits(last)
		return min(n, size), ok
	}
	from, ok := digits(first)
	if !ok {
		return 0, false
	}
	to := size - 1
	if last != "" {
		if to, ok = digits(last); !ok || to < from {
			return 0, false
		}
	}
	return max(0, min(to, size-1)-from+1), true
}

// digits reads 1*DIGIT that fits an int64.
func digits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
