package proxy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func TestParseSums(t *testing.T) {
	us := func(n int) inspect.Millis { return inspect.Millis(time.Duration(n) * time.Microsecond) }
	tests := []struct {
		in     string
		want   inspect.Sums
		timing string
	}{
		{"", inspect.Sums{}, ""},
		{"logs=0;sql=0;sqlus=0;calls=0;callus=0", inspect.Sums{}, ""},
		{"logs=2;sql=1;sqlus=153;calls=3;callus=4200", inspect.Sums{Logs: 2, SQL: 1, SQLTime: us(153), Calls: 3, CallTime: us(4200)},
			`, sql;desc="1 statements";dur=0.153, calls;desc="3 outgoing";dur=4.200, logs;desc="2 lines"`},
		{"sql=x;;=;later=9;logs=-4;calls=1", inspect.Sums{Calls: 1}, `, calls;desc="1 outgoing"`},
	}
	for _, test := range tests {
		got := parseSums(test.in)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: %s", test.in, diff)
		}
		if timing := string(appendSums(nil, got)); timing != test.timing {
			t.Errorf("%q: timing %s, want %s", test.in, timing, test.timing)
		}
	}
}
