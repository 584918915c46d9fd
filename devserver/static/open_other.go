//go:build !unix

package static

// dontWait is nothing here: there are no named pipes in directories.
const dontWait = 0
