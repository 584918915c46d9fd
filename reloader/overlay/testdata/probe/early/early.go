// Package early looks at the environment before main does, and needs little.
package early

import "os"

var Seen = func() []string {
	var seen []string
	for _, e := range os.Environ() {
		if len(e) > 9 && e[:9] == "PASTEDEV_" || e == "PROBE=1" {
			seen = append(seen, e)
		}
	}
	return seen
}()
