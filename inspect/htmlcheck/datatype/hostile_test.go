package datatype

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHostile: a large value takes no quadratic time with any type. The bound is generous:
// quadratic time would take minutes.
func TestHostile(t *testing.T) {
	const size = 1 << 17
	var distinct strings.Builder
	for i := 0; distinct.Len() < size; i++ {
		fmt.Fprintf(&distinct, "a%x ", i)
	}
	values := []string{
		distinct.String(), "http://" + strings.Repeat("é", size/2), "http://" + strings.Repeat("é.", size/3), "http://" + strings.Repeat("%C3%A9", size/6),
		"http://" + strings.Repeat("1.", size/2), "http://[" + strings.Repeat("1:", size/2) + "]", "data:;base64," + strings.Repeat("QQ==", size/4), "data:a/b" + strings.Repeat(";a=b", size/4),
	}
	for _, unit := range []string{"1", "-", "a-", "é", "1h ", "1,", "a:b ", "a ", "a,", ";", "(", "\x00", "\xff", "%", "[", "#", "@", "a/b;", " "} {
		values = append(values, strings.Repeat(unit, size/len(unit)))
	}
	for _, typ := range table() {
		for i, v := range values {
			start := time.Now()
			if p := typ.Check(v); p != nil && len(p.Message) > 10*maxQuoted+200 {
				t.Errorf("%s: value %d makes a message of %d bytes", typ.Name, i, len(p.Message))
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("%s: value %d (%.20q…) takes %v", typ.Name, i, v, d)
			} else if d > time.Second {
				t.Logf("%s: value %d (%.20q…) takes %v", typ.Name, i, v, d)
			}
		}
	}
}
