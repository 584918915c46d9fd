package main

import "os"

// sizeChanges never announces anything: a console has no signal for it, and the target
// has no terminal of its own there.
func sizeChanges() (changed <-chan os.Signal, stop func()) { return nil, func() {} }
