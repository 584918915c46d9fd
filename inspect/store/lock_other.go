//go:build !unix && !windows

package store

import (
	"errors"
	"os"
)

// lockFile refuses: without a lock two processes could write one history, so such a
// system keeps its history in memory.
func lockFile(*os.File) error { return errors.ErrUnsupported }
