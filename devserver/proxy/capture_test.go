package proxy

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// TestCaptureRate keeps bodies whole within the burst, the first bytes of each beyond
// it, failures always, and bodies again after a quiet time.
func TestCaptureRate(t *testing.T) { synctest.Test(t, testCaptureRate) }

func testCaptureRate(t *testing.T) { // in a bubble, whose clock stands still
	big := bytes.Repeat([]byte("x"), 100<<10)
	var b budget
	keep := func(vital bool) (kept int, truncated bool) {
		c := capture{budget: &b, limit: DefaultBodyLimit}
		if vital {
			c.keepAlways()
		}
		for rest := big; len(rest) > 0; { // as it comes from a connection
			n := min(len(rest), copyBuffer)
			c.write(rest[:n])
			rest = rest[n:]
		}
		got := c.body()
		if got.Size != int64(len(big)) {
			t.Fatalf("counted %d bytes of %d", got.Size, len(big))
		}
		return len(got.Data), got.Truncated
	}
	if n, truncated := keep(false); n != len(big) || truncated {
		t.Errorf("in quiet times: kept %d, truncated %v", n, truncated)
	}
	if !b.spend(captureBurst-int64(b.spent), time.Now()) {
		t.Fatal("the burst is smaller than stated")
	}
	if n, truncated := keep(false); n != smallest || !truncated {
		t.Errorf("beyond the rate: kept %d, truncated %v; want %d of it", n, truncated, smallest)
	}
	if n, truncated := keep(true); n != len(big) || truncated {
		t.Errorf("a failure beyond the rate: kept %d, truncated %v", n, truncated)
	}
	time.Sleep(time.Second)
	if n, truncated := keep(false); n != len(big) || truncated {
		t.Errorf("after a second: kept %d, truncated %v", n, truncated)
	}
	if used := b.used.Load(); used != 0 {
		t.Errorf("%d bytes are still counted", used)
	}
}
