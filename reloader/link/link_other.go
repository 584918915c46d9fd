//go:build !linux && !darwin && !freebsd

package link

import (
	"errors"
	"fmt"
	"runtime"
)

// New fails: this system passes no sockets on to children. The target is then run
// without the agent and told its private address through PORT and HOST.
func New() (*Link, error) {
	return nil, fmt.Errorf("agent link: the agent is off on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
