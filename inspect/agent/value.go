package agent

import (
	"strconv"
	"time"
)

const (
	maxArgs = 32  // of one statement
	maxArg  = 200 // bytes of one
)

// Go writes a value in the syntax of Go, shortened. It calls no code of the
// program: what is neither basic nor known is written by its type.
func Go(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return quote(v)
	case []byte:
		if v == nil {
			return "[]byte(nil)"
		}
		return "[]byte(" + quote(string(v[:min(len(v), maxArg+1)])) + ")"
	case bool:
		return strconv.FormatBool(v)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case complex64:
		return strconv.FormatComplex(complex128(v), 'g', -1, 64)
	case complex128:
		return strconv.FormatComplex(v, 'g', -1, 128)
	case time.Time:
		return "time.Time(" + v.Format(time.RFC3339Nano) + ")"
	case time.Duration:
		return v.String()
	}
	if text, ok := goInteger(v); ok {
		return text
	}
	if text, ok := goPointer(v); ok {
		return text
	}
	text, _, _ := host.typeOf(v)
	return cut(text, maxArg)
}

func goInteger(v any) (string, bool) {
	switch v := v.(type) {
	case int:
		return strconv.FormatInt(int64(v), 10), true
	case int8:
		return strconv.FormatInt(int64(v), 10), true
	case int16:
		return strconv.FormatInt(int64(v), 10), true
	case int32:
		return strconv.FormatInt(int64(v), 10), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint:
		return strconv.FormatUint(uint64(v), 10), true
	case uint8:
		return strconv.FormatUint(uint64(v), 10), true
	case uint16:
		return strconv.FormatUint(uint64(v), 10), true
	case uint32:
		return strconv.FormatUint(uint64(v), 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case uintptr:
		return "0x" + strconv.FormatUint(uint64(v), 16), true
	}
	return "", false
}

// goPointer writes what the usual pointers point to.
func goPointer(v any) (string, bool) {
	var to any
	switch v := v.(type) {
	case *string:
		if v != nil {
			to = *v
		}
	case *int:
		if v != nil {
			to = *v
		}
	case *int64:
		if v != nil {
			to = *v
		}
	case *bool:
		if v != nil {
			to = *v
		}
	case *float64:
		if v != nil {
			to = *v
		}
	case *time.Time:
		if v != nil {
			to = *v
		}
	default:
		return "", false
	}
	return Go(to), true
}

func quote(s string) string { return strconv.Quote(cut(s, maxArg)) }

// errorText is err.Error(), "" for nil. It is code of the program: a panic there
// stays there.
func errorText(err error) (text string) {
	if err == nil {
		return ""
	}
	return guarded(err.Error)
}

// guarded calls f and shortens what it returns.
func guarded(f func() string) (text string) {
	before := host.quiet(true)
	defer func() {
		host.quiet(before)
		if recover() != nil {
			text = "(its text panics)"
		}
	}()
	return cut(f(), maxMessage)
}

// maxMessage bounds the text of an error or of a panic value.
const maxMessage = 4 << 10

// ErrorText is err.Error() for the hooks, shortened; a panic there stays there.
func ErrorText(err error) string { return errorText(err) }
