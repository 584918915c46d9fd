package reloader

import (
	"os"
	"runtime"
	"testing"

	"github.com/creack/pty"
)

// TestRestartsLeakNothing restarts a program on terminals many times: no descriptor and
// no goroutine is left of those that have ended.
func TestRestartsLeakNothing(t *testing.T) {
	user, ours, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close(); ours.Close() })
	for _, pair := range []struct {
		name string
		edit func(*Options)
	}{
		{"pipes", nil},
		{"terminals", func(o *Options) { o.PTY, o.Cols, o.Rows = true, 80, 24 }},
		{"a terminal to read", func(o *Options) { o.Stdin = ours }},
	} {
		t.Run(pair.name, func(t *testing.T) {
			ts := superviseRole(t, "sleep", pair.edit)
			pid := 0
			next := func() {
				pollUntil(t, "another program runs", func() bool { p := ts.Status().PID; return p != 0 && p != pid })
				pid = ts.Status().PID
			}
			next()
			const first, restarts = 3, 20 // the first ones find their caches empty
			var files, routines int
			for i := range restarts {
				if i == first {
					files, routines = openFiles(t), runtime.NumGoroutine()
				}
				ts.Restart()
				next()
			}
			// What ends, ends soon after: one restart's worth may be on its way.
			pollUntil(t, "nothing is left of the others", func() bool {
				return openFiles(t) <= files && runtime.NumGoroutine() <= routines
			})
		})
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
