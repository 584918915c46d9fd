package runtime

// pastedevTicks is cputicks, except that it does not wait for the instructions before
// it: it takes half of the time, and two of them are most of what a recorded call costs.
//
//go:noescape
func pastedevTicks() int64
