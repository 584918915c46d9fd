package reread

import (
	"fmt"
	"strings"
)

// Lines calls f with each line of a file of users that says something: without blanks around
// it; empty lines, those that begin with # and a byte order mark do not count. An error of f
// ends it, and is returned with the line's number before it.
func Lines(b []byte, f func(line string) error) error {
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := f(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}
